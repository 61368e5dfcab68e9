#include "infer/gradient_reach.h"

#include <algorithm>
#include <cmath>

#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "infer/network_stepper.h"
#include "tasks/windows_task.h"

namespace recur {
namespace {

constexpr std::size_t kMostStreams = 32, kMostWindows = 32;  // windows: of each stream

// The windows of one measurement, one after the other.
class Measurement {
 public:
  Measurement(const Network& network, const Corpus& corpus, std::size_t steps, std::size_t streams)
      : network_(network),
        parameters_(network.parameters().with_own_gradients()),
        output_(step_network(network).output),
        windows_({&corpus, 0, corpus.size()}, streams, steps),
        steps_(Steps::rectangle(streams, steps)),
        state_(network.layers().state_layout(), streams),
        packed_(network.layers().pack(parameters_, packed_memory_)) {
    for (std::size_t b = 0; b < streams; ++b) last_rows_.push_back(steps_.offset(steps - 1) + b);
    const CellInfo& cell = network.layers().cell();
    for (std::size_t layer = 0; layer < network.layers().layers(); ++layer) {
      for (std::size_t slot = 0; slot < cell.states; ++slot) {
        reach_.states.push_back({layer, cell.slots[slot], std::vector<double>(steps)});
      }
    }
  }

  GradientReach run() {
    next();
    Tape not_recorded(false);
    network_.encode({not_recorded, parameters_, Noise::silent()}, windows_.batch(), state_, {.packed = &packed_});
    std::size_t windows = 0;
    for (; windows < kMostWindows && next(); ++windows) measure();
    const auto count = static_cast<double>(windows * steps_.batch());
    reach_.nats_per_token /= count;
    check_result(reach_.nats_per_token, "the loss");
    for (StateGradient& state : reach_.states) {
      for (double& norm : state.norms) {
        norm /= count;
        check_result(norm, "a gradient");
      }
    }
    reach_.streams = steps_.batch();
    reach_.windows = windows * steps_.batch();
    return std::move(reach_);
  }

 private:
  // Reads the next whole window.
  bool next() { return windows_.next() && windows_.batch().fields.front().steps.length() == steps_.length(); }

  void measure() {
    tape_.rewind();
    const Encoding encoding = network_.encode({tape_, parameters_, Noise::silent()}, windows_.batch(), state_,
                                              {.packed = &packed_, .keep_state_gradients = true});
    const Var last = select_rows(tape_, encoding.stack.output, last_rows_);
    reach_.nats_per_token +=
        linear_cross_entropy(tape_, last, parameters_[output_.weight], parameters_[output_.bias],
                             std::span(windows_.batch().fields.front().targets).last(steps_.batch()), {});
    tape_.backward();
    const std::size_t states = network_.layers().cell().states;
    for (std::size_t i = 0; i < reach_.states.size(); ++i) {
      const LayerResult& layer = encoding.stack.layers[i / states];
      add_norms(layer.run.state_gradients[i % states], layer.shape.width_of_slot(i % states), reach_.states[i].norms);
    }
  }

  // Of gradients [steps, streams, width], to norms by distance from the last step.
  void add_norms(const float* gradients, std::size_t width, std::vector<double>& norms) const {
    for (std::size_t t = 0; t < steps_.length(); ++t) {
      for (std::size_t b = 0; b < steps_.batch(); ++b) {
        const float* row = gradients + (steps_.offset(t) + b) * width;
        double squares = 0;
        for (std::size_t u = 0; u < width; ++u) squares += double{row[u]} * double{row[u]};
        norms[steps_.length() - 1 - t] += std::sqrt(squares);
      }
    }
  }

  const Network& network_;
  Parameters parameters_;  // of which a backward pass adds to the gradients
  StepOutput output_;
  Windows windows_;
  Steps steps_;
  StackState state_;
  Arena packed_memory_;
  PackedStack packed_;
  Tape tape_;
  std::vector<std::size_t> last_rows_;
  GradientReach reach_;
};

}  // namespace

std::optional<std::size_t> StateGradient::steps_below(double share) const {
  const auto largest = std::ranges::max_element(norms);
  const auto below = std::find_if(largest, norms.end(), [&](double norm) { return norm < share * *largest; });
  if (below == norms.end()) return std::nullopt;
  return static_cast<std::size_t>(below - norms.begin());
}

GradientReach measure_gradients(const Network& network, const Corpus& corpus, std::size_t steps) {
  if (steps == 0) fail("--steps: expected at least 1, got 0");
  const std::uint64_t least = 2 * std::uint64_t{steps} + 1;
  if (corpus.size() < least) {
    fail(
        "{}: {} tokens are too few: a window of {} steps, the text before it and the token after it are {}; give more "
        "text, or a smaller --steps",
        corpus.name(), corpus.size(), steps, least);
  }
  const auto streams = static_cast<std::size_t>(std::min<std::uint64_t>(corpus.size() / least, kMostStreams));
  GradientReach reach = Measurement(network, corpus, steps, streams).run();
  reach.unseen = corpus.unseen();
  return reach;
}

}  // namespace recur
