// Turns gradients into new parameters. All parameters of a model are one flat buffer of floats and all gradients
// another, so a step is two passes: one takes the gradient's norm, one clips, updates and sets the gradients to zero.
//
// With parameter p, gradient g (after clipping), learning rate r, everything elementwise; the formulas are PyTorch's:
//   sgd      a = momentum * a + g                   p = p - r * a    (without momentum a = g, and nothing is kept)
//   rmsprop  s = decay * s + (1 - decay) * g^2      p = p - r * g / (sqrt(s) + epsilon)
//   adagrad  s = s + g^2                            p = p - r * g / (sqrt(s) + epsilon)
//   adam     m = beta1 * m + (1 - beta1) * g        p = p - r * m' / (sqrt(v') + epsilon)
//            v = beta2 * v + (1 - beta2) * g^2      m' = m / (1 - beta1^t), v' = v / (1 - beta2^t), t counts from 1
//   adamw    adam, with p = p * (1 - r * weight_decay) first
// The others take weight_decay as an L2 penalty: g = g + weight_decay * p, after clipping.
//
// The same input gives the same bits with any number of threads and at any SIMD level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nn/parameters.h"
#include "recur/types/training.h"

namespace recur {

struct StepReport {
  double gradient_norm = 0;  // before clipping
  double clipped_share = 0;  // norm: 1 if the gradient was scaled, else 0; value: the share of elements that were cut
  bool finite = true;        // false: the gradient holds an infinity or a NaN
};

class Optimizer {
 public:
  // For `count` parameters. Throws Error for an option outside its range.
  Optimizer(const OptimizerOptions& options, std::size_t count);

  // Updates the parameters and sets the gradients to zero. If the gradient is not finite, nothing changes: not the
  // parameters, not the gradients, not the state, and the step does not count. Throws Error for a clipping limit that
  // is not above 0. `trained`: which are, each range at its factor of the learning rate; empty: all at the rate. The
  // others and what is kept of them stay as they are, their gradients do not count, and neither do the steps before
  // they are trained for the first time. Allocates nothing.
  StepReport step(std::span<float> parameters, std::span<float> gradients, float learning_rate,
                  const Clipping& clipping, std::span<const TrainedRange> trained = {});

  const OptimizerOptions& options() const { return options_; }

  // What a checkpoint keeps: the number of steps done and the named buffers, each of `count` floats, to be read or
  // filled. sgd with momentum: "momentum"; rmsprop, adagrad: "square"; adam, adamw: "first_moment", "second_moment".
  std::uint64_t steps() const { return steps_; }
  void set_steps(std::uint64_t steps) { steps_ = steps; }
  std::vector<std::pair<std::string, std::span<float>>> state();
  // Throws Error if a buffer of squares that was filled holds what is below 0.
  void check_state() const;

 private:
  OptimizerOptions options_;
  std::size_t count_;
  std::uint64_t steps_ = 0;
  std::vector<float> state_;      // [buffers, count]
  std::vector<double> partials_;  // a number a slice: its sum of squares, then how many of its elements were cut
};

}  // namespace recur
