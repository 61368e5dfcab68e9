#include "autograd/readout.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace recur {
namespace {

void add_to(float* sum, const float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += x[i];
}

// Calls visit(sequence, row) with the row of each sequence's last step.
template <class Visit>
void for_last_steps(const Steps& steps, const Visit& visit) {
  std::size_t longer = 0;  // sequences that go on after step t
  for (std::size_t t = steps.length(); t-- > 0; longer = steps.rows(t)) {
    for (std::size_t sequence = longer; sequence < steps.rows(t); ++sequence) {
      visit(sequence, steps.offset(t) + sequence);
    }
  }
}

}  // namespace

Var select_rows(Tape& tape, Var x, std::span<const std::size_t> rows) {
  const Matrix in = tape.value(x);
  const Var y = tape.add(rows.size(), in.columns);
  float* out = tape.value(y).data;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    assert(rows[i] < in.rows);
    std::copy_n(in.data + rows[i] * in.columns, in.columns, out + i * in.columns);
  }
  tape.record([x, y, rows](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix dy = t.gradient(y);
    float* dx = t.gradient(x).data;
    for (std::size_t i = 0; i < rows.size(); ++i)
      add_to(dx + rows[i] * dy.columns, dy.data + i * dy.columns, dy.columns);
  });
  return y;
}

Var last_output(Tape& tape, Var x, const Steps& steps, std::size_t forward_columns) {
  const Matrix in = tape.value(x);
  const std::size_t width = in.columns;
  assert(in.rows == steps.total() && forward_columns <= width);
  const Var y = tape.add(steps.batch(), width);
  float* out = tape.value(y).data;
  for_last_steps(steps, [&](std::size_t sequence, std::size_t row) {
    std::copy_n(in.data + row * width, forward_columns, out + sequence * width);
    std::copy_n(in.data + sequence * width + forward_columns, width - forward_columns,
                out + sequence * width + forward_columns);
  });
  tape.record([x, y, &steps, forward_columns, width](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* dy = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    for_last_steps(steps, [&](std::size_t sequence, std::size_t row) {
      add_to(dx + row * width, dy + sequence * width, forward_columns);
      add_to(dx + sequence * width + forward_columns, dy + sequence * width + forward_columns, width - forward_columns);
    });
  });
  return y;
}

double squared_error(Tape& tape, Var y, std::span<const float> targets, float gradient_scale) {
  const Matrix values = tape.value(y);
  assert(values.rows * values.columns == targets.size());
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (std::isnan(targets[i])) continue;
    const double error = static_cast<double>(values.data[i]) - static_cast<double>(targets[i]);
    sum += error * error;
  }
  tape.record([y, targets, gradient_scale](Tape& t) {
    const float* out = t.value(y).data;
    float* dy = t.gradient(y).data;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!std::isnan(targets[i])) dy[i] += 2 * gradient_scale * (out[i] - targets[i]);
    }
  });
  return sum;
}

}  // namespace recur
