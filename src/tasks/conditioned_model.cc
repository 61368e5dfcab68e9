#include "tasks/conditioned_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "autograd/arrange.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/json_fields.h"
#include "base/option_json.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "nn/embedded_stack.h"
#include "tasks/labels.h"
#include "tasks/task_options.h"
#include "tasks/text_input.h"

namespace recur {

using nlohmann::json;

namespace {

const NoiseSource kSilence{Random(0, RandomPurpose::dropout), 0, false};

void check_options(const ConditionedOptions& o) {
  if (o.network.bidirectional) fail("a language model cannot run backwards too: it would see what it is to predict");
  if (o.network.learned_state) {
    fail("--learned-state: the label makes the states before the first step; leave it out");
  }
  if (o.feed_condition && o.embedding == 0) {
    fail("--feed-condition: a one-hot input has no place for the label; give --embedding N");
  }
}

}  // namespace

ConditionedModel::ConditionedModel(const ConditionedOptions& options, TextCodec codec, std::vector<std::string> labels)
    : options_(options), codec_(std::move(codec)), labels_(std::move(labels)) {
  check_options_of(options);
  check_options(options);
  const EmbeddingOptions embedding{options.embedding, options.embedding_dropout};
  check_embedding(embedding);
  const auto vocabulary = static_cast<std::size_t>(codec_.size());
  label_embedding_ =
      parameters_.declare("label.weight", labels_.size(), options.condition_size, InitialValues::within(1));
  const bool one_hot = embedding.width == 0;
  if (!one_hot) {
    embedding_ = parameters_.declare("embedding.weight", vocabulary, embedding.width, InitialValues::within(0.1F));
  }
  const std::size_t width = embedding.width + (options.feed_condition ? options.condition_size : 0);
  layers_.emplace(options.network, one_hot ? vocabulary : width, one_hot, parameters_, "rnn.");
  starts_.emplace(*layers_, options.condition_size, parameters_, "");
  output_.emplace(OutputOptions{}, layers_->output_width(), vocabulary, parameters_, "output.");
}

std::unique_ptr<ConditionedModel> ConditionedModel::build(const ConditionedOptions& options, const InputFile& data,
                                                          const ReadOptions& reading) {
  TextCodec::Builder text(options.text);
  std::set<std::string, std::less<>> labels;
  SwappedColumns swapped;
  LineReader lines(data);
  for (std::uint64_t index = 0; lines.next(); ++index) {
    if (!reading.wants(index)) continue;
    const LabelledLine line = split_label(lines.line());
    const std::string_view label = checked_label(lines, line);
    if (!labels.contains(label)) labels.emplace(label);
    text.add(line.text);
    swapped.add(line.text);
  }
  if (labels.empty()) fail("{}: no records; expected lines of label<TAB>text", data.name());
  if (labels.size() < 2) {
    fail("{}: all records have the label {}; expected at least two labels, or leave --conditioned out", data.name(),
         quote(*labels.begin()));
  }
  swapped.check(data, labels.size(), "label<TAB>text");
  return std::unique_ptr<ConditionedModel>(new ConditionedModel(options, text.build(), {labels.begin(), labels.end()}));
}

void ConditionedModel::start(const TrainingOptions& training) {
  parameters_.allocate();
  parameters_.initialise(training.seed, training.initial_range);
}

std::unique_ptr<ConditionedModel> ConditionedModel::load(const json& configuration) {
  const ReadFields read{configuration};
  ConditionedOptions options;
  read_options_of(options, read.object_at("options"));
  std::vector<std::string> labels = read_labels(read, "labels");
  TextCodec codec = TextCodec::from_json(read.object_at("text"));
  if (!codec.has_specials()) fail("its configuration has a vocabulary without beginnings and ends");
  return std::unique_ptr<ConditionedModel>(new ConditionedModel(options, std::move(codec), std::move(labels)));
}

json ConditionedModel::configuration() const {
  return {{"options", options_json(options_)}, {"text", codec_.to_json()}, {"labels", labels_}};
}

std::vector<std::pair<std::string, std::string>> ConditionedModel::description() const {
  return {{"input", describe(codec_, options_.embedding)},
          {"condition", fmt::format("embedding {}, in the first states{}", options_.condition_size,
                                    options_.feed_condition ? " and beside every input" : "")},
          {"labels", fmt::format("{}: {}", labels_.size(), list_labels(labels_))}};
}

std::unique_ptr<Records> ConditionedModel::read(const InputFile& file, const ReadOptions& options) const {
  auto records = std::make_unique<ConditionedRecords>();
  records->name = file.name();
  LineReader lines(file);
  const Vocabulary known_labels(labels_);
  std::vector<int> sequence;
  for (std::uint64_t index = 0; lines.next(); ++index) {
    if (!options.wants(index)) continue;
    if (!options.answers && lines.blank()) {
      records->add_empty();
      continue;
    }
    const LabelledLine line = split_label(lines.line());
    const int label = known_label(lines, known_labels, checked_label(lines, line));
    const std::vector<int> tokens = codec_.encode(line.text);
    if (!options.answers && tokens.empty()) {
      records->add_empty();
      continue;
    }
    if (tokens.empty()) lines.fail("the text is empty; expected label<TAB>text");
    const std::size_t length = records->limited(tokens.size(), options.length);
    if (length == 0) continue;
    const auto kept = std::span(tokens).first(length);
    sequence.assign(1, codec_.begin());
    sequence.insert(sequence.end(), kept.begin(), kept.end());
    if (length == tokens.size() && !lines.cut()) sequence.push_back(codec_.end());
    const auto predicted = std::span<const int>(sequence).subspan(1);
    records->labels.push_back(label);
    records->input.add(std::span<const int>(sequence).first(predicted.size()));
    records->target.add(predicted);
    records->lengths.push_back(static_cast<std::uint32_t>(predicted.size()));
    records->unknown += static_cast<std::uint64_t>(std::ranges::count(kept, *codec_.unknown()));
  }
  return records;
}

void ConditionedModel::begin_text(int label, StackState& state) const {
  Tape tape(false);
  const std::vector<int> labels = {label};
  const Var embedded = recur::embedding(tape, parameters_[label_embedding_], labels, 0, kSilence, 0);
  layers_->start(parameters_, state);
  std::size_t next = 0;
  for (const Var first : starts_->of(tape, parameters_, embedded)) {
    const std::size_t states = layers_->cell().states;
    std::copy_n(tape.value(first).data, tape.value(first).columns, state.of(next / states, next % states).begin());
    ++next;
  }
}

std::span<const float> ConditionedModel::fed(int label) const {
  if (!options_.feed_condition) return {};
  const std::size_t width = options_.condition_size;
  return {parameters_.value(label_embedding_) + static_cast<std::size_t>(label) * width, width};
}

ConditionedModel::Batch::Batch(const ConditionedRecords& records, std::span<const std::size_t> batch)
    : input(records.input, batch), target(records.target, batch) {
  for (const std::size_t record : batch) labels.push_back(records.labels[record]);
  const Steps& steps = input.steps();
  for (std::size_t t = 0; t < steps.length(); ++t) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) rows.push_back(row);
  }
}

