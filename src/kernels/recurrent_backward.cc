#include <algorithm>

#include "base/threads.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"

namespace recur {
namespace {

constexpr std::size_t kMostRuns = kMostWeights * Names::kMost;  // of a stage

// Neighbouring gates of a stage that are neighbouring rows of a weight: one matrix product for all of them.
struct GateRun {
  std::size_t stage, weight;
  int source;
  std::size_t first_gate, first_row, count;
};

struct GateRuns {
  std::array<GateRun, kMostRuns * kMostStages> runs;
  std::size_t count = 0;

  explicit GateRuns(const CellInfo& cell) {
    for (std::size_t s = 0; s < cell.stages.size(); ++s) {
      for (const auto& product : cell.stages[s].products) {
        for (std::size_t i = 0; i < product.gates.size(); ++i) {
          if (i > 0 && product.gates[i] == product.gates[i - 1] + 1) {
            ++runs[count - 1].count;
          } else {
            runs.at(count++) = {s, product.weight, product.source, product.gates[i], product.first_row + i, 1};
          }
        }
      }
    }
  }
  const GateRun* begin() const { return runs.data(); }
  const GateRun* end() const { return runs.data() + count; }
};

class Backward {
 public:
  Backward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
           const LayerGradients& gradients, Arena& scratch)
      : shape_(shape),
        cell_(*shape.cell),
        tensors_(tensors),
        steps_(*trace.steps),
        trace_(trace),
        gradients_(gradients),
        scratch_(scratch),
        runs_(cell_) {
    for (std::size_t i = 0; i < runs_.count; ++i) {
      const GateRun& run = runs_.runs[i];
      if (run.source == StageInfo::kInput) continue;
      packed_[i] = pack({weight_rows(run), run.count * shape_.hidden, shape_.hidden, shape_.hidden}, scratch_);
    }
    const std::size_t size = steps_.batch() * shape_.hidden;
    for (std::size_t slot = 0; slot < cell_.slots.size(); ++slot) {
      after_[slot] = scratch_.take<float>(size).data();
      if (slot < cell_.states) before_[slot] = scratch_.take<float>(size).data();
    }
  }

  // Gradients of the gates of rows [first, last) of all steps, and of their initial states.
  void run_rows(RowRange rows) const {
    for (std::size_t i = steps_.length(); i-- > 0;) {
      const std::size_t t = step_at(shape_, steps_, i);
      const RowRange active{rows.first, std::min(rows.last, steps_.rows(t))};
      if (active.first >= active.last) continue;
      start_ending_rows(i, t, active);
      add_output_gradient(t, active);
      for_rows_before(shape_, steps_, t, active, [&](std::size_t first, std::size_t last, std::size_t before) {
        run_step(t, first, last - first, before);
      });
      for (std::size_t slot = 0; slot < cell_.states; ++slot) copy_rows(before_[slot], active, after_[slot]);
    }
    for (std::size_t slot = 0; slot < std::min(cell_.states, gradients_.initial.size()); ++slot) {
      float* to = gradients_.initial[slot];
      if (to == nullptr) continue;
      for (std::size_t k = rows.first * shape_.hidden; k < rows.last * shape_.hidden; ++k) to[k] += after_[slot][k];
    }
  }

  // Gradients of weights and biases: one product over all steps.
  void add_weight_gradients() const {
    for (const GateRun& run : runs_) {
      const std::size_t hidden = shape_.hidden;
      const ConstMatrix d = gate_gradients(run);
      accumulate_column_sums(d, gradients_.tensors.bias[run.weight] + run.first_row * hidden);
      if (run.source == StageInfo::kInput && shape_.one_hot) {
        scatter(run);
        continue;
      }
      const ConstMatrix source = source_of_all_steps(run);
      float* to = gradients_.tensors.weight[run.weight] + run.first_row * hidden * source.columns;
      accumulate_transposed(d, source, {to, run.count * hidden, source.columns, source.columns}, scratch_);
    }
  }

