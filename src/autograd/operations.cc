#include "autograd/operations.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

constexpr std::size_t kRowSlice = 96;  // rows whose logits are one slice of work

// dx += dy W, dW += dy^T x, db += the column sums of dy: the gradients of y = x W^T + b.
void linear_backward(Tape& tape, Var x, const Matrix& dy, const Parameter& weight, const Parameter& bias) {
  multiply(dy, pack(weight.matrix(), tape.scratch()), {ProductStart::From::result}, tape.gradient(x));
  accumulate_transposed(dy, tape.value(x), weight.gradient_matrix(), tape.scratch());
  accumulate_column_sums(dy, bias.gradient);
}

// Without a gradient of its output nothing flows back through the layer.
RecurrentResult run_recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients,
                              const LayerInput& input, const Var* x, const Steps& steps,
                              std::span<const float* const> initial) {
  const LayerShape& shape = layer.shape;
  RecurrentResult result;
  result.trace = layer_forward(layer, steps, input, initial, tape.arena());
  result.output = tape.add(result.trace.states(shape, 0), steps.total(), shape.hidden);
  const bool with_input = x != nullptr;
  tape.record([shape, tensors = layer.tensors, gradients, result, with_input, in = with_input ? *x : Var{}](Tape& t) {
    if (!t.has_gradient(result.output)) return;
    LayerGradients d;
    d.output = t.gradient(result.output).data;
    d.tensors = gradients;
    if (with_input) d.input = t.gradient(in).data;
    layer_backward(shape, tensors, result.trace, d, t.scratch());
  });
  return result;
}

}  // namespace

Var embedding(Tape& tape, const Parameter& table, std::span<const int> indices) {
  const Var y = tape.add(indices.size(), table.columns);
  const std::size_t width = table.columns;
  float* to = tape.value(y).data;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::copy_n(table.value + static_cast<std::size_t>(indices[i]) * width, width, to + i * width);
  }
  tape.record([y, table, indices](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y);
    // Threads own columns, so that a token that occurs twice is added to in order.
    constexpr std::size_t kColumns = 64;
    parallel_for((d.columns + kColumns - 1) / kColumns, [&](std::size_t slice) {
      const std::size_t first = slice * kColumns;
      const std::size_t last = std::min(d.columns, first + kColumns);
      for (std::size_t i = 0; i < d.rows; ++i) {
        float* row = table.gradient + static_cast<std::size_t>(indices[i]) * d.columns;
        for (std::size_t j = first; j < last; ++j) row[j] += d.data[i * d.stride + j];
      }
    });
  });
  return y;
}

Var dropout(Tape& tape, Var x, float rate, const Random& random, std::uint64_t first_position) {
  if (rate <= 0 || !tape.recording()) return x;
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, in.columns);
  const std::size_t count = in.rows * in.columns;
  const Matrix out = tape.value(y);
  const std::span<float> mask = tape.arena().take<float>(count);
  const float keep = 1 / (1 - rate);
  constexpr std::size_t kSlice = 4096;  // a multiple of the four numbers of a random block
  assert(first_position % 4 == 0);
  parallel_for((count + kSlice - 1) / kSlice, [&](std::size_t slice) {
    for (std::size_t i = slice * kSlice; i < std::min(count, (slice + 1) * kSlice); i += 4) {
      const auto words = random.block((first_position + i) / 4);
      for (std::size_t k = i; k < std::min(i + 4, count); ++k) {
        mask[k] = static_cast<float>(words[k - i] >> 8) * 0x1p-24F < rate ? 0.0F : keep;
        out.data[k] = in.data[k] * mask[k];
      }
    }
  });
  tape.record([x, y, mask](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* dy = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    for (std::size_t i = 0; i < mask.size(); ++i) dx[i] += dy[i] * mask[i];
  });
  return y;
}

Var linear(Tape& tape, Var x, const Parameter& weight, const Parameter& bias) {
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, weight.rows);
  tape.scratch().rewind();
  multiply(in, pack_transposed(weight.matrix(), tape.scratch()), {ProductStart::From::bias, bias.value}, tape.value(y));
  tape.record([x, y, weight, bias](Tape& t) {
    if (t.has_gradient(y)) linear_backward(t, x, t.gradient(y), weight, bias);
  });
  return y;
}

double linear_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                            std::span<const int> targets, float gradient_scale) {
  const Matrix in = tape.value(x);
  assert(in.rows == targets.size());
  const std::size_t classes = weight.rows;
  tape.scratch().rewind();
  const PackedMatrix packed = pack_transposed(weight.matrix(), tape.scratch());
  const std::span<double> losses = tape.arena().take<double>(in.rows);
  // When recording, logits become their own gradient; else a thread's next slice overwrites them.
  const bool recording = tape.recording();
  const std::size_t kept = recording ? in.rows : std::min(in.rows, thread_count() * kRowSlice);
  const Matrix logits{tape.arena().take<float>(kept * classes).data(), in.rows, classes, classes};
  parallel_slices(in.rows, kRowSlice, [&](std::size_t first, std::size_t last) {
    const std::size_t place = kept == in.rows ? first : static_cast<std::size_t>(omp_get_thread_num()) * kRowSlice;
    float* block = logits.data + place * classes;
    multiply_block({in.data + first * in.stride, last - first, in.columns, in.stride}, packed, 0, packed.panels(),
                   {ProductStart::From::bias, bias.value}, block, classes);
    for (std::size_t row = first; row < last; ++row) {
      losses[row] = softmax_cross_entropy({block + (row - first) * classes, classes}, targets[row], gradient_scale);
    }
  });
  tape.record([x, logits, weight, bias](Tape& t) { linear_backward(t, x, logits, weight, bias); });
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum;
}

RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients, Var x,
                          const Steps& steps, std::span<const float* const> initial) {
  return run_recurrent(tape, layer, gradients, {tape.value(x).data, nullptr}, &x, steps, initial);
}

RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients,
                          std::span<const int> indices, const Steps& steps, std::span<const float* const> initial) {
  return run_recurrent(tape, layer, gradients, {nullptr, indices.data()}, nullptr, steps, initial);
}

}  // namespace recur
