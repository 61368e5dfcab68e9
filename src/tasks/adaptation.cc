#include "tasks/adaptation.h"

#include <cmath>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/finite.h"
#include "base/threads.h"
#include "nn/heads/heads.h"
#include "nn/neural_cache.h"
#include "tasks/windows_task.h"

namespace recur {
namespace {

constexpr std::size_t kLearnedSteps = 5;  // that are learned from at once: theirs of words
constexpr std::size_t kSteps = 200;       // of a window where nothing is; only memory depends on it

// The loss of a window with what the cache says.
LossSum mixed_loss(const OutputLayer& output, const Run& run, Var states, std::span<const int> targets,
                   NeuralCache& cache) {
  const Matrix of = run.tape.value(output.log_probabilities(run, states));
  std::vector<double> logs(targets.size());
  for (std::size_t t = 0; t < logs.size(); ++t) {
    logs[t] = static_cast<double>(of.data[t * of.stride + static_cast<std::size_t>(targets[t])]);
  }
  cache.mix(run.tape.value(states), targets, logs);
  LossSum loss{0, targets.size()};
  for (const double log : logs) loss.nats -= log;
  return loss;
}

// A step from the gradients, which are then zero, and back to the trained values.
void learn(Parameters& adapted, std::span<const float> trained, const Adaptation& how) {
  const std::span<float> values = adapted.values(), gradients = adapted.gradients();
  parallel_slices(values.size(), kElementSlice, [&](std::size_t first, std::size_t last) {
    const auto rate = static_cast<float>(how.rate), decay = static_cast<float>(how.decay);
    for (std::size_t i = first; i < last; ++i) {
      values[i] += decay * (trained[i] - values[i]) - rate * gradients[i];
      gradients[i] = 0;
    }
  });
}

}  // namespace

void list_options(OptionList& list, Adaptation& o) {
  list.group("Of a language model of one text, which learns from it while it is scored");
  list.real("dynamic", o.rate, kNotNegative, "Dynamic evaluation: the step size, such as 0.1; 0: none");
  list.real("dynamic-decay", o.decay, kFraction, "How far each step goes back to the trained parameters");
  list.count("cache", o.cache, {0, 1'000'000}, "A neural cache of so many last tokens, such as 2000; 0: none");
  list.real("cache-flatness", o.cache_flatness, kNotNegative, "How much more similar states count in it");
  list.real("cache-share", o.cache_share, kShare, "Its share of a probability");
}

LossSum evaluate(const Network& network, const Corpus& corpus, const Adaptation& adaptation) {
  const bool learns = adaptation.rate > 0;
  const auto& head = dynamic_cast<const NextTokenHead&>(network.head());
  std::optional<Parameters> adapted;
  std::optional<NeuralCache> cache;
  if (learns) adapted = network.parameters().with_own_gradients();
  if (adaptation.cache > 0) cache.emplace(adaptation, network.layers().output_width());
  const Parameters& parameters = adapted ? *adapted : network.parameters();
  Windows windows({&corpus, 0, corpus.size()}, 1, learns ? kLearnedSteps : kSteps);
  StackState state(network.layers().state_layout(), 1);
  Tape tape(learns);
  LossSum sum;
  while (windows.next()) {
    tape.rewind();
    const Run run{tape, parameters, Noise::silent()};
    const Batch& batch = windows.batch();
    const Encoding encoded = network.encode(run, batch, state);
    if (cache) sum += mixed_loss(head.output(), run, encoded.stack.output, batch.fields.front().targets, *cache);
    if (learns || !cache) {
      const LossSum loss = head.loss(run, encoded, batch);
      if (!cache) sum += loss;
    }
    if (learns) {
      tape.backward();
      learn(*adapted, network.parameters().values(), adaptation);
    }
    if (learns && !std::isfinite(std::exp(sum.mean()))) {
      fail("--dynamic: the loss has grown beyond all numbers after {} tokens; give a smaller step size",
           sum.predictions);
    }
    check_result(sum.nats, "the loss");
  }
  return sum;
}

}  // namespace recur
