// A layer that runs one step a call: for text as it is written and sound as it is heard. Everything that a step needs
// is looked up once, no step is remembered, and either threads share the units of one sequence's step or several
// sequences make theirs together, as the rows of a batch. A step has the same bits as one of layer_forward().
//
// Nothing in it changes: any number of threads may step with one StreamLayer, each with states and scratch of its own.
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

  // What is read and written in a step of so many sequences.
  struct Step {
    std::size_t rows = 1;
    const float* x = nullptr;        // [rows, input]
    const int* indices = nullptr;    // of a one-hot layer instead, [rows, window]
    std::span<float* const> states;  // each [rows, width]: those before the step, and then those after it
    float* gates = nullptr;          // scratch: rows * gate_floats(), best where a line of cache begins
    float* next = nullptr;           // rows * next_floats(); afterwards it begins with state 0, [rows, width]
  };
  std::size_t gate_floats() const { return gate_floats_; }
  std::size_t next_floats() const { return next_floats_; }

  // A member's part of a step. All members of the team must run it at once: they wait for each other. Only the calling
  // thread's own part of the states is complete when it returns, state 0 in `next` is as a whole.
  void step(const Step& step, const TeamMember& member) const;

  const LayerShape& shape() const { return layer_->shape; }
  // What a step multiplies.
  static std::size_t weights(const LayerShape& shape);
  // Into how many parts a step of one sequence can be cut so that it pays.
  static std::size_t most_parts(const LayerShape& shape);

 private:
  struct Range {
    std::size_t first, last;
  };

  float* gates(const Step& step, std::size_t stage) const { return step.gates + step.rows * gate_places_[stage]; }
  float* next(const Step& step, std::size_t slot) const { return step.next + step.rows * next_places_[slot]; }
  // A state before the step or a result of one of its stages.
  float* value(const Step& step, std::size_t slot) const {
    return slot < shape().cell->states ? step.states[slot] : next(step, slot);
  }
  Range units_of(std::size_t width, const TeamMember& member) const;
  void multiply(std::size_t stage, const Step& step, const Range& units, const ForwardProducts& products) const;
  void run_cell(std::size_t stage, const Step& step, const Range& units) const;
  void finish(const Step& step, const TeamMember& member) const;

  const PackedLayer* layer_;
  ForwardProducts whole_, split_;  // gates together for all units, each apart for some
  // Where a row's parts of the scratch begin.
  std::array<std::size_t, kMostStages> gate_places_{};
  std::array<std::size_t, kMostSlots> next_places_{};  // of states after the step, and of results of stages
  std::size_t factors_ = 0, gate_floats_ = 0, next_floats_ = 0;
};

}  // namespace recur
