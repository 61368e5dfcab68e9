// A number that watches a cell's equations: which function each gate goes into and what comes out, and how near the
// equations are to a point where they have no derivative.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "recur/types/simd.h"

namespace recur {

// What a gate's pre-activation, perhaps with something added to it, goes into first.
enum class GateFunction { none, sigmoid, tanh, relu, exp, log_sigmoid };

struct Observation {
  struct Gate {
    GateFunction function = GateFunction::none;
    double value = 0;  // of the function; when there is none, the pre-activation
  };
  static constexpr std::size_t kMostGates = 12;
  std::array<Gate, kMostGates> gates;
  double kink = std::numeric_limits<double>::infinity();  // distance of a rectifier's or a maximum's argument from it
};

struct Observed {
  static constexpr std::size_t kLanes = 1;
  static constexpr int kNoGate = -1;
  double v = 0;
  int gate = kNoGate;  // the gate that this is, or a sum with it
  Observation* into = nullptr;

  Observed(double x) : v(x) {}
  Observed(double x, int of_gate, Observation* observation) : v(x), gate(of_gate), into(observation) {}

  friend Observed operator+(const Observed& a, const Observed& b) { return sum(a.v + b.v, a, b); }
  friend Observed operator-(const Observed& a, const Observed& b) { return sum(a.v - b.v, a, b); }
  friend Observed operator*(const Observed& a, const Observed& b) { return a.other(a.v * b.v, b); }
  friend Observed operator/(const Observed& a, const Observed& b) { return a.other(a.v / b.v, b); }
  friend Observed max(const Observed& a, const Observed& b) {
    const Observed larger = a.other(std::max(a.v, b.v), b);
    if (larger.into != nullptr) larger.into->kink = std::min(larger.into->kink, std::abs(a.v - b.v));
    return larger;
  }
  friend Observed tanh(const Observed& a) { return a.through(GateFunction::tanh, std::tanh(a.v)); }
  friend Observed sigmoid(const Observed& a) { return a.through(GateFunction::sigmoid, sigmoid(Real64(a.v)).v); }
  friend Observed exp(const Observed& a) { return a.through(GateFunction::exp, std::exp(a.v)); }
  friend Observed log_sigmoid(const Observed& a) {
    return a.through(GateFunction::log_sigmoid, log_sigmoid(Real64(a.v)).v);
  }
  friend Observed relu(const Observed& a) {
    if (a.into != nullptr) a.into->kink = std::min(a.into->kink, std::abs(a.v));
    return a.through(GateFunction::relu, std::max(a.v, 0.0));
  }

 private:
  static Observed sum(double value, const Observed& a, const Observed& b) {
    return {value, a.gate == kNoGate ? b.gate : a.gate, a.into == nullptr ? b.into : a.into};
  }
  Observed other(double value, const Observed& b) const { return {value, kNoGate, into == nullptr ? b.into : into}; }
  Observed through(GateFunction function, double value) const {
    if (gate != kNoGate && into->gates[static_cast<std::size_t>(gate)].function == GateFunction::none) {
      into->gates[static_cast<std::size_t>(gate)] = {function, value};
    }
    return {value, kNoGate, into};
  }
};

}  // namespace recur
