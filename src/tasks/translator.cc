#include "tasks/translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/option_json.h"
#include "data/line_reader.h"
#include "tasks/labels.h"
#include "tasks/task_options.h"
#include "tasks/text_input.h"
#include "tasks/translation_output.h"

namespace recur {

using nlohmann::json;

namespace {

constexpr std::uint32_t kDecoderNoise = 1U << 28, kSampling = (1U << 29) + 1;  // streams of random numbers

RecurrentOptions decoder_network(const TranslateOptions& o) {
  RecurrentOptions network = o.network;
  network.bidirectional = false;
  network.learned_state = false;  // it starts from what the encoder has read
  return network;
}

// As Translator::configuration() writes it; files from before have none.
OutputBound read_bound(const json& configuration) {
  OutputBound bound;
  if (!configuration.contains("output_bound")) return bound;
  constexpr double kMost = 1'000'000;
  const ReadFields read{configuration.at("output_bound")};
  for (const auto& [name, value] : {std::pair("per_token", &bound.per_token), std::pair("more", &bound.more)}) {
    read(name, *value);
    if (!(*value >= 0 && *value <= kMost)) fail("its configuration's output_bound '{}' is {}", name, *value);
  }
  return bound;
}

// source<TAB>target; calls use(index, source, target) for each line that is wanted.
template <class Use>
void for_pairs(const InputFile& file, const ReadOptions& options, const Use& use) {
  LineReader lines(file);
  for (std::uint64_t index = 0; lines.next(); ++index) {
    if (!options.wants(index)) continue;
    const std::size_t tab = std::min(lines.line().find('\t'), lines.line().size());
    if (options.answers && tab == lines.line().size()) {
      lines.fail(fmt::format("expected source<TAB>target, got {}", lines.blank() ? "an empty line" : "no tab"));
    }
    use(lines, lines.line().substr(0, tab), options.answers ? lines.line().substr(tab + 1) : std::string_view());
  }
}

// The line of the file, from 1, that a record was; of records that are all of the file's lines but the empty ones.
std::size_t line_of(const Records& records, std::size_t record) {
  const auto empty = std::ranges::upper_bound(records.empty_before, record) - records.empty_before.begin();
  return record + 1 + static_cast<std::size_t>(empty);
}

// The decoder of a translator as beam search wants it.
class StreamDecoder : public BeamDecoder {
 public:
  explicit StreamDecoder(Decoder::Stream& stream) : stream_(stream) {}
  Step step(std::span<const int> tokens, std::span<const std::size_t> from) override {
    Decoder::Stream::Step result = stream_.step(tokens, from);
    return {result.log_probabilities, std::move(result.alignment)};
  }

