#include "autograd/arrange.h"

#include <algorithm>
#include <cassert>

#include "autograd/readout.h"
#include "base/threads.h"
#include "kernels/elementwise.h"

namespace recur {
namespace {

// Where the input `delay` steps before step t of a row lies: its step, or how many steps before the first.
struct Place {
  bool inside;
  std::size_t step;    // inside
  std::size_t before;  // not inside: 0 is the latest
};
Place look(const Steps& steps, const Window& window, std::size_t row, std::size_t t, std::size_t delay) {
  if (!window.reverse) return t >= delay ? Place{true, t - delay, 0} : Place{false, 0, delay - t - 1};
  const std::size_t length = steps.length_of(row);
  return t + delay < length ? Place{true, t + delay, 0} : Place{false, 0, t + delay - length};
}

// Calls visit(row of all steps, row of the batch, delay, place) for everything that is looked back on.
template <class Visit>
void for_places(const Steps& steps, const Window& window, const Visit& visit) {
  parallel_for(steps.length(), [&](std::size_t t) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) {
      for (std::size_t k = 0; k < window.size; ++k)
        visit(steps.offset(t) + row, row, k, look(steps, window, row, t, k));
    }
  });
}

}  // namespace

Var side_by_side(Tape& tape, Var a, Var b) {
  const Matrix left = tape.value(a);
  const Matrix right = tape.value(b);
  assert(left.rows == right.rows);
  const std::size_t columns = left.columns + right.columns;
  const Var y = tape.add(left.rows, columns);
  float* to = tape.value(y).data;
  parallel_slices(left.rows, kRowSlice, [&](std::size_t first, std::size_t last) {
    for (std::size_t row = first; row < last; ++row) {
      std::copy_n(left.data + row * left.columns, left.columns, to + row * columns);
      std::copy_n(right.data + row * right.columns, right.columns, to + row * columns + left.columns);
    }
  });
  tape.record([a, b, y](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y);
    std::size_t column = 0;
    for (const Var part : {a, b}) {
      const Matrix to_part = t.gradient(part);
      for (std::size_t row = 0; row < d.rows; ++row) {
        accumulate_elements(to_part.columns, d.data + row * d.columns + column, to_part.data + row * to_part.columns);
      }
      column += to_part.columns;
    }
  });
  return y;
}

Var repeat_row(Tape& tape, const Parameter& row, std::size_t rows) {
  const Var y = tape.add(rows, row.columns);
  float* const to = tape.value(y).data;
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(row.value, row.columns, to + r * row.columns);
  tape.record([y, row](Tape& t) {
    if (t.has_gradient(y)) accumulate_column_sums(t.gradient(y), row.gradient);
  });
  return y;
}

Var first_columns(Tape& tape, Var x, std::size_t columns) {
  const Matrix from = tape.value(x);
  assert(columns <= from.columns);
  const Var y = tape.add(from.rows, columns);
  float* to = tape.value(y).data;
  for (std::size_t row = 0; row < from.rows; ++row) {
    std::copy_n(from.data + row * from.columns, columns, to + row * columns);
  }
  tape.record([x, y](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y), d_x = t.gradient(x);
    for (std::size_t row = 0; row < d.rows; ++row) {
      accumulate_elements(d.columns, d.data + row * d.columns, d_x.data + row * d_x.columns);
    }
  });
  return y;
}

Var keep_each(Tape& tape, Var x, const Steps*& steps, std::size_t every) {
  std::vector<std::size_t> rows, places;
  for (std::size_t t = 0; t < steps->length(); t += every) {
    rows.push_back(steps->rows(t));
    for (std::size_t row = 0; row < rows.back(); ++row) places.push_back(steps->offset(t) + row);
  }
  steps = &tape.keep(Steps(rows));
  return select_rows(tape, x, tape.keep(std::move(places)));
}

Var add(Tape& tape, Var a, Var b) {
  const Matrix left = tape.value(a);
  const float* right = tape.value(b).data;
  const Var y = tape.add(left.rows, left.columns);
  float* to = tape.value(y).data;
  add_elements(left.rows * left.columns, left.data, right, to);
  tape.record([a, b, y](Tape& t) {
    if (!t.has_gradient(y)) return;
    const Matrix d = t.gradient(y);
    for (const Var part : {a, b}) accumulate_elements(d.rows * d.columns, d.data, t.gradient(part).data);
  });
  return y;
}

