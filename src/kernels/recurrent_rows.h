// What forward and backward share: which rows a thread owns, and where the state before a step lies.
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/recurrent.h"

namespace recur {

struct RowRange {
  std::size_t first, last;
};

// Part `part` of `parts` contiguous ranges of rows with about equal numbers of steps.
inline RowRange row_range(const Steps& steps, std::size_t part, std::size_t parts) {
  const auto boundary = [&](std::size_t p) {
    if (steps.is_rectangle()) return steps.batch() * p / parts;
    const std::size_t wanted = steps.total() * p / parts;
    std::size_t row = 0;
    for (std::size_t done = 0; row < steps.batch() && done < wanted; ++row) done += steps.length_of(row);
    return p == parts ? steps.batch() : row;
  };
  return {boundary(part), boundary(part + 1)};
}

// The step that comes `index`-th in the layer's direction.
inline std::size_t step_at(const LayerShape& shape, const Steps& steps, std::size_t index) {
  return shape.reverse ? steps.length() - 1 - index : index;
}

// Calls visit(first, last, before) for the parts of the rows [first, last), not empty, of step t whose states before
// the step lie together, `before` being row `first` in the values of a state. In reverse, sequences begin at different
// steps: rows that the step above does not have come from the initial state.
template <class Visit>
void for_rows_before(const LayerShape& shape, const Steps& steps, std::size_t t, RowRange rows, const Visit& visit) {
  if (!shape.reverse) {
    visit(rows.first, rows.last, (t == 0 ? 0 : steps.batch() + steps.offset(t - 1)) + rows.first);
    return;
  }
  const std::size_t running =
      t + 1 < steps.length() ? std::clamp(steps.rows(t + 1), rows.first, rows.last) : rows.first;
  if (rows.first < running) visit(rows.first, running, steps.offset(t + 1) + rows.first);
  if (running < rows.last) visit(running, rows.last, steps.total() + running);
}

// The row of step t in the values of a state.
inline std::size_t row_after(const LayerShape& shape, const Steps& steps, std::size_t t) {
  return (shape.reverse ? 0 : steps.batch()) + steps.offset(t);
}

}  // namespace recur