  void add_input_gradient() const {
    if (gradients_.input == nullptr) return;
    for (const GateRun& run : runs_) {
      if (run.source != StageInfo::kInput) continue;
      const PackedMatrix w = pack({weight_rows(run), run.count * shape_.hidden, shape_.input, shape_.input}, scratch_);
      multiply(gate_gradients(run), w, {ProductStart::From::result},
               {gradients_.input, steps_.total(), shape_.input, shape_.input});
    }
  }

 private:
  std::size_t gate_stride(std::size_t s) const { return cell_.stages[s].gates.size() * shape_.hidden; }
  const float* weight_rows(const GateRun& run) const {
    const std::size_t columns = run.source == StageInfo::kInput ? shape_.input : shape_.hidden;
    return tensors_.weight[run.weight] + run.first_row * shape_.hidden * columns;
  }
  ConstMatrix gate_gradients(const GateRun& run) const {
    return {trace_.gates[run.stage] + run.first_gate * shape_.hidden, steps_.total(), run.count * shape_.hidden,
            gate_stride(run.stage)};
  }

  void copy_rows(const float* from, RowRange rows, float* to) const {
    std::copy(from + rows.first * shape_.hidden, from + rows.last * shape_.hidden, to + rows.first * shape_.hidden);
  }

  // Rows whose last step is t start from the gradient of their last state.
  void start_ending_rows(std::size_t index, std::size_t t, RowRange active) const {
    const bool last = index + 1 == steps_.length();
    RowRange ending = active;
    if (shape_.reverse && !last) return;  // in reverse all rows end together, at step 0
    if (!last) ending.first = std::max(active.first, steps_.rows(t + 1));
    for (std::size_t slot = 0; slot < cell_.states && ending.first < ending.last; ++slot) {
      const float* given = slot < gradients_.last.size() ? gradients_.last[slot] : nullptr;
      if (given != nullptr) {
        copy_rows(given, ending, after_[slot]);
      } else {
        std::fill(after_[slot] + ending.first * shape_.hidden, after_[slot] + ending.last * shape_.hidden, 0.0F);
      }
    }
  }

  void add_output_gradient(std::size_t t, RowRange active) const {
    if (gradients_.output == nullptr) return;
    const float* d = gradients_.output + (steps_.offset(t) + active.first) * shape_.hidden;
    float* to = after_[0] + active.first * shape_.hidden;
    for (std::size_t k = 0; k < (active.last - active.first) * shape_.hidden; ++k) to[k] += d[k];
  }

  void run_step(std::size_t t, std::size_t first, std::size_t count, std::size_t before) const {
    const std::size_t hidden = shape_.hidden;
    const std::size_t row = steps_.offset(t) + first;
    for (std::size_t slot = 0; slot < cell_.slots.size(); ++slot) {
      float* d = (slot < cell_.states ? before_[slot] : after_[slot]) + first * hidden;
      std::fill_n(d, count * hidden, 0.0F);
    }
    for (std::size_t s = cell_.stages.size(); s-- > 0;) {
      const StageInfo& stage = cell_.stages[s];
      std::array<TileRows, Names::kMost * 2> inputs, input_gradients;
      std::array<TileRows, kMostSlots> output_gradients;
      std::size_t n = 0;
      for (std::size_t g = 0; g < stage.gates.size(); ++g, ++n) {
        inputs[n] = {trace_.gates[s] + row * gate_stride(s) + g * hidden, gate_stride(s)};
        input_gradients[n] = inputs[n];
      }
      for (const std::size_t slot : stage.reads) {
        const bool state = slot < cell_.states;
        inputs[n] = {trace_.values[slot] + (state ? before : row) * hidden, hidden};
        input_gradients[n++] = {(state ? before_[slot] : after_[slot]) + first * hidden, hidden};
      }
      for (std::size_t o = 0; o < stage.writes.size(); ++o) {
        output_gradients[o] = {after_[stage.writes[o]] + first * hidden, hidden};
      }
      stage.backward(count, hidden, inputs.data(), output_gradients.data(), input_gradients.data());
      multiply_back(s, row, first, count);
    }
  }

