#include "autograd/operations.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/focal.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

ProductStart start_from(const Parameter& bias) {
  return bias.value != nullptr ? ProductStart{ProductStart::From::bias, bias.value}
                               : ProductStart{ProductStart::From::zero};
}

// dx += dy W, dW += dy^T x, db += the column sums of dy: the gradients of y = x W^T + b.
void linear_backward(Tape& tape, Var x, const Matrix& dy, const Parameter& weight, const Parameter& bias) {
  multiply(dy, pack(weight.matrix(), tape.scratch()), {ProductStart::From::result}, tape.gradient(x));
  const TransposedProduct of_weight{pack_if_wide(tape.value(x), tape.scratch()), weight.gradient_matrix()};
  accumulate_transposed(dy, {&of_weight, 1}, bias.gradient);
}

// From the gradient of a row's plain cross-entropy times `scale` to that of the smoothed one.
void smooth(std::span<float> d, int target, float scale, float smoothing) {
  const float share = scale * smoothing / static_cast<float>(d.size());
  for (float& one : d) one -= share;
  d[static_cast<std::size_t>(target)] += scale * smoothing;
}

// From the gradient d of a row's plain cross-entropy, `nats`, to that of its focal loss.
void focus(std::span<float> d, double nats, float focal) {
  const auto share = static_cast<float>(focal_share(nats, static_cast<double>(focal)));
  for (float& one : d) one *= share;
}

// From the plain loss of a row and its gradient d to those of a mixture.
double mix_target(TargetMixture& mixture, std::size_t row, double nats, std::span<float> d) {
  const TargetMixture::Row mixed = mixture.mix(row, nats);
  for (float& one : d) one *= mixed.share;
  return mixed.loss;
}

}  // namespace

Var embedding(Tape& tape, const Parameter& table, std::span<const int> indices, float rate, const Noise& noise) {
  const Var y = tape.add(indices.size(), table.columns);
  const std::size_t width = table.columns;
  float* to = tape.value(y).data;
  const bool drops = rate > 0 && noise.active() && tape.recording();
  const std::span<float> factors = tape.arena().take<float>(drops ? indices.size() : 0);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto token = static_cast<std::size_t>(indices[i]);
    std::copy_n(table.value + token * width, width, to + i * width);
    if (!drops) continue;
    factors[i] = noise.stream().uniform(noise.position() + token) < rate ? 0.0F : 1 / (1 - rate);
    for (std::size_t j = 0; j < width; ++j) to[i * width + j] *= factors[i];
  }
  tape.record([y, table, indices, factors](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y);
    // Threads own columns, so that a token that occurs twice is added to in order.
    constexpr std::size_t kColumns = 64;
    parallel_for((d.columns + kColumns - 1) / kColumns, [&](std::size_t slice) {
      const std::size_t first = slice * kColumns;
      const std::size_t last = std::min(d.columns, first + kColumns);
      for (std::size_t i = 0; i < d.rows; ++i) {
        float* row = table.gradient + static_cast<std::size_t>(indices[i]) * d.columns;
        const float factor = factors.empty() ? 1 : factors[i];
        for (std::size_t j = first; j < last; ++j) row[j] += factor * d.data[i * d.stride + j];
      }
    });
  });
  return y;
}

Var linear(Tape& tape, Var x, const Parameter& weight, const Parameter& bias) {
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, weight.rows);
  tape.scratch().rewind();
  multiply(in, pack_transposed(weight.matrix(), tape.scratch()), start_from(bias), tape.value(y));
  tape.record([x, y, weight, bias](Tape& t) {
    if (t.has_gradient(y)) linear_backward(t, x, t.gradient(y), weight, bias);
  });
  return y;
}

double linear_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                            std::span<const int> targets, const CrossEntropy& options) {
  const Matrix in = tape.value(x);
  assert(in.rows == targets.size() && (options.mixture == nullptr || options.label_smoothing == 0));
  assert(options.focal == 0 || (options.mixture == nullptr && options.label_smoothing == 0));
  const std::size_t classes = weight.rows;
  tape.scratch().rewind();
  const PackedMatrix packed = pack_transposed(weight.matrix(), tape.scratch());
  const std::span<double> losses = tape.arena().take<double>(in.rows);
  // When recording, logits become their own gradient; else a worker's next slice overwrites them.
  const bool recording = tape.recording();
  const std::size_t kept = recording ? in.rows : std::min(in.rows, thread_count() * kRowSlice);
  const Matrix logits{tape.arena().take<float>(kept, classes).data(), in.rows, classes, classes};
  parallel_slices(in.rows, kRowSlice, [&](std::size_t first, std::size_t last, std::size_t worker) {
    const std::size_t place = kept == in.rows ? first : worker * kRowSlice;
    float* block = logits.data + place * classes;
    multiply_block({in.data + first * in.stride, last - first, in.columns, in.stride}, packed, 0, packed.panels(),
                   start_from(bias), block, classes);
    for (std::size_t row = first; row < last; ++row) {
      const std::span<float> own(block + (row - first) * classes, classes);
      const int target = targets[row];
      const float weighted =
          options.class_weights.empty() ? 1 : options.class_weights[static_cast<std::size_t>(target)];
      const float scale = options.gradient_scale * weighted;
      losses[row] = softmax_cross_entropy(own, target, scale);
      if (options.mixture != nullptr) losses[row] = mix_target(*options.mixture, row, losses[row], own);
      if (recording && options.focal > 0) focus(own, losses[row], options.focal);
      if (recording && options.label_smoothing > 0) smooth(own, target, scale, options.label_smoothing);
    }
  });
  tape.record([x, logits, weight, bias](Tape& t) { linear_backward(t, x, logits, weight, bias); });
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum;
}

