#include "tasks/language_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/finite.h"

namespace recur {
namespace {

constexpr std::size_t kEvaluationSteps = 200;  // steps of one window of evaluation; only memory depends on it

// As many streams for validation as for training, or fewer when the text is short.
std::size_t validation_streams(const CorpusRange& range, std::size_t batch) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>((range.last - range.first) / 2, 1, batch));
}

}  // namespace

LanguageNetwork::LanguageNetwork(const LanguageModelOptions& options, Tokenizer tokenizer)
    : options_(options), tokenizer_(std::move(tokenizer)) {
  if (options.bidirectional) fail("a language model cannot run backwards too: it would see what it is to predict");
  const std::size_t vocabulary = vocabulary_size();
  stack_.emplace(options, EmbeddingOptions{options.embedding, options.embedding_dropout}, vocabulary, parameters_, "");
  const std::size_t width = stack().output_width();
  if (options.tied && options.embedding != width) {
    fail("--tied needs an embedding as wide as the output: --embedding {} (it is {})", width, options.embedding);
  }
  if (options.softmax == Softmax::adaptive) fail("--softmax: a language model knows full and sampled, not adaptive");
  output_.emplace(OutputOptions{options.softmax, {}, options.samples}, width, vocabulary, parameters_, "output.",
                  options.tied ? embedding() : std::nullopt);
}

double LanguageNetwork::loss(Tape& tape, std::span<const int> inputs, std::span<const int> targets, const Steps& steps,
                             StackState& state, const NoiseSource& noise, float gradient_scale) const {
  const StackResult result = stack_->run(tape, parameters_, inputs, steps, state, {noise});
  stack().penalise(tape, result, steps, gradient_scale * static_cast<float>(targets.size()));
  return output_->loss(tape, parameters_, result.output, targets, {gradient_scale}, noise);
}

LanguageModelTask::LanguageModelTask(LanguageNetwork& model, const CorpusRange& training, const CorpusRange& validation,
                                     std::size_t batch, std::size_t unroll, std::uint64_t seed)
    : model_(model),
      batch_(batch),
      dropout_random_(seed, RandomPurpose::dropout),
      training_(*training.corpus, training.first, training.last, batch, unroll),
      validation_(*validation.corpus, validation.first, validation.last, validation_streams(validation, batch), unroll),
      validation_batch_(validation_streams(validation, batch)),
      state_(model.stack().state_layout(), batch),
      inputs_(batch * unroll),
      targets_(batch * unroll),
      whole_(Steps::rectangle(batch, unroll)) {}

void LanguageModelTask::begin_epoch(std::uint64_t /*epoch*/) {
  training_.rewind();
  state_.clear();
}

const Steps& LanguageModelTask::steps_of(std::size_t batch, std::size_t length) {
  if (batch == whole_.batch() && length == whole_.length()) return whole_;
  if (batch != part_.batch() || length != part_.length()) part_ = Steps::rectangle(batch, length);
  return part_;
}

LossSum LanguageModelTask::train_batch(std::uint64_t step) {
  std::size_t length = 0;
  if (!training_.next(inputs_, targets_, length)) fail("training went past the end of an epoch");
  const std::size_t count = batch_ * length;
  tape_.rewind();
  const double nats =
      model_.loss(tape_, std::span(inputs_).first(count), std::span(targets_).first(count), steps_of(batch_, length),
                  state_, {dropout_random_, step}, 1 / static_cast<float>(batch_));
  tape_.backward();
  return {nats, count};
}

Validation LanguageModelTask::validate(const Enough& enough) {
  validation_.rewind();
  StackState state(model_.stack().state_layout(), validation_batch_);
  Tape tape(false);
  LossSum sum;
  std::size_t length = 0;
  while (validation_.next(inputs_, targets_, length)) {
    const std::size_t count = validation_batch_ * length;
    tape.rewind();
    sum += {model_.loss(tape, std::span(inputs_).first(count), std::span(targets_).first(count),
                        steps_of(validation_batch_, length), state, {dropout_random_, 0}, 1.0F),
            count};
    if (enough && enough()) break;
  }
  return {sum, {}, static_cast<double>(sum.predictions) / static_cast<double>(validation_.targets())};
}

LossSum evaluate(const LanguageNetwork& model, const Corpus& corpus) {
  StreamBatches batches(corpus, 0, corpus.size(), 1, kEvaluationSteps);
  StackState state(model.stack().state_layout(), 1);
  Tape tape(false);
  std::vector<int> inputs(kEvaluationSteps), targets(kEvaluationSteps);
  LossSum sum;
  std::size_t length = 0;
  while (batches.next(inputs, targets, length)) {
    tape.rewind();
    const Steps steps = Steps::rectangle(1, length);
    sum += {model.loss(tape, std::span(inputs).first(length), std::span(targets).first(length), steps, state,
                       {Random(0, RandomPurpose::dropout), 0}, 1.0F),
            length};
    check_result(sum.nats, "the loss");
  }
  return sum;
}

}  // namespace recur
