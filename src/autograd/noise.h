// What keeps a network from learning by heart: random masks and penalties. Masks are functions of the stream and the
// position, so that a step draws the same ones whatever the number of threads, and again when it is repeated.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/tape.h"
#include "base/philox.h"
#include "recur/steps.h"

namespace recur {

// Where a step's masks are drawn from. Each use has an index of its own; the step's masks begin at a multiple of 2^32,
// and none is that large. Inactive: nothing is drawn, as on a tape that does not record.
struct NoiseSource {
  Random random;
  std::uint64_t step = 0;
  bool active = true;
  std::uint32_t first_stream = 0;  // tells apart networks that run in the same step

  Random stream(std::uint32_t index) const { return random.at(first_stream + index); }
  std::uint64_t position() const { return step << 32; }
};

// Zeroes each element with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014).
Var dropout(Tape& tape, Var x, float rate, const NoiseSource& noise, std::uint32_t index);

// The same with one mask for each sequence, [batch, width], at all its steps (Gal & Ghahramani 2016).
Var sequence_dropout(Tape& tape, Var x, const Steps& steps, float rate, const NoiseSource& noise, std::uint32_t index);

// A copy of a parameter with each element dropped with probability `rate`, the others scaled; its gradient flows back
// into the parameter's (DropConnect: Wan et al. 2013; on recurrent weights: Merity et al. 2018).
Parameter drop_weights(Tape& tape, const Parameter& parameter, float rate, const NoiseSource& noise,
                       std::uint32_t index);

// Adds the gradient of `weight` times the mean square of x.
void penalise_activation(Tape& tape, Var x, float weight);

// Adds the gradient of `weight` times the mean square of the change of x from step to step.
void penalise_change(Tape& tape, Var x, const Steps& steps, float weight);

}  // namespace recur
