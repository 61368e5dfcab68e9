#include "recur/benchmark.h"

#include <algorithm>
#include <optional>
#include <string>

#include "api/repeat.h"
#include "base/check_options.h"
#include "base/error.h"
#include "base/philox.h"
#include "base/scratch.h"
#include "base/threads.h"
#include "kernels/thread_choice.h"
#include "nn/stack_stepper.h"
#include "tasks/network.h"
#include "train/optimizer.h"

namespace recur {
namespace {

std::vector<float> random_floats(std::size_t count, std::uint32_t index) {
  const Random random(1, RandomPurpose::sample, index);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(2 * random.uniform64(i) - 1);
  return values;
}

// A stack with random weights, and random input for it.
struct Subject {
  Subject(const RecurrentOptions& network, const Steps& all_steps)
      : stack(network, network.hidden, false, parameters, ""), steps(all_steps) {
    check_options_of(network);
    if (steps.total() == 0) fail("a benchmark needs at least one step");
    parameters.allocate();
    parameters.initialise(1, std::nullopt);
    state.emplace(stack.state_layout(), steps.batch());
    input = random_floats(steps.total() * network.hidden, 0);
  }

  // All steps, from the state as it is.
  Var forward(Tape& tape, const Noise& noise, const RunOptions& how = {}) {
    const Var x = tape.add(input.data(), steps.total(), stack.options().hidden);
    return stack.forward({tape, parameters, noise}, x, steps, *state, how).output;
  }

  Parameters parameters;
  RecurrentStack stack;
  Steps steps;
  std::optional<StackState> state;
  std::vector<float> input;
};

// How many weights a step of one sequence is multiplied with. Of a one-hot input a weight is only read.
std::size_t weights_multiplied(const RecurrentStack& stack) {
  std::size_t count = 0;
  if (stack.options().connection == Connection::highway) {
    count += (stack.layers() - 1) * stack.output_width() * stack.output_width();
  }
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    const LayerShape shape = stack.shape(layer, 0);
    for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
      if (shape.one_hot && shape.cell->weights[w].from_input) continue;
      count += stack.directions() * shape.rows_of_weight(w) * shape.columns_of_weight(w);
    }
  }
  return count;
}

}  // namespace

double recurrent_product_operations(const RecurrentOptions& network) {
  check_options_of(network);
  Parameters parameters;
  return 2 * static_cast<double>(weights_multiplied(RecurrentStack(network, network.hidden, false, parameters, "")));
}

std::vector<double> time_recurrent_training(const RecurrentOptions& network, const Steps& steps, double seconds) {
  Subject subject(network, steps);
  Tape tape;
  const std::vector<float> gradient = random_floats(steps.total() * subject.stack.output_width(), 1);
  return repeat(seconds, [&] {
    Var output;
    const double forward = seconds_of([&] {
      tape.rewind();
      subject.state->clear();
      std::ranges::fill(subject.parameters.gradients(), 0.0F);
      output = subject.forward(tape, {1, 0});
    });
    std::ranges::copy(gradient, tape.gradient(output).data);
    return forward + seconds_of([&] { tape.backward(); });
  });
}

std::vector<double> time_recurrent_inference(const RecurrentOptions& network, const Steps& steps, double seconds) {
  Subject subject(network, steps);
  Arena arena;
  const PackedStack packed = subject.stack.pack(subject.parameters, arena);
  Tape tape(false);
  const auto run = [&] {
    tape.rewind();
    subject.state->clear();
    subject.forward(tape, Noise::silent(), {.packed = &packed});
  };
  return repeat(seconds, [&] { return seconds_of(run); });
}

std::vector<double> time_streaming(const RecurrentOptions& network, std::size_t steps, double seconds) {
  constexpr double kShort = 2e-4, kTogether = 2e-3;
  Subject subject(network, Steps::rectangle(1, steps));
  Arena arena;
  const PackedStack packed = subject.stack.pack(subject.parameters, arena);
  const StackStepper stepper(subject.stack, subject.parameters);
  const ScratchBlock scratch(stepper.scratch_bytes(1));
  ThreadChoice choice(std::min(stepper.most_parts(), thread_count()));
  StackState* state = &*subject.state;
  stepper.start(*state);
  Tape tape(false);
  // Goes on where the last one ended.
  const auto run = [&] {
    if (steps == 1) {
      choice.time([&] {
        parallel_team(choice.parts(), [&](const TeamMember& member) {
          stepper.step({{&state, 1}, subject.input.data(), nullptr, scratch.data()}, member);
        });
      });
    } else {
      tape.rewind();
      subject.forward(tape, Noise::silent(), {.packed = &packed});
    }
  };
  for (int i = 0; i < 2; ++i) run();
  const double once = std::max(seconds_of(run), 1e-7);
  const std::size_t together = once < kShort ? static_cast<std::size_t>(kTogether / once) + 1 : 1;
  return repeat(seconds, [&] {
    const double all = seconds_of([&] {
      for (std::size_t i = 0; i < together; ++i) run();
    });
    return all / static_cast<double>(together);
  });
}

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