namespace {

// What a recurrent node keeps until backward.
struct RecurrentNode {
  LayerShape shape;
  LayerTensors<const float> tensors;
  LayerTensors<float> gradients;
  RecurrentResult result;
  bool with_input;
  Var x;
  std::array<float*, kMostSlots> start{};
  std::span<const Var> initial_vars;
  bool with_last;

  // Without a gradient of its output or of its last states nothing flows back through the layer.
  void operator()(Tape& t) const {
    const auto gradient = [&](Var v) { return t.has_gradient(v) ? t.gradient(v).data : nullptr; };
    LayerGradients d;
    d.output = gradient(result.output);
    bool wanted = d.output != nullptr;
    std::array<const float*, kMostSlots> last{};
    for (std::size_t slot = 0; slot < shape.cell->states && with_last; ++slot) {
      last[slot] = gradient(result.last[slot]);
      wanted = wanted || last[slot] != nullptr;
    }
    if (!wanted) return;
    d.last = last;
    d.tensors = gradients;
    if (with_input) d.input = t.gradient(x).data;
    d.states = result.state_gradients;
    const std::size_t batch = result.trace.steps->batch();
    std::array<float*, kMostSlots> initial{};
    for (std::size_t slot = 0; slot < initial_vars.size(); ++slot) initial[slot] = t.gradient(initial_vars[slot]).data;
    for (std::size_t slot = 0; slot < shape.cell->states; ++slot) {
      if (start[slot] == nullptr) continue;
      const std::span<float> zeros = t.scratch().take<float>(batch, shape.width_of_slot(slot));
      std::fill(zeros.begin(), zeros.end(), 0.0F);
      initial[slot] = zeros.data();
    }
    d.initial = initial;
    layer_backward(shape, tensors, result.trace, d, t.scratch());
    for (std::size_t slot = 0; slot < shape.cell->states; ++slot) {
      const std::size_t width = shape.width_of_slot(slot);
      if (start[slot] != nullptr) accumulate_column_sums({initial[slot], batch, width, width}, start[slot]);
    }
  }
};

}  // namespace

RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients,
                          const RecurrentInput& input, const Steps& steps) {
  const LayerShape& shape = layer.shape;
  const bool with_input = input.x != nullptr;
  const LayerInput from{with_input ? tape.value(*input.x).data : nullptr, input.indices.data(), input.noise};
  std::array<const float*, kMostSlots> initial{};
  std::copy(input.initial.begin(), input.initial.end(), initial.begin());
  const std::span<Var> initial_vars = tape.arena().take<Var>(input.initial_vars.size());
  for (std::size_t slot = 0; slot < initial_vars.size(); ++slot) {
    initial_vars[slot] = input.initial_vars[slot];
    initial[slot] = tape.value(initial_vars[slot]).data;
  }
  RecurrentResult result;
  result.trace = layer_forward(layer, steps, from, initial, tape.arena(), tape.recording() || input.keep_gates);
  result.output = tape.add(result.trace.states(shape, 0), steps.total(), shape.width_of_slot(0));
  for (std::size_t slot = 0; slot < shape.cell->states && input.keep_last; ++slot) {
    result.last[slot] = tape.add(steps.batch(), shape.width_of_slot(slot));
    copy_last_state(shape, result.trace, slot, tape.value(result.last[slot]).data);
  }
  if (!tape.recording()) return result;
  for (std::size_t slot = 0; slot < shape.cell->states && input.keep_state_gradients; ++slot) {
    result.state_gradients[slot] = tape.arena().take<float>(steps.total(), shape.width_of_slot(slot)).data();
  }
  RecurrentNode node{shape, layer.tensors, gradients,      result, with_input, with_input ? *input.x : Var{},
                     {},    initial_vars,  input.keep_last};
  std::copy(input.start.begin(), input.start.end(), node.start.begin());
  tape.record(node);
  return result;
}

}  // namespace recur
