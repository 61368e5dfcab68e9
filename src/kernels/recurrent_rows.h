// What forward and backward share: which rows a thread owns, and where the state before a step lies.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/threads.h"
#include "kernels/elementwise.h"
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

// The rows of all steps that belong to the steps [first, last).
inline RowRange rows_of_steps(const Steps& steps, std::size_t first, std::size_t last) {
  return {steps.offset(first), last < steps.length() ? steps.offset(last) : steps.total()};
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

// Threads that share a sequence's units own blocks of so many.
inline constexpr std::size_t kUnitBlock = 64;

// Rows and units [first_unit, last_unit) of every stage that one thread computes for the whole sequence. Where units
// need each other's past, all are one thread's.
struct Share {
  RowRange rows;
  std::size_t first_unit, last_unit;
};

// How a layer's work is cut for the threads.
class Shares {
 public:
  Shares(const LayerShape& shape, const Steps& steps) : shape_(shape), steps_(steps) {
    const std::size_t threads = thread_count();
    row_parts_ = std::min(threads, steps.batch());
    const std::size_t widest = std::max(shape.hidden, shape.output);
    const std::size_t blocks = (widest + kUnitBlock - 1) / kUnitBlock;
    const bool alone = !shape.cell->multiplies_states() && !shape.layer_norm;
    unit_parts_ = alone ? std::clamp<std::size_t>(threads / std::max<std::size_t>(row_parts_, 1), 1, blocks) : 1;
    blocks_ = blocks;
  }
  std::size_t count() const { return row_parts_ * unit_parts_; }
  std::size_t unit_parts() const { return unit_parts_; }
  Share operator[](std::size_t index) const {
    const std::size_t part = index % unit_parts_;
    const bool last = part + 1 == unit_parts_;
    return {row_range(steps_, index / unit_parts_, row_parts_), blocks_ * part / unit_parts_ * kUnitBlock,
            last ? blocks_ * kUnitBlock : blocks_ * (part + 1) / unit_parts_ * kUnitBlock};
  }

 private:
  const LayerShape& shape_;
  const Steps& steps_;
  std::size_t row_parts_, unit_parts_, blocks_;
};

// How state `slot` changes after the cell has computed it, from row `row` of all steps and unit `unit` on.
inline StateUpdate state_update(const LayerShape& shape, const LayerNoise& noise, std::size_t slot, std::size_t row,
                                std::size_t unit) {
  const float* keep = noise.keep[slot];
  if (keep != nullptr) keep += row * shape.width_of_slot(slot) + unit;
  return {keep, shape.zoneout_of(slot), shape.state_clip};
}

// Calls visit(row, first unit, count of floats) for pieces of the rows [first, first + count) of a state that lie
// together: all at once, or row by row where a share has only some of the units.
template <class Visit>
void for_state_parts(const LayerShape& shape, const Share& share, std::size_t slot, std::size_t first,
                     std::size_t count, const Visit& visit) {
  const std::size_t units = shape.width_of_slot(slot);
  if (share.first_unit == 0 && share.last_unit >= units) return visit(first, std::size_t{0}, count * units);
  if (share.first_unit >= units) return;
  for (std::size_t row = first; row < first + count; ++row) {
    visit(row, share.first_unit, std::min(share.last_unit, units) - share.first_unit);
  }
}

// The row of step t in the values of a state.
inline std::size_t row_after(const LayerShape& shape, const Steps& steps, std::size_t t) {
  return (shape.reverse ? 0 : steps.batch()) + steps.offset(t);
}

}  // namespace recur
