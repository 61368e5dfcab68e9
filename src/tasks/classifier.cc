#include "tasks/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/finite.h"
#include "kernels/softmax.h"
#include "tasks/classifier_data.h"
#include "tasks/labels.h"
#include "tasks/text_input.h"

namespace recur {

using nlohmann::json;

namespace {

constexpr std::size_t kMostInMatrix = 1000;  // labels, of which each pair is counted in what eval prints

}  // namespace

Classifier::Classifier(const ClassifyOptions& options, Input input, std::vector<std::string> labels,
                       std::vector<float> class_weights)
    : options_(options),
      input_(std::move(input)),
      labels_(std::move(labels)),
      class_weights_(std::move(class_weights)) {
  if (input_.codec) {
    const auto vocabulary = static_cast<std::size_t>(input_.codec->size());
    embedded_.emplace(options_.network, EmbeddingOptions{options_.embedding, options_.embedding_dropout}, vocabulary,
                      parameters_, "");
  } else {
    plain_.emplace(options_.network, input_.width(), false, parameters_, "rnn.");
  }
  first_head_ = parameters_.declarations().size();
  const std::size_t width = layers().output_width();
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(width)));
  if (options_.pooling == Pooling::attention) {
    attention_weight_ = parameters_.declare("attention.weight", width, width, start);
    attention_bias_ = parameters_.declare("attention.bias", 0, width, start);
    attention_vector_ = parameters_.declare("attention.vector", 1, width, start);
    attention_shift_ = parameters_.declare("attention.shift", 0, 1, InitialValues::constant(0));
  }
  output_weight_ = parameters_.declare("output.weight", labels_.size(), width, start);
  output_bias_ = parameters_.declare("output.bias", 0, labels_.size(), start);
}

std::unique_ptr<Classifier> Classifier::build(ClassifyOptions options, const InputFile& data,
                                              const ReadOptions& reading, const LanguageNetwork* pretrained) {
  ClassifySurvey survey = survey_records(options, data, reading, pretrained);
  if (pretrained != nullptr) {
    const RecurrentOptions given = options.network;
    RecurrentOptions& o = options.network;
    o = pretrained->options();
    o.dropout = given.dropout;
    o.variational = given.variational;
    o.state_dropout = given.state_dropout;
    o.weight_drop = given.weight_drop;
    o.zoneout = given.zoneout;
    o.zoneout_cell = given.zoneout_cell;
    o.activation_penalty = given.activation_penalty;
    o.temporal_penalty = given.temporal_penalty;
    options.embedding = pretrained->options().embedding;
  }
  std::vector<float> weights = label_weights(options.class_weights, survey.labels, survey.counts);
  return std::unique_ptr<Classifier>(
      new Classifier(options, std::move(survey.input), std::move(survey.labels), std::move(weights)));
}

void Classifier::start(const TrainingOptions& training, const LanguageNetwork* pretrained) {
  parameters_.allocate();
  parameters_.initialise(training.seed, training.initial_range);
  if (pretrained != nullptr) parameters_.copy_from(pretrained->parameters(), first_head_);
  if (!options_.vectors.empty()) {
    vectors_ = load_word_vectors(options_.vectors, *input_.codec, parameters_.matrix(*embedded_->embedding()));
  }
}

std::unique_ptr<Classifier> Classifier::load(const json& configuration) {
  ClassifyConfiguration c = read_classify_configuration(configuration);
  return std::unique_ptr<Classifier>(
      new Classifier(c.options, std::move(c.input), std::move(c.labels), std::move(c.class_weights)));
}

json Classifier::configuration() const {
  return write_classify_configuration({options_, input_, labels_, class_weights_});
}

std::vector<std::pair<std::string, std::string>> Classifier::description() const {
  std::vector<std::pair<std::string, std::string>> lines;
  if (input_.codec) {
    lines.emplace_back("input", describe(*input_.codec, options_.embedding));
  } else {
    lines.emplace_back("input", fmt::format("vectors of {} numbers", input_.width()));
  }
  lines.emplace_back("pooling", to_string(options_.pooling));
  lines.emplace_back("labels", fmt::format("{}: {}", labels_.size(), list_labels(labels_)));
  return lines;
}

std::unique_ptr<Records> Classifier::read(const InputFile& file, const ReadOptions& options) const {
  return read_classify_records(input_, labels_, file, options);
}

std::size_t Classifier::frozen() const {
  return epoch_ < options_.freeze_epochs ? parameters_.declarations()[first_head_].offset : 0;
}

