// The last part of a layer's backward pass: from the gradients of all gates those of the weights and biases.
#pragma once

#include <array>
#include <cstddef>

#include "base/arena.h"
#include "base/threads.h"
#include "kernels/gate_runs.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"

namespace recur {

// What a trace holds after backward has replaced a run's gates by their gradients, in some rows of all steps.
ConstMatrix gate_gradients(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows);

// Some rows of the batch in the steps [first_step, last_step).
struct BatchPart {
  std::size_t first_step, last_step;
  RowRange rows;
};

// Adds the gradients of weights and biases from a part of the batch; `runs` are those of the cell. In parallel unless
// called from one of the threads of a parallel region.
void add_weight_gradients(const LayerShape& shape, const GateRuns& runs, const LayerTrace& trace, const BatchPart& part,
                          const LayerTensors<float>& to, Arena& scratch);

// Slices of a large batch of a narrow layer, whose gradients of weights are summed apart and then added in order. So a
// thread can own slices from the gates to the gradients of weights; else half of what it multiplies comes from the
// cache of another core, which costs a narrow layer a sixth to a third of the time. How many there are
// depends on the shapes alone, for on that depend the bits of the sums.
class GradientSlices {
 public:
  // `steps` and `to` must outlive it. The memory is the arena's.
  GradientSlices(const LayerShape& shape, const Steps& steps, const LayerTensors<float>& to, Arena& arena);

  std::size_t count() const { return count_; }
  RowRange rows(std::size_t slice) const { return row_range(steps_, slice, count_); }
  // Where the gradients of a slice are added; of a batch that is not cut, to `to` itself.
  const LayerTensors<float>& sums(std::size_t slice) const { return sums_[slice]; }
  // Memory for add_weight_gradients() of this slice alone.
  Arena& scratch(std::size_t slice) { return scratch_[slice]; }
  // Whether each of several threads can own as many slices as the others. One thread had better have all rows at once.
  bool occupy_threads() const { return thread_count() > 1 && count_ > 1 && count_ % thread_count() == 0; }
  // Adds the sums of all slices to `to`.
  void finish() const;

 private:
  static constexpr std::size_t kMost = 8;

  const LayerShape& shape_;
  const Steps& steps_;
  const LayerTensors<float>& to_;
  std::size_t count_;
  std::array<LayerTensors<float>, kMost> sums_;
  std::array<Arena, kMost> scratch_;
};

}  // namespace recur
