#include "autograd/copying.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "autograd/mixture.h"
#include "base/log_add.h"

namespace recur {
namespace {

// Weights may be so small that they are zero: what is copied has at least this probability, whose slope is a float,
// too.
constexpr double kLeastCopied = 1e-30;

double log_sigmoid(double x) { return -softplus(-x); }

}  // namespace

CopyMixture::CopyMixture(Tape& tape, Var gate, Var weights, const CopyTargets& targets, float gradient_scale)
    : gates_(tape.value(gate).data),
      weights_(tape.value(weights).data),
      targets_(targets),
      gradient_scale_(static_cast<double>(gradient_scale)) {
  const std::size_t rows = targets.known.size();
  assert(tape.value(gate).rows == rows && targets.begin.size() == rows + 1);
  d_gate_ = tape.arena().take<float>(rows);
  d_copied_ = tape.arena().take<float>(rows);
  tape.record([gate, weights, &targets, d_gate = d_gate_, d_copied = d_copied_](Tape& t) {
    float* to_gate = t.gradient(gate).data;
    float* to_weights = t.gradient(weights).data;
    for (std::size_t row = 0; row < d_gate.size(); ++row) {
      to_gate[row] += d_gate[row];
      for (const std::size_t place : targets.of(row)) to_weights[place] += d_copied[row];
    }
  });
}

TargetMixture::Row CopyMixture::mix(std::size_t row, double nats) {
  const auto gate = static_cast<double>(gates_[row]);
  const std::span<const std::size_t> places = targets_.of(row);
  assert(!places.empty() || targets_.known[row]);
  double weight = 0;
  for (const std::size_t place : places) weight += static_cast<double>(weights_[place]);
  weight = std::max(weight, kLeastCopied);
  const double written = targets_.known[row] ? log_sigmoid(gate) - nats : kLogOfZero;
  const double copied = places.empty() ? kLogOfZero : log_sigmoid(-gate) + std::log(weight);
  const double log_p = log_add(written, copied);
  // Of p, how much is written and how much copied.
  const double written_share = std::exp(written - log_p), copied_share = std::exp(copied - log_p);
  const double g = std::exp(log_sigmoid(gate)), other = std::exp(log_sigmoid(-gate));
  d_gate_[row] = static_cast<float>(gradient_scale_ * (g * copied_share - other * written_share));
  d_copied_[row] = static_cast<float>(-gradient_scale_ * copied_share / weight);
  return {-log_p, static_cast<float>(written_share)};
}

void mix_copies(std::span<float> row, std::size_t vocabulary, float gate, std::span<const float> weights,
                std::span<const int> tokens) {
  assert(weights.size() == tokens.size());
  std::vector<double> copied(row.size());
  for (std::size_t j = 0; j < tokens.size(); ++j) {
    copied[static_cast<std::size_t>(tokens[j])] += static_cast<double>(weights[j]);
  }
  const double write = log_sigmoid(static_cast<double>(gate)), copy = log_sigmoid(-static_cast<double>(gate));
  for (std::size_t token = 0; token < vocabulary; ++token) {
    const double written = write + static_cast<double>(row[token]);
    const double log_p = copied[token] > 0 ? log_add(written, copy + std::log(copied[token])) : written;
    row[token] = static_cast<float>(log_p);
  }
  for (std::size_t token = vocabulary; token < row.size(); ++token) {
    row[token] = static_cast<float>(copy + std::log(std::max(copied[token], kLeastCopied)));
  }
}

}  // namespace recur