 private:
  Decoder::Stream& stream_;
};

}  // namespace

Translator::Translator(const TranslateOptions& options, TextCodec source, TextCodec target, const OutputBound& bound)
    : options_(options), source_codec_(std::move(source)), target_codec_(std::move(target)), bound_(bound) {
  check_options_of(options);
  if (options.label_smoothing > 0 && options.softmax != Softmax::full) {
    fail("--label-smoothing needs --softmax full, it is {}", to_string(options.softmax));
  }
  const EmbeddingOptions embedding{options.embedding, options.embedding_dropout};
  encoder_.emplace(options.network, embedding, static_cast<std::size_t>(source_codec_.size()), parameters_, "encoder.");
  decoder_.emplace(
      DecoderOptions{decoder_network(options),
                     embedding,
                     {options.attention, options.attention_size == 0 ? options.network.hidden : options.attention_size},
                     {options.softmax, {}, options.samples},
                     options.tied},
      encoder_->layers(), static_cast<std::size_t>(target_codec_.size()), parameters_, "decoder.");
}

std::unique_ptr<Translator> Translator::build(const TranslateOptions& options, const InputFile& data,
                                              const ReadOptions& reading) {
  TextCodec::Builder source(options.source), target(options.target);
  bool any = false;
  for_pairs(data, reading, [&](const LineReader&, std::string_view from, std::string_view to) {
    source.add(from);
    target.add(to);
    any = true;
  });
  if (!any) fail("{}: no records; expected lines of source<TAB>target", data.name());
  const TextCodec source_codec = source.build(), target_codec = target.build();
  std::vector<std::pair<std::size_t, std::size_t>> lengths;
  const std::size_t most = reading.length.most;
  for_pairs(data, reading, [&](const LineReader&, std::string_view from, std::string_view to) {
    lengths.emplace_back(std::min(source_codec.encode(from).size(), most),
                         std::min(target_codec.encode(to).size(), most));
  });
  return std::unique_ptr<Translator>(new Translator(options, source_codec, target_codec, OutputBound::of(lengths)));
}

void Translator::start(const TrainingOptions& training) {
  parameters_.allocate();
  parameters_.initialise(training.seed, training.initial_range);
}

std::unique_ptr<Translator> Translator::load(const json& configuration) {
  const ReadFields read{configuration};
  TranslateOptions options;
  read_options_of(options, read.object_at("options"));
  TextCodec source = TextCodec::from_json(read.object_at("source"));
  TextCodec target = TextCodec::from_json(read.object_at("target"));
  if (!source.has_specials() || !target.has_specials()) {
    fail("its configuration has a vocabulary without beginnings and ends");
  }
  return std::unique_ptr<Translator>(
      new Translator(options, std::move(source), std::move(target), read_bound(configuration)));
}

json Translator::configuration() const {
  return {{"options", options_json(options_)},
          {"source", source_codec_.to_json()},
          {"target", target_codec_.to_json()},
          {"output_bound", {{"per_token", bound_.per_token}, {"more", bound_.more}}}};
}

std::vector<std::pair<std::string, std::string>> Translator::description() const {
  return {{"input", describe(source_codec_, options_.embedding)},
          {"output", describe(target_codec_, options_.embedding)},
          {"attention", std::string(to_string(options_.attention))}};
}

std::vector<std::pair<std::string, const RecurrentStack*>> Translator::stacks() const {
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks = {{"encoder", &encoder_->layers()},
                                                                       {"decoder", &decoder_->first_layers()}};
  if (decoder_->upper_layers() != nullptr) stacks.emplace_back("upper", decoder_->upper_layers());
  return stacks;
}

std::unique_ptr<Records> Translator::read(const InputFile& file, const ReadOptions& options) const {
  auto records = std::make_unique<TranslateRecords>();
  records->name = file.name();
  std::vector<int> input, output;
  for_pairs(file, options, [&](const LineReader& lines, std::string_view from, std::string_view to) {
    std::vector<int> source = source_codec_.encode(from);
    if (!options.answers && (source.empty() || is_blank_text(from))) return records->add_empty();
    if (source.empty()) lines.fail("the source is empty; expected source<TAB>target");
    const std::vector<int> target = target_codec_.encode(to);
    if (target.empty() && options.answers) lines.fail("the target is empty; expected source<TAB>target");
    records->unknown += static_cast<std::uint64_t>(std::ranges::count(target, *target_codec_.unknown()));
    const std::size_t length = records->limited(std::max(source.size(), target.size()), options.length);
    if (length == 0) return;
    source.resize(std::min(source.size(), length));
    if (options_.reverse_source) std::ranges::reverse(source);
    const auto kept = std::span(target).first(std::min(target.size(), length));
    input.assign(1, target_codec_.begin());
    input.insert(input.end(), kept.begin(), kept.end());
    output.assign(kept.begin(), kept.end());
    output.push_back(target_codec_.end());
    records->source.add(source);
    records->input.add(input);
    records->target.add(output);
    records->lengths.push_back(static_cast<std::uint32_t>(source.size()));
    records->other_lengths.push_back(static_cast<std::uint32_t>(output.size()));
    if (!options.keep_text) return;
    records->source_text.emplace_back(from);
    records->target_text.emplace_back(to);
  });
  return records;
}

Encoding Translator::encode(Tape& tape, const TranslateRecords& records, std::span<const std::size_t> batch,
                            const NoiseSource& noise) const {
  StepBatch<int>& source = tape.keep(StepBatch<int>(records.source, batch));
  StackState state(encoder_->layers().state_layout(), batch.size());
  StackRun run{noise};
  run.keep_last = true;
  Encoding encoding{encoder_->run(tape, parameters_, source.elements(), source.steps(), state, run), &source.steps()};
  encoder_->layers().penalise(tape, encoding.stack, source.steps(), 1);
  return encoding;
}

Translator::Targets Translator::order_targets(const TranslateRecords& records, std::span<const std::size_t> batch) {
  std::vector<std::size_t> source_of(batch.size()), order;
  std::iota(source_of.begin(), source_of.end(), std::size_t{0});
  std::ranges::stable_sort(source_of, std::greater<>(),
                           [&](std::size_t row) { return records.target[batch[row]].size(); });
  for (const std::size_t row : source_of) order.push_back(batch[row]);
  return {std::move(source_of), {records.input, order}, {records.target, order}};
}

void Translator::sample_inputs(Targets& targets, const Encoding& encoding, Tape& tape, const NoiseSource& noise) const {
  if (sampling_share_ == 0) return;
  const Steps& steps = targets.input.steps();
  Tape::Pause pause(tape);
  NoiseSource silent = noise;
  silent.active = false;
  const std::span<int> inputs = targets.input.elements();
  const Var hidden = decoder_->forward(tape, parameters_, inputs, steps, encoding, targets.source_of, silent);
  const Matrix scores = tape.value(decoder_->output().log_probabilities(tape, parameters_, hidden));
  const Random random = noise.stream(kSampling);
  // What is written at a step is read at the next.
  for (std::size_t t = steps.length(); t-- > 1;) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) {
      const std::size_t to = steps.offset(t) + row, from = steps.offset(t - 1) + row;
      if (static_cast<double>(random.uniform(noise.position() + to)) >= sampling_share_) continue;
      const std::span<const float> of_step(scores.data + from * scores.stride, scores.columns);
      inputs[to] = static_cast<int>(std::ranges::max_element(of_step) - of_step.begin());
    }
  }
}