  // Gradients of the sources of stage s: the gates' gradients times the weights.
  void multiply_back(std::size_t s, std::size_t row, std::size_t first, std::size_t count) const {
    const std::size_t hidden = shape_.hidden;
    for (std::size_t i = 0; i < runs_.count; ++i) {
      const GateRun& run = runs_.runs[i];
      if (run.stage != s || run.source == StageInfo::kInput) continue;
      const auto slot = static_cast<std::size_t>(run.source);
      const ConstMatrix d{trace_.gates[s] + row * gate_stride(s) + run.first_gate * hidden, count, run.count * hidden,
                          gate_stride(s)};
      float* to = (slot < cell_.states ? before_[slot] : after_[slot]) + first * hidden;
      multiply_block(d, packed_[i], 0, packed_[i].panels(), {ProductStart::From::result}, to, hidden);
    }
  }

  // What a run's weight was multiplied with in every row of all steps, [total, columns].
  ConstMatrix source_of_all_steps(const GateRun& run) const {
    const std::size_t hidden = shape_.hidden;
    if (run.source == StageInfo::kInput) return {trace_.input.dense, steps_.total(), shape_.input, shape_.input};
    const auto slot = static_cast<std::size_t>(run.source);
    const float* values = trace_.values[slot];
    if (slot >= cell_.states) return {values, steps_.total(), hidden, hidden};
    // States one step before: in a rectangle the same rows, shifted by a step; else they are gathered.
    if (steps_.is_rectangle()) {
      return {values + (shape_.reverse ? steps_.batch() * hidden : 0), steps_.total(), hidden, hidden};
    }
    float* gathered = scratch_.take<float>(steps_.total() * hidden).data();
    for (std::size_t t = 0; t < steps_.length(); ++t) {
      for_rows_before(shape_, steps_, t, {0, steps_.rows(t)},
                      [&](std::size_t first, std::size_t last, std::size_t before) {
                        std::copy_n(values + before * hidden, (last - first) * hidden,
                                    gathered + (steps_.offset(t) + first) * hidden);
                      });
    }
    return {gathered, steps_.total(), hidden, hidden};
  }

  // The gradient of a one-hot input's weight: each row's gradient is added to its token. Threads own columns.
  void scatter(const GateRun& run) const {
    const std::size_t hidden = shape_.hidden;
    const std::size_t width = cell_.weights[run.weight].gates * hidden;
    const ConstMatrix d = gate_gradients(run);
    constexpr std::size_t kColumns = 64;
    parallel_for((d.columns + kColumns - 1) / kColumns, [&](std::size_t slice) {
      const std::size_t first = slice * kColumns;
      const std::size_t count = std::min(kColumns, d.columns - first);
      for (std::size_t row = 0; row < d.rows; ++row) {
        const auto index = static_cast<std::size_t>(trace_.input.indices[row]);
        float* to = gradients_.tensors.weight[run.weight] + index * width + run.first_row * hidden + first;
        const float* from = d.data + row * d.stride + first;
        for (std::size_t j = 0; j < count; ++j) to[j] += from[j];
      }
    });
  }

  const LayerShape& shape_;
  const CellInfo& cell_;
  const LayerTensors<const float>& tensors_;
  const Steps& steps_;
  const LayerTrace& trace_;
  const LayerGradients& gradients_;
  Arena& scratch_;
  GateRuns runs_;
  std::array<PackedMatrix, kMostRuns * kMostStages> packed_;
  std::array<float*, kMostSlots> after_{}, before_{};  // of each slot after and before the step, [batch, hidden]
};

}  // namespace

void layer_backward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
                    const LayerGradients& gradients, Arena& scratch) {
  const Backward backward(shape, tensors, trace, gradients, scratch);
  const std::size_t parts = std::min(thread_count(), trace.steps->batch());
  parallel_for(parts, [&](std::size_t part) { backward.run_rows(row_range(*trace.steps, part, parts)); });
  backward.add_weight_gradients();
  backward.add_input_gradient();
}

}  // namespace recur
