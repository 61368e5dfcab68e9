#include "recur/benchmark.h"

#include <chrono>
#include <string>

#include "base/error.h"
#include "base/philox.h"
#include "tasks/language_model.h"
#include "train/optimizer.h"

namespace recur {
namespace {

constexpr int kWarmUpSteps = 3;
constexpr std::size_t kLeastSteps = 5;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

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
  for (int i = 0; i < kWarmUpSteps; ++i) run_step();
  std::vector<double> times;
  for (const double start = now(); times.size() < kLeastSteps || now() - start < seconds;) {
    const double begin = now();
    run_step();
    times.push_back(now() - begin);
  }
  return times;
}

double product_operations(const LanguageModelOptions& options, std::size_t vocabulary) {
  const LanguageNetwork network(options, Tokenizer(TokenizerKind::word, words(vocabulary)));
  const RecurrentStack& stack = network.stack();
  std::size_t products = stack.output_width() * vocabulary;
  if (options.connection == Connection::highway) {
    products += (stack.layers() - 1) * stack.output_width() * stack.output_width();
  }
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    const LayerShape shape = stack.shape(layer, 0);
    for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
      if (shape.one_hot && shape.cell->weights[w].from_input) continue;
      products += shape.rows_of_weight(w) * shape.columns_of_weight(w);
    }
  }
  return 6 * static_cast<double>(products);
}

}  // namespace recur
