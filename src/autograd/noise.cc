#include "autograd/noise.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/noise.h"

namespace recur {
namespace {

std::span<float> draw(Tape& tape, std::size_t count, float rate, const Noise& noise) {
  const std::span<float> mask = tape.arena().take<float>(count);
  draw_mask(noise.stream(), noise.position(), rate, 0, 1 / (1 - rate), mask);
  return mask;
}

// Calls work(first, count) for slices of `count` elements, in parallel.
template <class Work>
void for_slices(std::size_t count, const Work& work) {
  parallel_for((count + kElementSlice - 1) / kElementSlice,
               [&](std::size_t s) { work(s * kElementSlice, std::min(kElementSlice, count - s * kElementSlice)); });
}

bool draws(const Tape& tape, float rate, const Noise& noise) { return rate > 0 && noise.active() && tape.recording(); }

}  // namespace

Var dropout(Tape& tape, Var x, float rate, const Noise& noise) {
  if (!draws(tape, rate, noise)) return x;
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, in.columns);
  const float* mask = draw(tape, in.rows * in.columns, rate, noise).data();
  float* out = tape.value(y).data;
  for_slices(in.rows * in.columns,
             [&](std::size_t i, std::size_t n) { multiply_elements(n, in.data + i, mask + i, out + i); });
  tape.record([x, y, mask](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix dy = t.gradient(y);
    float* dx = t.gradient(x).data;
    for_slices(dy.rows * dy.columns,
               [&](std::size_t i, std::size_t n) { add_products(n, dy.data + i, mask + i, dx + i); });
  });
  return y;
}

Var sequence_dropout(Tape& tape, Var x, const Steps& steps, float rate, const Noise& noise) {
  if (!draws(tape, rate, noise)) return x;
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, in.columns);
  const float* mask = draw(tape, steps.batch() * in.columns, rate, noise).data();
  float* out = tape.value(y).data;
  // A step's rows are a prefix of the batch's.
  parallel_for(steps.length(), [&](std::size_t t) {
    const std::size_t place = steps.offset(t) * in.columns;
    multiply_elements(steps.rows(t) * in.columns, in.data + place, mask, out + place);
  });
  tape.record([x, y, mask, &steps](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix dy = t.gradient(y);
    float* dx = t.gradient(x).data;
    parallel_for(steps.length(), [&](std::size_t s) {
      const std::size_t place = steps.offset(s) * dy.columns;
      add_products(steps.rows(s) * dy.columns, dy.data + place, mask, dx + place);
    });
  });
  return y;
}

Parameter drop_weights(Tape& tape, const Parameter& parameter, float rate, const Noise& noise) {
  if (!draws(tape, rate, noise)) return parameter;
  const std::size_t count = parameter.rows * parameter.columns;
  const float* mask = draw(tape, count, rate, noise).data();
  float* value = tape.arena().take<float>(count).data();
  const Parameter dropped{value, tape.arena().take<float>(count).data(), parameter.rows, parameter.columns};
  multiply_elements(count, parameter.value, mask, value);
  std::fill_n(dropped.gradient, count, 0.0F);
  tape.record(
      [parameter, dropped, mask, count](Tape&) { add_products(count, dropped.gradient, mask, parameter.gradient); });
  return dropped;
}

void penalise_activation(Tape& tape, Var x, float weight) {
  if (weight <= 0) return;
  tape.record([x, weight](Tape& t) {
    const Matrix value = t.value(x);
    float* dx = t.gradient(x).data;
    const std::size_t count = value.rows * value.columns;
    const float factor = 2 * weight / static_cast<float>(count);
    for_slices(count, [&](std::size_t first, std::size_t n) {
      for (std::size_t i = first; i < first + n; ++i) dx[i] += factor * value.data[i];
    });
  });
}

void penalise_change(Tape& tape, Var x, const Steps& steps, float weight) {
  const std::size_t changes = steps.total() - steps.batch();
  if (weight <= 0 || changes == 0) return;
  tape.record([x, &steps, weight, changes](Tape& t) {
    const Matrix value = t.value(x);
    float* dx = t.gradient(x).data;
    const float factor = 2 * weight / static_cast<float>(changes * value.columns);
    for (std::size_t s = 1; s < steps.length(); ++s) {
      const std::size_t here = steps.offset(s) * value.columns;
      const std::size_t before = steps.offset(s - 1) * value.columns;
      for (std::size_t i = 0; i < steps.rows(s) * value.columns; ++i) {
        const float d = factor * (value.data[here + i] - value.data[before + i]);
        dx[here + i] += d;
        dx[before + i] -= d;
      }
    }
  });
}

}  // namespace recur
