// What a decoder makes of a source: outputs that are searched for or drawn, and how probable given ones are; alone, or
// several decoders as one.
#include <algorithm>

#include "base/content_hash.h"
#include "base/error.h"
#include "base/show.h"
#include "nn/beam_search.h"
#include "nn/force_outputs.h"
#include "nn/heads/heads.h"
#include "nn/heads/output_text.h"
#include "nn/sample_outputs.h"

namespace recur {
namespace {

// A decoder as a search wants it.
class StreamDecoder : public BeamDecoder {
 public:
  StreamDecoder(const Voice& voice, const CopySources* copies)
      : stream_(dynamic_cast<const DecoderHead&>(voice.head).decoder(), voice.run.parameters, voice.run.tape,
                voice.encoded, copies) {}
  Step step(std::span<const int> tokens, std::span<const std::size_t> from) override {
    Decoder::Stream::Step result = stream_.step(tokens, from);
    return {result.log_probabilities, std::move(result.tokens), std::move(result.alignment)};
  }

 private:
  Decoder::Stream stream_;
};

// Of each record of a batch, by what is read of it: what is drawn depends neither on the batch nor on the other
// records.
std::vector<Noise> noise_of(const Batch& batch, std::size_t target, std::uint64_t seed) {
  std::vector<Noise> noise;
  for (const std::size_t record : batch.records) {
    ContentHash hash;
    const auto add = [&](const auto& values) {
      hash.add({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    };
    for (std::size_t field = 0; field < batch.fields.size(); ++field) {
      if (field == target) continue;
      const Column& column = *batch.fields[field].column;
      if (column.ids.size() > 0) add(column.ids[record]);
      if (column.numbers.size() > 0) add(column.numbers[record]);
    }
    noise.push_back(Noise(seed, hash.value()).child("sample"));
  }
  return noise;
}

}  // namespace

void DecoderHead::check(const PredictOptions& options) const {
  const DecodeOptions& decode = options.decode;
  if (!decode.sample) check_n_best(decode, beam(decode));
  if (decode.max_output > 0 && decode.min_output >= decode.max_output) {
    fail("--min-output: expected less than --max-output, {}, which counts the end, too; got {}", decode.max_output,
         decode.min_output);
  }
  if (options.alignments && !decoder_->looks()) fail("--alignments: this model was trained without --attention");
  if (decode.coverage_penalty > 0 && !decoder_->looks()) {
    fail("--coverage-penalty: this model was trained without --attention");
  }
  if (decode.sample && (decode.coverage_penalty > 0 || !decode.contain.empty())) {
    fail("--sample: outputs are drawn, not searched for; leave out --{}",
         decode.contain.empty() ? "coverage-penalty" : "contain");
  }
  const std::size_t wanted = wanted_runs(decode).total();
  if (decode.max_output > 0 && wanted >= decode.max_output) {
    fail("--contain: expected less tokens than --max-output, {}, which counts the end, too; got {}", decode.max_output,
         wanted);
  }
}

WantedRuns DecoderHead::wanted_runs(const DecodeOptions& decode) const {
  const TextCodec& codec = target_.codec();
  std::vector<std::vector<int>> runs;
  for (const std::string& text : decode.contain) {
    const std::vector<int>& run = runs.emplace_back(codec.encode(text));
    if (run.empty()) fail("--contain: expected a word or several, got {}", quote(text));
    if (std::ranges::find(run, codec.unknown()) != run.end()) {
      fail("--contain: {} has a {} that the model does not know", quote(text), to_string(codec.kind()));
    }
  }
  return WantedRuns(std::move(runs));
}

std::size_t DecoderHead::followed(const PredictOptions& options) const {
  if (options.score) return 1;
  const DecodeOptions& decode = options.decode;
  return decode.sample ? decode.n_best : beam(decode) * (wanted_runs(decode).total() + 1);
}

std::size_t DecoderHead::most_records(const PredictOptions& options) const {
  constexpr std::size_t kMostScores = std::size_t{1} << 24;  // of all outputs that are followed at once
  const std::size_t tokens = target_.vocabulary() + (copies_ ? options.max_length : 0);
  return std::max<std::size_t>(1, kMostScores / (tokens * followed(options)));
}

BeamOptions DecoderHead::search_options(const PredictOptions& options) const {
  const DecodeOptions& decode = options.decode;
  const TextCodec& codec = target_.codec();
  BeamOptions o{beam(decode), decode.n_best,      decode.length_penalty, codec.begin(),
                codec.end(),  options.alignments, decode.min_output,     decode.no_repeat};
  o.coverage_penalty = decode.coverage_penalty;
  o.contain = wanted_runs(decode);
  return o;
}

std::vector<std::size_t> DecoderHead::most_tokens(const Batch& batch, const DecodeOptions& decode,
                                                  std::size_t wanted) const {
  const std::size_t least = std::max(decode.min_output, wanted) + 1;
  std::vector<std::size_t> most;
  for (const std::size_t length : batch.lengths) {
    const std::size_t bound = std::max(bound_.most_tokens(length), least);
    most.push_back(decode.max_output > 0 ? decode.max_output : bound);
  }
  return most;
}

CopyFinder::Sources DecoderHead::copy_sources(const Batch& batch) const {
  return copies_ ? copies_->sources(batch, batch.fields[source_field_]) : CopyFinder::Sources();
}

JointDecoder DecoderHead::join(std::span<const Voice> voices, const CopyFinder::Sources& found) const {
  std::vector<std::unique_ptr<BeamDecoder>> members;
  for (const Voice& voice : voices) {
    members.push_back(std::make_unique<StreamDecoder>(voice, copies_ ? &found.tokens : nullptr));
  }
  return JointDecoder(std::move(members));
}

void DecoderHead::predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& options,
                                   std::span<Prediction> predictions) const {
  const CopyFinder::Sources found = copy_sources(batch);
  JointDecoder decoder = join(voices, found);
  if (options.score) return score(decoder, found, batch, options.tokens, predictions);
  const Encoding& encoded = voices.front().encoded;
  tell(find_outputs(decoder, batch, options), found, encoded, batch, options.alignments, predictions);
}

std::vector<std::vector<Hypothesis>> DecoderHead::find_outputs(JointDecoder& decoder, const Batch& batch,
                                                               const PredictOptions& options) const {
  const BeamOptions how = search_options(options);
  const std::vector<std::size_t> most = most_tokens(batch, options.decode, how.contain.total());
  if (!options.decode.sample) return beam_search(decoder, most, how);
  return sample_outputs(decoder, most, how, options.decode.sampling, noise_of(batch, field_, options.seed));
}

void DecoderHead::tell(std::span<const std::vector<Hypothesis>> outputs, const CopyFinder::Sources& found,
                       const Encoding& encoded, const Batch& batch, bool alignments,
                       std::span<Prediction> predictions) const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    TextPrediction& prediction = predictions[i].emplace<TextPrediction>();
    OutputPieces written{target_.codec()};
    if (copies_) written.others = found.others[i];
    const bool copies = source_ != nullptr && spec_.copy_unknown && !outputs[i].front().most_seen.empty();
    std::vector<std::string> pieces;
    if (copies || alignments) pieces = source_pieces(batch, i, encoded.steps->length_of(i));
    const std::span<const std::string> copied =
        copies ? std::span<const std::string>(pieces) : std::span<const std::string>();
    for (const Hypothesis& output : outputs[i]) {
      prediction.outputs.push_back(
          {output_text(output, written, copied), output.score, output.ended && output.has_all});
    }
    if (alignments) {
      prediction.alignment =
          alignment_of(outputs[i].front(), written, std::move(pieces), source_ != nullptr && source_->reversed());
    }
  }
}

