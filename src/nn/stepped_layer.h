// A recurrent layer on a tape, one step of all sequences a call: for what is read at a step and depends on what became
// of the step before. Several layers can take turns.
#pragma once

#include <cstddef>
#include <span>

#include "nn/recurrent_stack.h"

namespace recur {

class SteppedLayer {
 public:
  // Of a stack of one layer in one direction that sees one step at a time; `rows` sequences begin. The stack must
  // outlive the tape's contents, and this object is used up before these are.
  SteppedLayer(const Run& run, const RecurrentStack& stack, std::size_t rows);

  // [rows, width], after dropout; before the first step, the state that the layer begins with.
  Var output() const { return output_; }
  // Reads x [rows, input]; returns the new output.
  Var step(Var x);

 private:
  Run run_;
  const RecurrentStack& stack_;
  const Steps& steps_;  // one
  RecurrentStack::LayerWeights weights_;
  LayerNoise of_sequences_;  // masks that are the same at all steps
  std::span<Var> states_;
  Var output_;
  std::size_t steps_done_ = 0;
};

}  // namespace recur