LossSum Translator::batch_loss(Tape& tape, const TranslateRecords& records, std::span<const std::size_t> batch,
                               const NoiseSource& noise) const {
  const Encoding encoding = encode(tape, records, batch, noise);
  Targets& targets = tape.keep(order_targets(records, batch));
  NoiseSource decoder_noise = noise;
  decoder_noise.first_stream = kDecoderNoise;
  if (tape.recording()) sample_inputs(targets, encoding, tape, decoder_noise);
  const Steps& steps = targets.input.steps();
  const Var hidden =
      decoder_->forward(tape, parameters_, targets.input.elements(), steps, encoding, targets.source_of, decoder_noise);
  CrossEntropy how;
  how.gradient_scale = 1 / static_cast<float>(steps.total());
  how.label_smoothing = options_.label_smoothing;
  return {decoder_->output().loss(tape, parameters_, hidden, targets.target.elements(), how, decoder_noise),
          steps.total()};
}

void Translator::begin_epoch(std::uint64_t epoch) {
  constexpr std::uint64_t kGrowing = 4;  // epochs
  sampling_share_ = static_cast<double>(options_.scheduled_sampling) * static_cast<double>(std::min(epoch, kGrowing)) /
                    static_cast<double>(kGrowing);
}

LossSum Translator::teacher_forced_loss(const TranslateRecords& records) const {
  Tape tape(false);
  LossSum sum;
  for_batches(records, [&](std::span<const std::size_t> batch) {
    tape.rewind();
    sum += batch_loss(tape, records, batch, {Random(0, RandomPurpose::dropout), 0, false});
  });
  return sum;
}

