#include "autograd/pooling.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

// One sequence's steps: the rows of all steps that are its own.
struct Sequence {
  const Steps* steps;
  std::size_t row, length;

  std::size_t at(std::size_t t) const { return steps->offset(t) + row; }
};

// Calls work(sequence) for every sequence of the batch, in parallel.
template <class Work>
void for_sequences(const Steps& steps, const Work& work) {
  parallel_for(steps.batch(), [&](std::size_t row) { work(Sequence{&steps, row, steps.length_of(row)}); });
}

void add_scaled(std::size_t count, float factor, const float* x, float* sum) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += factor * x[i];
}

// Sixteen sums side by side, so that the compiler can use vectors.
double dot(std::size_t count, const float* a, const float* b) {
  constexpr std::size_t kLanes = 16;
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += a[i + k] * b[i + k];
  }
  for (std::size_t k = 0; i + k < count; ++k) lanes[k] += a[i + k] * b[i + k];
  double sum = 0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

struct Tanh {
  template <class V>
  static void run(std::size_t count, const float* x, float* y) {
    std::size_t i = 0;
    for (; i + V::kLanes <= count; i += V::kLanes) tanh(V::load(x + i)).store(y + i);
    if (i == count) return;
    float rest[V::kLanes] = {};
    std::copy(x + i, x + count, rest);
    tanh(V::load(rest)).store(rest);
    std::copy_n(rest, count - i, y + i);
  }
};

}  // namespace

Var mean_over_steps(Tape& tape, Var x, const Steps& steps) {
  const Matrix in = tape.value(x);
  const std::size_t width = in.columns;
  assert(in.rows == steps.total());
  const Var y = tape.add(steps.batch(), width);
  float* out = tape.value(y).data;
  for_sequences(steps, [&](const Sequence& sequence) {
    float* mean = out + sequence.row * width;
    std::copy_n(in.data + sequence.at(0) * width, width, mean);
    for (std::size_t t = 1; t < sequence.length; ++t) {
      accumulate_elements(width, in.data + sequence.at(t) * width, mean);
    }
    for (std::size_t j = 0; j < width; ++j) mean[j] /= static_cast<float>(sequence.length);
  });
  tape.record([x, y, &steps, width](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* dy = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    for_sequences(steps, [&](const Sequence& sequence) {
      const float share = 1 / static_cast<float>(sequence.length);
      for (std::size_t s = 0; s < sequence.length; ++s) {
        add_scaled(width, share, dy + sequence.row * width, dx + sequence.at(s) * width);
      }
    });
  });
  return y;
}

Var max_over_steps(Tape& tape, Var x, const Steps& steps) {
  const Matrix in = tape.value(x);
  const std::size_t width = in.columns;
  assert(in.rows == steps.total());
  const Var y = tape.add(steps.batch(), width);
  float* out = tape.value(y).data;
  // The step of each largest value, [batch, width].
  const std::span<std::uint32_t> found = tape.arena().take<std::uint32_t>(steps.batch(), width);
  for_sequences(steps, [&](const Sequence& sequence) {
    float* most = out + sequence.row * width;
    std::uint32_t* where = found.data() + sequence.row * width;
    std::copy_n(in.data + sequence.at(0) * width, width, most);
    std::fill_n(where, width, 0U);
    for (std::size_t t = 1; t < sequence.length; ++t) {
      const float* values = in.data + sequence.at(t) * width;
      for (std::size_t j = 0; j < width; ++j) {
        const bool larger = values[j] > most[j];
        most[j] = larger ? values[j] : most[j];
        where[j] = larger ? static_cast<std::uint32_t>(t) : where[j];
      }
    }
  });
  tape.record([x, y, &steps, width, found](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* dy = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    for_sequences(steps, [&](const Sequence& sequence) {
      for (std::size_t j = 0; j < width; ++j) {
        const std::size_t place = sequence.row * width + j;
        dx[sequence.at(found[place]) * width + j] += dy[place];
      }
    });
  });
  return y;
}

Var weighted_over_steps(Tape& tape, Var x, Var scores, const Steps& steps) {
  const Matrix in = tape.value(x);
  const std::size_t width = in.columns;
  assert(in.rows == steps.total() && tape.value(scores).rows == in.rows && tape.value(scores).columns == 1);
  const Var y = tape.add(steps.batch(), width);
  float* out = tape.value(y).data;
  const float* score = tape.value(scores).data;
  float* weights = tape.arena().take<float>(in.rows).data();  // as `scores`
  for_sequences(steps, [&](const Sequence& sequence) {
    float most = score[sequence.at(0)];
    for (std::size_t t = 1; t < sequence.length; ++t) most = std::max(most, score[sequence.at(t)]);
    double sum = 0;
    for (std::size_t t = 0; t < sequence.length; ++t) {
      const float weight = std::exp(score[sequence.at(t)] - most);
      weights[sequence.at(t)] = weight;
      sum += static_cast<double>(weight);
    }
    float* mean = out + sequence.row * width;
    std::fill_n(mean, width, 0.0F);
    for (std::size_t t = 0; t < sequence.length; ++t) {
      float& weight = weights[sequence.at(t)];
      weight = static_cast<float>(static_cast<double>(weight) / sum);
      add_scaled(width, weight, in.data + sequence.at(t) * width, mean);
    }
  });
  tape.record([x, y, scores, &steps, width, weights](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* dy = t.gradient(y).data;
    const float* value = t.value(x).data;
    const float* result = t.value(y).data;
    float* dx = t.gradient(x).data;
    float* d_score = t.gradient(scores).data;
    for_sequences(steps, [&](const Sequence& sequence) {
      const float* d = dy + sequence.row * width;
      // dy . y is the mean, under the weights, of dy . x.
      const double mean = dot(width, d, result + sequence.row * width);
      for (std::size_t s = 0; s < sequence.length; ++s) {
        const std::size_t at = sequence.at(s);
        add_scaled(width, weights[at], d, dx + at * width);
        d_score[at] += weights[at] * static_cast<float>(dot(width, d, value + at * width) - mean);
      }
    });
  });
  return y;
}

Var tanh_of(Tape& tape, Var x) {
  const Matrix in = tape.value(x);
  const std::size_t count = in.rows * in.columns;
  const Var y = tape.add(in.rows, in.columns);
  float* out = tape.value(y).data;
  parallel_slices(count, kElementSlice, [&](std::size_t first, std::size_t last) {
    dispatch<Tanh>(last - first, static_cast<const float*>(in.data + first), out + first);
  });
  tape.record([x, y, count](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* value = t.value(y).data;
    const float* dy = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    parallel_slices(count, kElementSlice, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) dx[i] += dy[i] * (1 - value[i] * value[i]);
    });
  });
  return y;
}

}  // namespace recur
