// What forward and backward share: which rows a thread owns, and where the state before a step lies.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/recurrent.h"

namespace recur {

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

// Those of some rows of the batch that step t has, among the rows of all steps.
inline RowRange rows_of_step(const Steps& steps, std::size_t t, const RowRange& rows) {
  return {steps.offset(t) + std::min(rows.first, steps.rows(t)), steps.offset(t) + std::min(rows.last, steps.rows(t))};
}

// Calls work(rows) for parts of the rows of step t among those of all steps, one for each thread, in parallel.
template <class Work>
void parallel_rows(const Steps& steps, std::size_t t, const Work& work) {
  const std::size_t rows = steps.rows(t), parts = std::min(thread_count(), rows);
  parallel_for(parts, [&](std::size_t part) {
    work(RowRange{steps.offset(t) + rows * part / parts, steps.offset(t) + rows * (part + 1) / parts});
  });
}

// Calls work(rows) for parts of the rows of the batch, one for each thread, in parallel.
template <class Work>
void parallel_batch(const Steps& steps, const Work& work) {
  const std::size_t parts = std::min(thread_count(), steps.batch());
  parallel_for(parts, [&](std::size_t part) { work(row_range(steps, part, parts)); });
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

// Rows and units [first_unit, last_unit) of every stage that one thread computes for the whole sequence.
struct Share {
  RowRange rows;
  std::size_t first_unit, last_unit;
  const TeamMember* team = nullptr;  // of those that compute the other units of the same rows, which all need
};

// Until all threads that compute the units of the same rows have come here.
inline void wait_for_others(const Share& share) {
  if (share.team != nullptr) share.team->wait();
}

// How a layer's work is cut for the threads: by rows, which need nothing of each other; by units too where units need
// nothing of each other's past; or by units that do, with threads waiting for each other at every step, where the
// weights of a step are so many that each thread had better read its own part of them only.
class Shares {
 public:
  Shares(const LayerShape& shape, const Steps& steps) : steps_(steps) {
    const std::size_t threads = thread_count();
    blocks_ = (std::max(shape.hidden, shape.output) + kUnitBlock - 1) / kUnitBlock;
    const bool alone = !shape.cell->multiplies_states() && !shape.layer_norm;
    waits_ = threads > 1 && blocks_ >= threads && many_weights(shape);
    row_parts_ = waits_ ? 1 : std::min(threads, steps.batch());
    unit_parts_ = 1;
    if (waits_) unit_parts_ = threads;
    if (alone) unit_parts_ = std::clamp<std::size_t>(threads / std::max<std::size_t>(row_parts_, 1), 1, blocks_);
  }
  // Every thread computes some units of all rows, whatever that costs.
  static Shares of_units(const LayerShape& shape, const Steps& steps) {
    Shares shares(shape, steps);
    shares.waits_ = true;
    shares.row_parts_ = 1;
    shares.unit_parts_ = std::min(thread_count(), shares.blocks_);
    return shares;
  }
  // Whether rows are too few for all threads, but of_units() may be faster: that depends on what waiting costs now.
  bool leave_threads(const LayerShape& shape) const {
    return !waits_ && unit_parts_ == 1 && row_parts_ < std::min(thread_count(), blocks_) && !shape.layer_norm;
  }
  std::size_t unit_parts() const { return unit_parts_; }
  std::size_t row_parts() const { return row_parts_; }

  Share all_units(const RowRange& rows) const { return share(rows, TeamMember()); }

  // Calls work(share) for every share, in parallel.
  template <class Work>
  void run(const Work& work) const {
    run_parts([&](std::size_t part) { return row_range(steps_, part, row_parts_); }, work);
  }
  // The same for one step alone, whose rows are cut evenly.
  template <class Work>
  void run_step(std::size_t t, const Work& work) const {
    const std::size_t rows = steps_.rows(t);
    run_parts(
        [&](std::size_t part) {
          return RowRange{rows * part / row_parts_, rows * (part + 1) / row_parts_};
        },
        work);
  }

 private:
  // A step's products are worth waiting for, and the weights more than a core's own cache holds.
  bool many_weights(const LayerShape& shape) const {
    constexpr std::size_t kLeastWeights = std::size_t{3} << 19, kLeastWork = std::size_t{1} << 22;
    if (shape.layer_norm) return false;  // sums over all units
    std::size_t weights = 0;
    for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
      if (!shape.cell->weights[w].from_input) weights += shape.rows_of_weight(w) * shape.columns_of_weight(w);
    }
    return weights >= kLeastWeights && weights * steps_.batch() >= kLeastWork;
  }
  // Calls work(share) for the rows rows_of(part) of every part, and its units.
  template <class RowsOf, class Work>
  void run_parts(const RowsOf& rows_of, const Work& work) const {
    if (!waits_) {
      return parallel_for(row_parts_ * unit_parts_, [&](std::size_t index) {
        work(share(rows_of(index / unit_parts_), {index % unit_parts_, unit_parts_, nullptr}));
      });
    }
    parallel_team(unit_parts_, [&](const TeamMember& member) {
      Share mine = share(rows_of(0), member);
      mine.team = &member;
      work(mine);
    });
  }
  Share share(const RowRange& rows, const TeamMember& member) const {
    return {rows, blocks_ * member.part / member.parts * kUnitBlock,
            blocks_ * (member.part + 1) / member.parts * kUnitBlock};
  }

  const Steps& steps_;
  std::size_t row_parts_, unit_parts_, blocks_;
  bool waits_;
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