std::vector<std::vector<int>> DecoderHead::targets(const Batch& batch, const CopyFinder::Sources& found) const {
  const Column& column = *batch.fields[field_].column;
  std::vector<std::vector<int>> targets;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::span<const int> ids = column.ids[batch.records[i]].subspan(1);  // the first is the mark it begins after
    std::vector<int>& target = targets.emplace_back(ids.begin(), ids.end());
    if (!copies_) continue;
    const std::span<const std::uint64_t> keys = column.keys[batch.records[i]].subspan(1);
    for (std::size_t j = 0; j < found.others[i].size(); ++j) {
      const std::uint64_t key = key_of(found.others[i][j]);
      for (std::size_t t = 0; t < target.size(); ++t) {
        if (keys[t] == key) target[t] = target_.codec().size() + static_cast<int>(j);
      }
    }
  }
  return targets;
}

void DecoderHead::score(JointDecoder& decoder, const CopyFinder::Sources& found, const Batch& batch, bool tokens,
                        std::span<Prediction> predictions) const {
  const TextCodec& codec = target_.codec();
  const std::vector<std::vector<int>> wanted = targets(batch, found);
  const std::vector<std::vector<double>> scores = force_outputs(decoder, wanted, codec.begin());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    TextScore& score = predictions[i].emplace<TextScore>();
    OutputPieces written{codec};
    if (copies_) written.others = found.others[i];
    score.tokens = wanted[i].size();
    for (std::size_t t = 0; t < wanted[i].size(); ++t) {
      score.nats -= scores[i][t];
      score.unknown += wanted[i][t] == codec.unknown() ? 1 : 0;
      if (tokens) score.of.push_back({written.piece(wanted[i][t]), -scores[i][t]});
    }
  }
}

LossSum DecoderHead::loss_together(std::span<const Voice> voices, const Batch& batch) const {
  const CopyFinder::Sources found = copy_sources(batch);
  JointDecoder decoder = join(voices, found);
  LossSum sum;
  for (const std::vector<double>& target : force_outputs(decoder, targets(batch, found), target_.codec().begin())) {
    for (const double log_probability : target) sum.nats -= log_probability;
    sum.predictions += target.size();
  }
  return sum;
}

std::vector<std::string> DecoderHead::source_pieces(const Batch& batch, std::size_t row, std::size_t length) const {
  if (source_ != nullptr) return source_->pieces(*batch.fields[source_field_].column, batch.records[row]);
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < length; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

}  // namespace recur
