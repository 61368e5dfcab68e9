// What keeps a network from learning by heart: random masks and penalties. A mask is a function of the seed, of the
// name of who draws it and of the step, so that a step draws the same ones whatever the number of threads, and again
// when it is repeated.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "autograd/tape.h"
#include "base/philox.h"
#include "recur/types/steps.h"

namespace recur {

// Where a step's masks are drawn from: a stream of random numbers for each path of names, such as decoder, upper,
// zoneout, layer 1. Whoever draws several masks, or hands noise on to its parts, gives each a child of its own; so no
// two masks of a step are alike.
class Noise {
 public:
  constexpr Noise(std::uint64_t seed, std::uint64_t step) : seed_(seed), step_(step) {}
  // Nothing is drawn, as on a tape that does not record.
  static constexpr Noise silent() {
    Noise noise(0, 0);
    noise.active_ = false;
    return noise;
  }

  constexpr Noise child(std::string_view name) const {
    Noise below = *this;
    below.add('/');
    for (const char c : name) below.add(static_cast<unsigned char>(c));
    return below;
  }
  // One of several that are alike: layers, directions, states.
  constexpr Noise child(std::size_t number) const {
    Noise below = *this;
    below.add('#');
    for (int bit = 0; bit < 32; bit += 8) below.add(static_cast<unsigned char>(number >> bit));
    return below;
  }

  constexpr bool active() const { return active_; }
  Random stream() const { return {seed_, RandomPurpose::dropout, path_}; }
  // Where in the stream the step begins; a step's mask has fewer than 2^32 elements.
  constexpr std::uint64_t position() const { return step_ << 32; }

 private:
  // FNV-1a (Fowler, Noll & Vo), goes on from the hash of the path so far.
  constexpr void add(unsigned char byte) { path_ = (path_ ^ byte) * 16777619U; }

  std::uint64_t seed_, step_;
  std::uint32_t path_ = 2166136261U;
  bool active_ = true;
};

// Zeroes each element with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014).
Var dropout(Tape& tape, Var x, float rate, const Noise& noise);

// The same with one mask for each sequence, [batch, width], at all its steps (Gal & Ghahramani 2016).
Var sequence_dropout(Tape& tape, Var x, const Steps& steps, float rate, const Noise& noise);

// A copy of a parameter with each element dropped with probability `rate`, the others scaled; its gradient flows back
// into the parameter's (DropConnect: Wan et al. 2013; on recurrent weights: Merity et al. 2018).
Parameter drop_weights(Tape& tape, const Parameter& parameter, float rate, const Noise& noise);

// Adds the gradient of `weight` times the mean square of x.
void penalise_activation(Tape& tape, Var x, float weight);

// Adds the gradient of `weight` times the mean square of the change of x from step to step.
void penalise_change(Tape& tape, Var x, const Steps& steps, float weight);

}  // namespace recur