Var Classifier::pool(Tape& tape, Var x, const Steps& steps) const {
  switch (options_.pooling) {
    case Pooling::last:
      return last_output(tape, x, steps, layers().output_width() / layers().directions());
    case Pooling::mean:
      return mean_over_steps(tape, x, steps);
    case Pooling::max:
      return max_over_steps(tape, x, steps);
    case Pooling::attention:
      break;
  }
  const Var view = tanh_of(tape, linear(tape, x, parameters_[attention_weight_], parameters_[attention_bias_]));
  const Var scores = linear(tape, view, parameters_[attention_vector_], parameters_[attention_shift_]);
  return weighted_over_steps(tape, x, scores, steps);
}

Var Classifier::hidden(Tape& tape, const ClassifyRecords& records, std::span<const std::size_t> batch,
                       const NoiseSource& noise) const {
  StackState state(layers().state_layout(), batch.size());
  const StackRun run{noise};
  StackResult result;
  const Steps* steps = nullptr;
  if (embedded_) {
    StepBatch<int>& tokens = tape.keep(StepBatch<int>(records.tokens, batch));
    steps = &tokens.steps();
    result = embedded_->run(tape, parameters_, tokens.elements(), *steps, state, run);
  } else {
    StepBatch<float>& numbers = tape.keep(StepBatch<float>(records.numbers, batch, input_.width()));
    steps = &numbers.steps();
    const Var x = tape.add(numbers.elements().data(), steps->total(), input_.width());
    result = plain_->forward(tape, parameters_, x, *steps, state, run);
  }
  layers().penalise(tape, result, *steps, 1);
  return pool(tape, result.output, *steps);
}

LossSum Classifier::batch_loss(Tape& tape, const ClassifyRecords& records, std::span<const std::size_t> batch,
                               const NoiseSource& noise) const {
  const Var x = hidden(tape, records, batch, noise);
  std::vector<int>& targets = tape.keep(std::vector<int>());
  for (const std::size_t record : batch) targets.push_back(records.labels[record]);
  CrossEntropy how;
  how.gradient_scale = 1 / static_cast<float>(batch.size());
  how.class_weights = class_weights_;
  return {linear_cross_entropy(tape, x, parameters_[output_weight_], parameters_[output_bias_], targets, how),
          batch.size()};
}

template <class Visit>
void Classifier::for_logits(const ClassifyRecords& records, const Visit& visit) const {
  Tape tape(false);
  for_batches(records, [&](std::span<const std::size_t> batch) {
    tape.rewind();
    const Var x = hidden(tape, records, batch, {Random(0, RandomPurpose::dropout), 0, false});
    const Var y = linear(tape, x, parameters_[output_weight_], parameters_[output_bias_]);
    const Matrix logits = tape.value(y);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::span<float> row(logits.data + i * logits.stride, logits.columns);
      check_results(row, "the score of a label");
      visit(batch[i], row);
    }
  });
}

RecordsScore Classifier::score(const ClassifyRecords& records, const DecodeOptions& /*decode*/) const {
  ConfusionMatrix confusion(labels_.size());
  RecordsScore score;
  for_logits(records, [&](std::size_t record, std::span<float> logits) {
    const int label = records.labels[record];
    const auto best = std::ranges::max_element(logits) - logits.begin();
    confusion.add(label, static_cast<int>(best));
    score.loss += {softmax_cross_entropy(logits, label, 1), 1};
  });
  score.measure = Measure{"accuracy", confusion.accuracy()};
  score.metrics = {{"records", records.size()},
                   {"accuracy", confusion.accuracy()},
                   {"macro_f1", confusion.macro_f1()},
                   {"nats_per_record", score.loss.mean()},
                   {"labels", labels_}};
  if (labels_.size() > kMostInMatrix) return score;
  json matrix = json::array();
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    json row = json::array();
    for (std::size_t j = 0; j < labels_.size(); ++j) row.push_back(confusion.count(i, j));
    matrix.push_back(row);
  }
  score.metrics["confusion"] = matrix;
  return score;
}

std::size_t Classifier::write_predictions(const ClassifyRecords& records, const PredictOptions& /*options*/,
                                          const WriteText& write) const {
  std::vector<std::string> lines(records.size());
  for_logits(records, [&](std::size_t record, std::span<float> probabilities) {
    softmax(probabilities);
    std::vector<std::size_t> order(labels_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return probabilities[i]; });
    std::string& line = lines[record];
    line = labels_[order[0]];
    for (const std::size_t i : order) line += fmt::format("\t{}={:.6f}", labels_[i], probabilities[i]);
    line += "\n";
  });
  write_in_order(records, lines, write);
  return 0;
}

}  // namespace recur
