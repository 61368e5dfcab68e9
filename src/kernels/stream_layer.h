// A layer of one sequence, one step a call: for text as it is written and sound as it is heard. Everything that a step
// needs is looked up once, no step is remembered, and threads may share a step's units. A step has the same bits as one
// of layer_forward().
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/threads.h"
#include "kernels/forward_products.h"
#include "kernels/recurrent.h"

namespace recur {

class StreamLayer {
 public:
  // The packed layer must outlive it.
  explicit StreamLayer(const PackedLayer& layer);

  // What is read and written in a step: `x` [input], or for a one-hot layer its window of indices; states[s] [width]
  // are those before the step, and then those after it.
  struct Step {
    const float* x = nullptr;
    const int* indices = nullptr;
    std::span<float* const> states;
  };
  // A member's part of a step. All members of the team must run it at once: they wait for each other. Only the calling
  // thread's own part of the states is complete when it returns, output() is as a whole.
  void step(const Step& step, const TeamMember& member);

  // State 0 after the step, [width]; stays until the next step.
  std::span<const float> output() const { return {next_[0], shape().width_of_slot(0)}; }
  // Into how many parts a step can be cut so that it pays.
  static std::size_t most_parts(const LayerShape& shape);

 private:
  struct Range {
    std::size_t first, last;
  };

  const LayerShape& shape() const { return layer_->shape; }
  Range units_of(std::size_t width, const TeamMember& member) const;
  void multiply(std::size_t stage, const Step& step, const Range& units, const ForwardProducts& products);
  void run_cell(std::size_t stage, const Step& step, const Range& units);
  void finish(const Step& step, const TeamMember& member);

  const PackedLayer* layer_;
  ForwardProducts whole_, split_;  // gates together for all units, each apart for some
  Arena memory_;
  std::array<float*, kMostStages> gates_{}, normalised_{}, factor_{};
  std::array<float*, kMostSlots> next_{};  // states after the step, and results of stages
};

}  // namespace recur
