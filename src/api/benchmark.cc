#include "recur/benchmark.h"

#include <string>

#include "api/recurrent_benchmark.h"
#include "api/repeat.h"
#include "base/error.h"
#include "base/philox.h"
#include "tasks/network.h"
#include "train/optimizer.h"

namespace recur {
std::vector<double> time_language_model_steps(const LanguageModelOptions& options, std::size_t vocabulary,
                                              const TrainingOptions& training, double seconds) {
  if (vocabulary < 1 || training.batch < 1 || training.unroll < 1) {
    fail("a benchmark needs a vocabulary, a batch and an unroll of at least 1, got {}, {} and {}", vocabulary,
         training.batch, training.unroll);
  }
  Network network(blank_language_model(options, vocabulary));
  network.start(training);
  Parameters& parameters = network.parameters();
  Optimizer optimizer(training.optimizer, parameters.count());
  const std::size_t tokens = training.batch * training.unroll;
  Batch batch;
  batch.gradient_scale = 1 / static_cast<float>(training.batch);
  FieldBatch& text = batch.fields.emplace_back();
  text.steps = Steps::rectangle(training.batch, training.unroll);
  const Random random(training.seed, RandomPurpose::sample);
  for (std::size_t i = 0; i < tokens; ++i) {
    text.ids.push_back(static_cast<int>(random.uniform64(2 * i) * static_cast<double>(vocabulary)));
    text.targets.push_back(static_cast<int>(random.uniform64(2 * i + 1) * static_cast<double>(vocabulary)));
  }
  StackState state(network.layers().state_layout(), training.batch);
  Tape tape;
  std::uint64_t step = 0;
  const auto run_step = [&] {
    tape.rewind();
    network.loss({tape, parameters, {training.seed, step++}}, batch, state);
    tape.backward();
    optimizer.step(parameters.values(), parameters.gradients(), training.schedule.learning_rate, training.clipping);
  };
  return repeat(seconds, [&] { return seconds_of(run_step); });
}

double product_operations(const LanguageModelOptions& options, std::size_t vocabulary) {
  const Network network(blank_language_model(options, vocabulary));
  const std::size_t products = weights_multiplied(network.layers()) + network.layers().output_width() * vocabulary;
  return 6 * static_cast<double>(products);
}

}  // namespace recur