template <class Visit>
void Translator::for_outputs(const TranslateRecords& records, const DecodeOptions& decode, bool keep_attention,
                             const Visit& visit) const {
  constexpr std::size_t kMostScores = std::size_t{1} << 24;  // of all outputs that are followed at once
  check_options_of(decode);
  const auto vocabulary = static_cast<std::size_t>(target_codec_.size());
  const std::size_t beam = std::min(decode.beam, vocabulary - 1);  // the token that outputs begin after is not written
  if (decode.n_best > beam) {
    fail("--n-best: expected a number from 1 to the beam, {}, got {}", beam, decode.n_best);
  }
  BeamOptions options{beam,          decode.n_best, decode.length_penalty, target_codec_.begin(), target_codec_.end(),
                      keep_attention};
  Tape tape(false);
  for_batches(
      records, std::max<std::size_t>(1, kMostScores / (vocabulary * beam)), [&](std::span<const std::size_t> batch) {
        tape.rewind();
        const Encoding encoding = encode(tape, records, batch, {Random(0, RandomPurpose::dropout), 0, false});
        std::vector<std::size_t> most;
        for (const std::size_t record : batch) {
          most.push_back(decode.max_output > 0 ? decode.max_output : bound_.most_tokens(records.source[record].size()));
        }
        Decoder::Stream stream(*decoder_, parameters_, tape, encoding);
        StreamDecoder decoder(stream);
        const auto outputs = beam_search(decoder, most, options);
        for (std::size_t i = 0; i < batch.size(); ++i) visit(batch[i], outputs[i]);
      });
}

RecordsScore Translator::validate(const TranslateRecords& records) const {
  if (options_.measure == TranslationMeasure::loss) return {teacher_forced_loss(records), {}, {}};
  RecordsScore score = this->score(records, {.beam = 1});
  const bool bleu = options_.measure == TranslationMeasure::bleu;
  score.measure = Measure{bleu ? "bleu" : "exact", score.metrics[bleu ? "bleu" : "exact"]};
  return score;
}

RecordsScore Translator::score(const TranslateRecords& records, const DecodeOptions& decode) const {
  TranslationScore translation(target_codec_, records.source_text, records.target_text);
  std::size_t cut = 0;
  for_outputs(records, decode, false, [&](std::size_t record, std::span<const Hypothesis> outputs) {
    if (!outputs.front().ended) ++cut;
    translation.add(record, text_of(outputs.front(), records, record));
  });
  RecordsScore score{teacher_forced_loss(records), {}, translation.metrics()};
  score.metrics["nats_per_token"] = score.loss.mean();
  score.metrics["perplexity"] = std::exp(score.loss.mean());
  if (records.unknown > 0) score.metrics["unknown"] = records.unknown;
  if (cut > 0) score.metrics["cut_outputs"] = cut;
  return score;
}

std::string Translator::text_of(const Hypothesis& hypothesis, const TranslateRecords& records,
                                std::size_t record) const {
  const bool copies = options_.copy_unknown && !hypothesis.most_seen.empty();
  return output_text(hypothesis, target_codec_, copies ? source_pieces(records, record) : std::vector<std::string>());
}

std::vector<std::string> Translator::source_pieces(const TranslateRecords& records, std::size_t record) const {
  std::vector<std::string> pieces = source_codec_.pieces(records.source_text[record]);
  pieces.resize(records.source[record].size());
  if (options_.reverse_source) std::ranges::reverse(pieces);
  return pieces;
}

std::size_t Translator::write_predictions(const TranslateRecords& records, const PredictOptions& options,
                                          const WriteText& write) const {
  std::vector<std::string> lines(records.size());
  std::vector<Alignment> alignments(options.alignment ? records.size() : 0);
  std::size_t cut = 0;
  if (options.alignment && !decoder_->looks()) fail("--alignments: this model was trained without --attention");
  for_outputs(records, options.decode, options.alignment != nullptr,
              [&](std::size_t record, std::span<const Hypothesis> outputs) {
                for (const Hypothesis& output : outputs) {
                  if (!output.ended) ++cut;
                  if (options.decode.n_best > 1) lines[record] += fmt::format("{}\t", line_of(records, record));
                  if (options.decode.scores || options.decode.n_best > 1)
                    lines[record] += fmt::format("{:.6f}\t", output.score);
                  lines[record] += text_of(output, records, record) + "\n";
                }
                if (options.alignment) {
                  alignments[record] = alignment_of(outputs.front(), target_codec_, source_pieces(records, record),
                                                    options_.reverse_source);
                }
              });
  write_in_order(records, lines, write);
  for (const Alignment& alignment : alignments) options.alignment(alignment);
  return cut;
}

}  // namespace recur