Var ConditionedModel::hidden(Tape& tape, Batch& batch, const NoiseSource& noise) const {
  const Steps& steps = batch.input.steps();
  const Var labels = recur::embedding(tape, parameters_[label_embedding_], batch.labels, 0, noise, 0);
  const std::vector<Var> first = starts_->of(tape, parameters_, labels);
  StackState state(layers_->state_layout(), steps.batch());
  StackRun run{noise};
  run.initial = &first;
  StackResult result;
  if (embedding_) {
    Var x = embed(tape, parameters_[*embedding_], batch.input.elements(), steps, options_.embedding_dropout,
                  options_.network, noise);
    if (options_.feed_condition) x = side_by_side(tape, x, select_rows(tape, labels, batch.rows));
    result = layers_->forward(tape, parameters_, x, steps, state, run);
  } else {
    result = layers_->forward(tape, parameters_, batch.input.elements(), steps, state, run);
  }
  layers_->penalise(tape, result, steps, 1);
  return result.output;
}

LossSum ConditionedModel::batch_loss(Tape& tape, const ConditionedRecords& records, std::span<const std::size_t> batch,
                                     const NoiseSource& noise) const {
  Batch& all = tape.keep(Batch(records, batch));
  const Var x = hidden(tape, all, noise);
  const std::size_t total = all.input.steps().total();
  return {output_->loss(tape, parameters_, x, all.target.elements(), {1 / static_cast<float>(total)}, noise), total};
}

RecordsScore ConditionedModel::score(const ConditionedRecords& records, const DecodeOptions& /*decode*/) const {
  Tape tape(false);
  RecordsScore score;
  for_batches(records, [&](std::span<const std::size_t> batch) {
    tape.rewind();
    score.loss += batch_loss(tape, records, batch, kSilence);
  });
  const double nats = score.loss.mean();
  score.metrics = {{"records", records.size()},
                   {"tokens", score.loss.predictions},
                   {"nats_per_token", nats},
                   {"bits_per_token", nats / std::log(2.0)},
                   {"perplexity", std::exp(nats)}};
  if (records.unknown > 0) score.metrics["unknown"] = records.unknown;
  return score;
}

void ConditionedModel::add_losses(const Matrix& x, Batch& batch, std::span<double> sums) const {
  constexpr std::size_t kMostScores = std::size_t{1} << 22;  // in memory at once
  const std::size_t most = std::max<std::size_t>(1, kMostScores / output_->vocabulary());
  const std::span<const int> targets = batch.target.elements();
  Tape slice(false);
  for (std::size_t first = 0; first < x.rows; first += most) {
    slice.rewind();
    const Var rows = slice.add(x.data + first * x.stride, std::min(most, x.rows - first), x.columns);
    const Matrix scores = slice.value(output_->log_probabilities(slice, parameters_, rows));
    for (std::size_t i = 0; i < scores.rows; ++i) {
      const float score = scores.data[i * scores.stride + static_cast<std::size_t>(targets[first + i])];
      sums[batch.rows[first + i]] -= static_cast<double>(score);
    }
  }
}

std::size_t ConditionedModel::write_predictions(const ConditionedRecords& records, const PredictOptions& /*options*/,
                                                const WriteText& write) const {
  std::vector<std::string> lines(records.size());
  Tape tape(false);
  for_batches(records, [&](std::span<const std::size_t> batch) {
    tape.rewind();
    Batch& all = tape.keep(Batch(records, batch));
    const Matrix x = tape.value(hidden(tape, all, kSilence));
    std::vector<double> nats(batch.size());
    add_losses(x, all, nats);
    for (std::size_t row = 0; row < batch.size(); ++row) {
      check_result(nats[row], "the loss of a text");
      lines[batch[row]] = fmt::format("{:.6f}\t{}\n", nats[row], records.target[batch[row]].size());
    }
  });
  write_in_order(records, lines, write);
  return 0;
}

}  // namespace recur
