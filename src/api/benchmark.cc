#include "recur/benchmark.h"

#include <string>

#include "api/recurrent_benchmark.h"
#include "api/repeat.h"
#include "base/error.h"
#include "base/philox.h"
#include "tasks/language_model.h"
#include "train/optimizer.h"

namespace recur {
namespace {

Vocabulary words(std::size_t count) {
  std::vector<std::string> tokens = {std::string(kEndOfLineToken)};
  while (tokens.size() < count) tokens.push_back(fmt::format("w{}", tokens.size()));
  return Vocabulary(std::move(tokens));
}

}  // namespace

std::vector<double> time_language_model_steps(const LanguageModelOptions& options, std::size_t vocabulary,
                                              const TrainingOptions& training, double seconds) {
  if (vocabulary < 1 || training.batch < 1 || training.unroll < 1) {
    fail("a benchmark needs a vocabulary, a batch and an unroll of at least 1, got {}, {} and {}", vocabulary,
         training.batch, training.unroll);
  }
  LanguageNetwork network(options, Tokenizer(TokenizerKind::word, words(vocabulary)));
  Parameters& parameters = network.parameters();
  parameters.allocate();
  parameters.initialise(training.seed, training.initial_range);
  Optimizer optimizer(training.optimizer, parameters.count());
  const Random dropout(training.seed, RandomPurpose::dropout);
  const Steps steps = Steps::rectangle(training.batch, training.unroll);
  const std::size_t tokens = training.batch * training.unroll;
  std::vector<int> inputs(tokens), targets(tokens);
  const Random random(training.seed, RandomPurpose::sample);
  for (std::size_t i = 0; i < tokens; ++i) {
    inputs[i] = static_cast<int>(random.uniform64(2 * i) * static_cast<double>(vocabulary));
    targets[i] = static_cast<int>(random.uniform64(2 * i + 1) * static_cast<double>(vocabulary));
  }
  StackState state(network.stack().state_layout(), training.batch);
  Tape tape;
  std::uint64_t step = 0;
  const auto run_step = [&] {
    tape.rewind();
    network.loss(tape, inputs, targets, steps, state, {dropout, step++}, 1 / static_cast<float>(training.batch));
    tape.backward();
    optimizer.step(parameters.values(), parameters.gradients(), training.schedule.learning_rate, training.clipping);
  };
  return repeat(seconds, [&] { return seconds_of(run_step); });
}

double product_operations(const LanguageModelOptions& options, std::size_t vocabulary) {
  const LanguageNetwork network(options, Tokenizer(TokenizerKind::word, words(vocabulary)));
  const std::size_t products = weights_multiplied(network.stack()) + network.stack().output_width() * vocabulary;
  return 6 * static_cast<double>(products);
}

}  // namespace recur
