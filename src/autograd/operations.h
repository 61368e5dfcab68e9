// The differentiable operations. Each computes its result at once and records how gradients flow back; gradients are
// always added to what is there.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "autograd/noise.h"
#include "autograd/tape.h"
#include "kernels/recurrent.h"

namespace recur {

// Rows of `table` [vocabulary, width], one for each index: [indices, width]. In training each row of the table is zero
// with probability `rate` throughout the step, the others scaled by 1 / (1 - rate) (Merity et al. 2018). `indices` must
// outlive the tape's contents.
Var embedding(Tape& tape, const Parameter& table, std::span<const int> indices, float rate, const Noise& noise);

// x W^T + b for x [rows, in], W [out, in], b [1, out]; x W^T when b is Parameter{}.
Var linear(Tape& tape, Var x, const Parameter& weight, const Parameter& bias);

// For who mixes the probability that a classifier gives a row's target with one from elsewhere.
class TargetMixture {
 public:
  struct Row {
    double loss;  // of the mixture, -log of the probability
    float share;  // of the cross-entropy's gradient flows back into the logits
  };
  virtual ~TargetMixture() = default;
  // `nats` is -log softmax(logits)[target] of the row. Called once for each row, from any thread.
  virtual Row mix(std::size_t row, double nats) = 0;
};

// What a classifier is trained to do.
struct CrossEntropy {
  float gradient_scale = 1;
  // e: the probabilities to be predicted are 1 - e for the target plus e / classes for every class (Szegedy et al.
  // 2016).
  float label_smoothing = 0;
  // Each row counts as much as its target's weight, [classes]; empty: all count 1.
  std::span<const float> class_weights = {};
  TargetMixture* mixture = nullptr;  // instead of a smoothed target; what is returned is the sum of its losses
  // The gradient is that of (1 - p)^focal times the cross-entropy, p the target's probability (Lin et al. 2017);
  // without smoothing or a mixture.
  float focal = 0;
};

// The last layer of a classifier and its loss in one: logits = x W^T + b [rows, classes]; b may be Parameter{}, none.
// The gradient that flows back is that of the sum over rows of class_weights[target] times the cross-entropy with the
// smoothed target, times gradient_scale. What is returned is the plain sum over rows of -log softmax(logits)[target],
// in nats, whatever the smoothing, the focus and the weights: losses stay comparable. `targets` must outlive the tape's
// contents.
double linear_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                            std::span<const int> targets, const CrossEntropy& options);

struct RecurrentResult {
  Var output;        // state 0 of every step, [total, width]
  LayerTrace trace;  // every state of every step
  // Of each state after every step, where the backward pass leaves its gradient, [total, width]; if kept.
  std::array<float*, kMostSlots> state_gradients{};
  // Each state after each sequence's last step, [batch, width]; if kept.
  std::array<Var, kMostSlots> last{};
};

// What goes into a layer besides its weights.
struct RecurrentInput {
  const Var* x = nullptr;        // [total, input]; or, for a one-hot layer,
  std::span<const int> indices;  // its window of indices for each row
  LayerNoise noise;
  std::span<const float* const> initial;  // as in layer_forward; or, of every state, so that gradients flow into them,
  std::span<const Var> initial_vars;      // [batch, width] each
  bool keep_last = false;                 // see RecurrentResult
  bool keep_state_gradients = false;
  bool keep_gates = false;        // in the trace, even when not recording
  std::span<float* const> start;  // of each state: adds up its gradient before the first step, [width]; or null
};

// A recurrent layer over a whole batch of sequences, one node. `steps`, indices and noise must outlive the tape's
// contents.
RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients,
                          const RecurrentInput& input, const Steps& steps);

}  // namespace recur