Var highway(Tape& tape, Var gate, Var y, Var x) {
  const Matrix value = tape.value(y);
  const std::size_t count = value.rows * value.columns;
  const Var out = tape.add(value.rows, value.columns);
  mix(count, tape.value(gate).data, value.data, tape.value(x).data, tape.value(out).data);
  tape.record([gate, y, x, out, count](Tape& t) {
    if (!t.has_gradient(out)) return;
    mix_backward(count, t.value(gate).data, t.value(y).data, t.value(x).data, t.gradient(out).data,
                 t.gradient(gate).data, t.gradient(y).data, t.gradient(x).data);
  });
  return out;
}

Var look_back(Tape& tape, Var x, const Steps& steps, const Window& window) {
  const Matrix in = tape.value(x);
  const std::size_t columns = in.columns;
  const Var y = tape.add(in.rows, columns * window.size);
  float* to = tape.value(y).data;
  for_places(steps, window, [&](std::size_t at, std::size_t row, std::size_t k, const Place& place) {
    float* out = to + (at * window.size + k) * columns;
    if (place.inside) {
      std::copy_n(in.data + (steps.offset(place.step) + row) * columns, columns, out);
    } else if (window.before != nullptr) {
      std::copy_n(window.before + (row * (window.size - 1) + place.before) * columns, columns, out);
    } else {
      std::fill_n(out, columns, 0.0F);
    }
  });
  tape.record([x, y, &steps, window, columns](Tape& t) {
    if (!t.has_gradient(y)) return;
    const float* d = t.gradient(y).data;
    float* dx = t.gradient(x).data;
    // Each input's gradient is one sum over the delays at which it was seen.
    parallel_for(steps.length(), [&](std::size_t s) {
      for (std::size_t k = 0; k < window.size; ++k) {
        if (!window.reverse && s + k >= steps.length()) break;
        if (window.reverse && s < k) break;
        const std::size_t seen_at = window.reverse ? s - k : s + k;
        for (std::size_t row = 0; row < std::min(steps.rows(s), steps.rows(seen_at)); ++row) {
          const float* from = d + ((steps.offset(seen_at) + row) * window.size + k) * columns;
          float* to_input = dx + (steps.offset(s) + row) * columns;
          for (std::size_t j = 0; j < columns; ++j) to_input[j] += from[j];
        }
      }
    });
  });
  return y;
}

std::span<const int> look_back(Tape& tape, std::span<const int> indices, std::size_t count, const Steps& steps,
                               const Window& window) {
  const std::span<int> seen = tape.arena().take<int>(indices.size(), window.size);
  for_places(steps, window, [&](std::size_t at, std::size_t row, std::size_t k, const Place& place) {
    int index = -1;
    if (place.inside) {
      index = indices[steps.offset(place.step) + row];
    } else if (window.before != nullptr) {
      index = static_cast<int>(window.before[row * (window.size - 1) + place.before]) - 1;
    }
    seen[at * window.size + k] = index < 0 ? -1 : index + static_cast<int>(k * count);
  });
  return seen;
}

namespace {

// Shifts each row's old inputs back and puts the new ones, newest first, before them; copy_input(row of all steps, to).
template <class Copy>
void shift_inputs(const Steps& steps, std::size_t size, std::size_t columns, std::span<float> before,
                  const Copy& copy_input) {
  const std::size_t kept = size - 1;
  for (std::size_t row = 0; row < steps.batch(); ++row) {
    float* own = before.data() + row * kept * columns;
    const std::size_t length = steps.length_of(row);
    if (length < kept) std::copy_backward(own, own + (kept - length) * columns, own + kept * columns);
    for (std::size_t k = 0; k < std::min(kept, length); ++k) {
      copy_input(steps.offset(length - 1 - k) + row, own + k * columns);
    }
  }
}

}  // namespace

void keep_inputs(const Steps& steps, std::size_t size, std::size_t columns, const float* x, std::span<float> before) {
  shift_inputs(steps, size, columns, before,
               [&](std::size_t at, float* to) { std::copy_n(x + at * columns, columns, to); });
}

void keep_inputs(const Steps& steps, std::size_t size, std::span<const int> indices, std::span<float> before) {
  shift_inputs(steps, size, 1, before, [&](std::size_t at, float* to) { *to = static_cast<float>(indices[at] + 1); });
}

}  // namespace recur
