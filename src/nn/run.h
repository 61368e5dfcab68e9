// What every part of a network needs when it runs.
#pragma once

#include <string_view>

#include "autograd/noise.h"
#include "autograd/tape.h"
#include "nn/parameters.h"

namespace recur {

struct Run {
  Tape& tape;
  // Only read: gradients are reached through a Parameter.
  const Parameters& parameters;
  Noise noise;

  // For a part of the network: the same, with noise of its own.
  Run child(std::string_view name) const { return {tape, parameters, noise.child(name)}; }
  Run child(std::size_t number) const { return {tape, parameters, noise.child(number)}; }
  Parameter operator[](Parameters::Id id) const { return parameters[id]; }
};

}  // namespace recur
