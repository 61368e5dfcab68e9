#include "nn/heads/pool.h"

#include <cmath>

#include "autograd/pooling.h"
#include "autograd/readout.h"

namespace recur {

Pool::Pool(Pooling kind, const RecurrentStack& layers, Parameters& parameters)
    : kind_(kind), forward_columns_(layers.output_width() / layers.directions()) {
  if (kind != Pooling::attention) return;
  const std::size_t width = layers.output_width();
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(width)));
  weight_ = parameters.declare("attention.weight", width, width, start);
  bias_ = parameters.declare("attention.bias", 0, width, start);
  vector_ = parameters.declare("attention.vector", 1, width, start);
  shift_ = parameters.declare("attention.shift", 0, 1, InitialValues::constant(0));
}

Var Pool::operator()(const Run& run, Var x, const Steps& steps) const {
  Tape& tape = run.tape;
  switch (kind_) {
    case Pooling::last:
      return last_output(tape, x, steps, forward_columns_);
    case Pooling::mean:
      return mean_over_steps(tape, x, steps);
    case Pooling::max:
      return max_over_steps(tape, x, steps);
    case Pooling::attention:
      break;
  }
  const Var view = tanh_of(tape, linear(tape, x, run[weight_], run[bias_]));
  return weighted_over_steps(tape, x, linear(tape, view, run[vector_], run[shift_]), steps);
}

}  // namespace recur
