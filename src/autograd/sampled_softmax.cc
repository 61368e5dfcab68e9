#include "autograd/sampled_softmax.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "base/threads.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

constexpr std::size_t kColumns = 64;  // of the rows of W that a thread owns

// What the node keeps: the sampled rows of W, and the gradient of the logits, [rows, sampled + 1], the last column of
// which is that of each row's target.
struct Sampled {
  Var x;
  Parameter weight, bias;
  std::span<const int> targets, classes;
  const float* rows;  // [sampled, width]
  float* gradient;

  void operator()(Tape& tape) const {
    const Matrix in = tape.value(x), dx = tape.gradient(x);
    const std::size_t width = in.columns, sampled = classes.size(), stride = sampled + 1;
    const ConstMatrix d{gradient, in.rows, sampled, stride};
    multiply(d, pack({rows, sampled, width, width}, tape.scratch()), {ProductStart::From::result}, dx);
    const std::span<float> d_rows = tape.scratch().take<float>(sampled, width);
    const std::span<float> d_bias = tape.scratch().take<float>(sampled);
    std::fill(d_rows.begin(), d_rows.end(), 0.0F);
    std::fill(d_bias.begin(), d_bias.end(), 0.0F);
    const TransposedProduct of_rows{pack_if_wide(in, tape.scratch()), {d_rows.data(), sampled, width, width}};
    accumulate_transposed(d, {&of_rows, 1}, d_bias.data());
    // Threads own columns, so that a class that occurs twice is added to in order.
    parallel_for((width + kColumns - 1) / kColumns, [&](std::size_t slice) {
      const std::size_t first = slice * kColumns, last = std::min(width, first + kColumns);
      for (std::size_t s = 0; s < sampled; ++s) {
        float* to = weight.gradient + static_cast<std::size_t>(classes[s]) * width;
        for (std::size_t j = first; j < last; ++j) to[j] += d_rows[s * width + j];
      }
      for (std::size_t row = 0; row < in.rows; ++row) {
        const std::size_t target = static_cast<std::size_t>(targets[row]) * width;
        const float share = gradient[row * stride + sampled];
        for (std::size_t j = first; j < last; ++j) {
          weight.gradient[target + j] += share * in.data[row * width + j];
          dx.data[row * width + j] += share * weight.value[target + j];
        }
      }
    });
    for (std::size_t s = 0; s < sampled; ++s) bias.gradient[classes[s]] += d_bias[s];
    for (std::size_t row = 0; row < in.rows; ++row) bias.gradient[targets[row]] += gradient[row * stride + sampled];
  }
};

}  // namespace

ClassSample sample_classes(Tape& tape, std::size_t total, std::size_t count, const Random& random,
                           std::uint64_t position) {
  assert(count < total);
  const std::span<int> classes = tape.arena().take<int>(count);
  tape.scratch().rewind();
  const std::span<bool> drawn = tape.scratch().take<bool>(total);
  std::fill(drawn.begin(), drawn.end(), false);
  ClassSample sample{classes, total, 0};
  const double range = std::log1p(static_cast<double>(total));
  for (std::size_t found = 0; found < count; ++sample.draws) {
    const double at = std::expm1(random.uniform64(position + sample.draws) * range);
    const std::size_t c = std::min(total - 1, static_cast<std::size_t>(at));
    if (drawn[c]) continue;
    drawn[c] = true;
    classes[found++] = static_cast<int>(c);
  }
  return sample;
}

double sampled_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                             std::span<const int> targets, const ClassSample& sample, float gradient_scale) {
  const Matrix in = tape.value(x);
  const std::size_t width = in.columns, sampled = sample.classes.size(), stride = sampled + 1;
  assert(in.rows == targets.size() && weight.rows == sample.total);
  tape.scratch().rewind();
  const std::span<float> rows = tape.arena().take<float>(sampled, width);
  const std::span<float> shifted_bias = tape.scratch().take<float>(sampled);
  const std::span<int> place = tape.scratch().take<int>(sample.total);  // of a class in the sample; -1: not there
  std::fill(place.begin(), place.end(), -1);
  for (std::size_t s = 0; s < sampled; ++s) {
    const auto c = static_cast<std::size_t>(sample.classes[s]);
    place[c] = static_cast<int>(s);
    std::copy_n(weight.value + c * width, width, rows.data() + s * width);
    shifted_bias[s] = static_cast<float>(static_cast<double>(bias.value[c]) - sample.log_expected(c));
  }
  const PackedMatrix packed = pack_transposed({rows.data(), sampled, width, width}, tape.scratch());
  float* logits = tape.arena().take<float>(in.rows, stride).data();  // become their own gradient
  const std::span<double> losses = tape.scratch().take<double>(in.rows);
  parallel_slices(in.rows, kRowSlice, [&](std::size_t first, std::size_t last) {
    multiply_block({in.data + first * width, last - first, width, width}, packed, 0, packed.panels(),
                   {ProductStart::From::bias, shifted_bias.data()}, logits + first * stride, stride);
    for (std::size_t row = first; row < last; ++row) {
      const auto target = static_cast<std::size_t>(targets[row]);
      double logit = static_cast<double>(bias.value[target]) - sample.log_expected(target);
      for (std::size_t j = 0; j < width; ++j) {
        logit += static_cast<double>(in.data[row * width + j]) * static_cast<double>(weight.value[target * width + j]);
      }
      float* own = logits + row * stride;
      own[sampled] = static_cast<float>(logit);
      if (place[target] >= 0) own[place[target]] = std::numeric_limits<float>::lowest();
      losses[row] = softmax_cross_entropy({own, stride}, static_cast<int>(sampled), gradient_scale);
    }
  });
  tape.record(Sampled{x, weight, bias, targets, sample.classes, rows.data(), logits});
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum;
}

}  // namespace recur
