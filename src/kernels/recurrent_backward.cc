#include <algorithm>
#include <span>

#include "base/threads.h"
#include "kernels/gate_runs.h"
#include "kernels/layer_norm.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"
#include "kernels/recurrent_steps.h"
#include "kernels/weight_gradients.h"

namespace recur {
namespace {

constexpr std::size_t kLeastRowsTogether = 512, kRowsTogether = 16;

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
        runs_(cell_),
        packed_(scratch.take<PackedMatrix>(runs_.count)) {
    for (std::size_t i = 0; i < runs_.count; ++i) {
      const GateRun& run = runs_.runs[i];
      if (run.source == StageInfo::kInput && gradients_.input == nullptr) continue;
      const std::size_t columns = shape_.columns_of_weight(run.weight);
      packed_[i] = pack({weight_rows(run), run.count * width(run.stage), columns, columns}, scratch_);
    }
    for (std::size_t slot = 0; slot < cell_.slots.size(); ++slot) {
      const std::size_t size = steps_.batch() * shape_.width_of_slot(slot);
      after_[slot] = scratch_.take<float>(size).data();
      if (slot < cell_.states) before_[slot] = scratch_.take<float>(size).data();
      if (trace_.input.noise.mask[slot] != nullptr) masked_[slot] = scratch_.take<float>(size).data();
    }
    // A row of sums for each row of the batch: what they add up to does not depend on who owns which rows.
    for (std::size_t u = 0; u < cell_.units.size(); ++u) d_unit_[u] = zeros(shape_.width(cell_.units[u].width));
    for (std::size_t s = 0; s < cell_.stages.size() && shape_.layer_norm; ++s) {
      d_gain_[s] = zeros(shape_.gate_stride(s));
      d_shift_[s] = zeros(shape_.gate_stride(s));
    }
  }

  // Gradients of the gates of a share's rows and units, of the steps that are run `first` to last - 1.
  void run_share(const Share& share, std::size_t first_step, std::size_t last_step) const {
    for (std::size_t i = last_step; i-- > first_step;) {
      const std::size_t t = step_at(shape_, steps_, i);
      const RowRange active{share.rows.first, std::min(share.rows.last, steps_.rows(t))};
      if (active.first >= active.last) continue;
      start_ending_rows(i, t, active, share);
      finish_states(t, active, share);
      for_rows_before(shape_, steps_, t, active, [&](std::size_t first, std::size_t last, std::size_t before) {
        run_step({t, first, last - first, before}, share);
      });
      for (std::size_t slot = 0; slot < cell_.states; ++slot) {
        for_parts(share, slot, active, [&](float* after, std::size_t place, std::size_t n) {
          std::copy_n(before_[slot] + place, n, after);
        });
      }
    }
  }

  // Of a share's rows and units before the first step.
  void add_initial_gradients(const Share& share) const {
    for (std::size_t slot = 0; slot < std::min(cell_.states, gradients_.initial.size()); ++slot) {
      float* to = gradients_.initial[slot];
      if (to == nullptr) continue;
      for_parts(share, slot, share.rows, [&](const float* after, std::size_t place, std::size_t n) {
        accumulate_elements(n, after, to + place);
      });
    }
  }

  // Calls work(first, last) for the steps that are run `first` to last - 1, from the last ones to the first: so many
  // together that their gates make an efficient product with what they came from, so few that the gates of a narrow
  // layer have not left the cache.
  template <class Work>
  void for_steps_together(const GradientSlices& slices, const Work& work) const {
    const std::size_t rows = std::max(kLeastRowsTogether * slices.count(), kRowsTogether * shape_.hidden);
    const std::size_t together =
        std::max<std::size_t>(1, rows * steps_.length() / std::max<std::size_t>(steps_.total(), 1));
    for (std::size_t last = steps_.length(); last > 0;) {
      const std::size_t first = last > together ? last - together : 0;
      work(first, last);
      last = first;
    }
  }

  // Some rows of the batch in the steps that are run `first` to last - 1.
  BatchPart part(std::size_t first, std::size_t last, const RowRange& rows) const {
    if (!shape_.reverse) return {first, last, rows};
    return {steps_.length() - last, steps_.length() - first, rows};
  }

  // Gradients of the weights, slice after slice, from the gates of the steps that are run `first` to last - 1.
  void add_weights(const GradientSlices& slices, std::size_t first, std::size_t last) const {
    for (std::size_t slice = 0; slice < slices.count(); ++slice) {
      add_weight_gradients(shape_, runs_, trace_, part(first, last, slices.rows(slice)), slices.sums(slice), scratch_);
    }
  }

  // All gradients that come from the rows of a slice, on the calling thread alone.
  void run_slice(const Shares& shares, GradientSlices& slices, std::size_t slice) const {
    const Share share = shares.all_units(slices.rows(slice));
    for_steps_together(slices, [&](std::size_t first, std::size_t last) {
      run_share(share, first, last);
      const BatchPart of_slice = part(first, last, share.rows);
      add_weight_gradients(shape_, runs_, trace_, of_slice, slices.sums(slice), slices.scratch(slice));
      add_input_gradient_alone(of_slice);
    });
  }

  // Those of units and norms are summed over the batch.
  void add_unit_gradients() const {
    const auto add = [&](const float* sums, std::size_t size, float* to) {
      accumulate_column_sums({sums, steps_.batch(), size, size}, to);
    };
    for (std::size_t u = 0; u < cell_.units.size(); ++u) {
      add(d_unit_[u], shape_.width(cell_.units[u].width), gradients_.tensors.unit[u]);
    }
    for (std::size_t s = 0; s < cell_.stages.size() && shape_.layer_norm; ++s) {
      add(d_gain_[s], shape_.gate_stride(s), gradients_.tensors.gain + shape_.norm_offset(s));
      add(d_shift_[s], shape_.gate_stride(s), gradients_.tensors.shift + shape_.norm_offset(s));
    }
  }

  void add_input_gradient(const RowRange& rows) const {
    for_input_runs([&](const GateRun& run, const PackedMatrix& weight) {
      multiply(gate_gradients(shape_, trace_, run, rows), weight, {ProductStart::From::result},
               {gradients_.input + rows.first * shape_.input, rows.last - rows.first, shape_.input, shape_.input});
    });
  }
  // The same on the calling thread alone, of a part of the batch or of rows that lie together.
  void add_input_gradient_alone(const BatchPart& part) const {
    for (std::size_t t = part.first_step; t < part.last_step; ++t) {
      add_input_gradient_alone(rows_of_step(steps_, t, part.rows));
    }
  }
  void add_input_gradient_alone(const RowRange& rows) const {
    if (rows.first >= rows.last) return;
    for_input_runs([&](const GateRun& run, const PackedMatrix& weight) {
      multiply_block(gate_gradients(shape_, trace_, run, rows), weight, 0, weight.panels(),
                     {ProductStart::From::result}, gradients_.input + rows.first * shape_.input, shape_.input);
    });
  }

 private:
  // Rows of one step: `count` from `first` on; their states before the step begin at row `before`.
  struct Rows {
    std::size_t t, first, count, before;
  };

  std::size_t width(std::size_t s) const { return shape_.width_of_stage(s); }
  const float* weight_rows(const GateRun& run) const {
    return tensors_.weight[run.weight] + run.first_row * width(run.stage) * shape_.columns_of_weight(run.weight);
  }
  // Calls visit(run, packed weight) for the products of the input, when its gradient is wanted.
  template <class Visit>
  void for_input_runs(const Visit& visit) const {
    if (gradients_.input == nullptr) return;
    for (std::size_t i = 0; i < runs_.count; ++i) {
      if (runs_.runs[i].source == StageInfo::kInput) visit(runs_.runs[i], packed_[i]);
    }
  }
  float* zeros(std::size_t columns) const {
    const std::span<float> sums = scratch_.take<float>(steps_.batch(), columns);
    std::fill(sums.begin(), sums.end(), 0.0F);
    return sums.data();
  }

  // Calls visit(after, place, count) for the parts of a share's rows in after_[slot] that lie together; `place` is
  // where they begin in an array of the batch.
  template <class Visit>
  void for_parts(const Share& share, std::size_t slot, RowRange rows, const Visit& visit) const {
    for_state_parts(shape_, share, slot, rows.first, rows.last - rows.first,
                    [&](std::size_t row, std::size_t unit, std::size_t n) {
                      const std::size_t place = row * shape_.width_of_slot(slot) + unit;
                      visit(after_[slot] + place, place, n);
                    });
  }

  // Rows whose last step is t start from the gradient of their last state.
  void start_ending_rows(std::size_t index, std::size_t t, RowRange active, const Share& share) const {
    const bool last = index + 1 == steps_.length();
    RowRange ending = active;
    if (shape_.reverse && !last) return;  // in reverse all rows end together, at step 0
    if (!last) ending.first = std::max(active.first, steps_.rows(t + 1));
    for (std::size_t slot = 0; slot < cell_.states && ending.first < ending.last; ++slot) {
      const float* given = slot < gradients_.last.size() ? gradients_.last[slot] : nullptr;
      for_parts(share, slot, ending, [&](float* after, std::size_t place, std::size_t n) {
        if (given != nullptr) {
          std::copy_n(given + place, n, after);
        } else {
          std::fill_n(after, n, 0.0F);
        }
      });
    }
  }

  // Adds the gradient of the output; then those of all states after step t are complete.
  void finish_states(std::size_t t, RowRange active, const Share& share) const {
    for (std::size_t slot = 0; slot < cell_.states; ++slot) {
      const float* d = slot == 0 ? gradients_.output : nullptr;
      float* record = slot < gradients_.states.size() ? gradients_.states[slot] : nullptr;
      if (d == nullptr && record == nullptr) continue;
      const std::size_t place_of_step = steps_.offset(t) * shape_.width_of_slot(slot);
      for_parts(share, slot, active, [&](float* after, std::size_t place, std::size_t n) {
        if (d != nullptr) accumulate_elements(n, d + place_of_step + place, after);
        if (record != nullptr) std::copy_n(after, n, record + place_of_step + place);
      });
    }
  }

  // What is left of the gradients of states goes to the step before, or into the cell.
  void start_step(const Rows& rows, const Share& share) const {
    const RowRange range{rows.first, rows.first + rows.count};
    for (std::size_t slot = 0; slot < cell_.slots.size(); ++slot) {
      for_state_parts(
          shape_, share, slot, range.first, rows.count, [&](std::size_t row, std::size_t unit, std::size_t n) {
            const std::size_t units = shape_.width_of_slot(slot);
            const std::size_t place = row * units + unit;
            if (slot >= cell_.states) return void(std::fill_n(after_[slot] + place, n, 0.0F));
            const StateUpdate update =
                state_update(shape_, trace_.input.noise, slot, steps_.offset(rows.t) + row, unit);
            if (!update.any()) return void(std::fill_n(before_[slot] + place, n, 0.0F));
            const std::size_t after = (row_after(shape_, steps_, rows.t) + row) * units + unit;
            update_state_backward(update, n, trace_.values[slot] + after, after_[slot] + place, before_[slot] + place);
          });
    }
  }

  void run_step(const Rows& rows, const Share& share) const {
    start_step(rows, share);
    for (std::size_t s = cell_.stages.size(); s-- > 0;) {
      const std::size_t last_unit = std::min(share.last_unit, width(s));
      if (share.first_unit < last_unit) run_cell(s, rows, share.first_unit, last_unit);
      if (shape_.layer_norm) {
        const std::size_t row = steps_.offset(rows.t) + rows.first;
        const std::size_t gates = cell_.stages[s].gates.size();
        const std::size_t stride = shape_.gate_stride(s);
        normalise_backward({rows.count, gates, width(s)}, tensors_.gain + shape_.norm_offset(s),
                           trace_.normalised[s] + row * stride, trace_.factor[s] + row * gates,
                           trace_.gates[s] + row * stride, d_gain_[s] + rows.first * stride,
                           d_shift_[s] + rows.first * stride);
      }
      wait_for_others(share);  // the gates' gradients of all units
      multiply_back(s, rows, share);
    }
  }

  void run_cell(std::size_t s, const Rows& rows, std::size_t first_unit, std::size_t last_unit) const {
    const StageInfo& stage = cell_.stages[s];
    const std::size_t units = width(s);
    const std::size_t stride = shape_.gate_stride(s);
    const std::size_t row = steps_.offset(rows.t) + rows.first;
    const std::size_t place = rows.first * units + first_unit;
    std::array<TileRows, StageInfo::kMostInputs> inputs, input_gradients;
    std::array<TileRows, kMostSlots> output_gradients;
    std::size_t n = 0;
    for (std::size_t g = 0; g < stage.gates.size(); ++g, ++n) {
      inputs[n] = {trace_.gates[s] + row * stride + g * units + first_unit, stride};
      input_gradients[n] = inputs[n];
    }
    for (const std::size_t slot : stage.reads) {
      const bool state = slot < cell_.states;
      inputs[n] = {trace_.values[slot] + (state ? rows.before : row) * units + first_unit, units};
      input_gradients[n++] = {(state ? before_[slot] : after_[slot]) + place, units};
    }
    for (const std::size_t unit : stage.units) {
      inputs[n] = {const_cast<float*>(tensors_.unit[unit]) + first_unit, 0};  // one row for all, only read
      input_gradients[n++] = {d_unit_[unit] + place, units};
    }
    for (std::size_t o = 0; o < stage.writes.size(); ++o) {
      output_gradients[o] = {after_[stage.writes[o]] + place, units};
    }
    stage.backward(rows.count, last_unit - first_unit, inputs.data(), output_gradients.data(), input_gradients.data());
  }

  // Gradients of the sources of stage s: the gates' gradients times the weights, and the mask that a state had.
  void multiply_back(std::size_t s, const Rows& rows, const Share& share) const {
    const std::size_t row = steps_.offset(rows.t) + rows.first;
    for (std::size_t i = 0; i < runs_.count; ++i) {
      const GateRun& run = runs_.runs[i];
      if (run.stage != s || run.source == StageInfo::kInput) continue;
      const auto slot = static_cast<std::size_t>(run.source);
      const std::size_t units = shape_.width_of_slot(slot);
      if (share.first_unit >= units) continue;
      const ConstMatrix d{trace_.gates[s] + row * shape_.gate_stride(s) + run.first_gate * width(s), rows.count,
                          run.count * width(s), shape_.gate_stride(s)};
      const std::size_t first_panel = share.first_unit / PackedMatrix::kPanel;
      const std::size_t panels = std::min(packed_[i].panels(), share.last_unit / PackedMatrix::kPanel) - first_panel;
      const std::size_t place = rows.first * units + share.first_unit;
      float* to = slot < cell_.states ? before_[slot] : after_[slot];
      const float* mask = trace_.input.noise.mask[slot];
      if (mask == nullptr) {
        multiply_block(d, packed_[i], first_panel, panels, {ProductStart::From::result}, to + place, units);
        continue;
      }
      multiply_block(d, packed_[i], first_panel, panels, {ProductStart::From::zero}, masked_[slot] + place, units);
      for_state_parts(shape_, share, slot, rows.first, rows.count,
                      [&](std::size_t part_row, std::size_t unit, std::size_t n) {
                        const std::size_t at = part_row * units + unit;
                        add_products(n, masked_[slot] + at, mask + at, to + at);
                      });
    }
  }

  const LayerShape& shape_;
  const CellInfo& cell_;
  const LayerTensors<const float>& tensors_;
  const Steps& steps_;
  const LayerTrace& trace_;
  const LayerGradients& gradients_;
  Arena& scratch_;
  GateRuns runs_;
  std::span<PackedMatrix> packed_;  // of each run, where a product needs it
  // Gradients of each slot after and before the step, and times its mask before the step, [batch, width].
  std::array<float*, kMostSlots> after_{}, before_{}, masked_{};
  std::array<float*, kMostUnits> d_unit_{};               // [batch, width]
  std::array<float*, kMostStages> d_gain_{}, d_shift_{};  // [batch, gates * width]
};

}  // namespace

void layer_backward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
                    const LayerGradients& gradients, Arena& scratch) {
  const Backward backward(shape, tensors, trace, gradients, scratch);
  const Steps& steps = *trace.steps;
  const Shares shares(shape, steps);
  GradientSlices slices(shape, steps, gradients.tensors, scratch);
  if (slices.occupy_threads()) {
    const std::size_t each = slices.count() / thread_count();  // neighbours: as in forward
    parallel_for(thread_count(), [&](std::size_t part) {
      for (std::size_t i = 0; i < each; ++i) backward.run_slice(shares, slices, part * each + i);
    });
  } else {
    backward.for_steps_together(slices, [&](std::size_t first, std::size_t last) {
      shares.run([&](const Share& share) { backward.run_share(share, first, last); });
      backward.add_weights(slices, first, last);
      const BatchPart part = backward.part(first, last, {0, steps.batch()});
      backward.add_input_gradient(rows_of_steps(steps, part.first_step, part.last_step));
    });
  }
  slices.finish();
  shares.run([&](const Share& share) { backward.add_initial_gradients(share); });
  backward.add_unit_gradients();
}

struct StepwiseBackward::Run {
  Run(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& layer_trace,
      const LayerGradients& wanted, Arena& arena)
      : trace(layer_trace),
        gradients(wanted),
        scratch(arena),
        backward(shape, tensors, trace, gradients, arena),
        shares(shape, *trace.steps) {}

  LayerTrace trace;
  LayerGradients gradients;
  Arena& scratch;
  Backward backward;
  Shares shares;
};

StepwiseBackward::StepwiseBackward(const LayerShape& shape, const LayerTensors<const float>& tensors,
                                   const LayerTrace& trace, const LayerGradients& gradients, Arena& scratch)
    : shape_(shape), run_(new (scratch.take<Run>(1).data()) Run(shape, tensors, trace, gradients, scratch)) {}

void StepwiseBackward::step(std::size_t t) {
  if (shares_rows()) {
    run_->shares.run_step(t, [&](const Share& share) { step(t, share.rows); });
    return;
  }
  run_->shares.run_step(t, [&](const Share& share) { run_->backward.run_share(share, t, t + 1); });
  parallel_rows(*run_->trace.steps, t, [&](const RowRange& rows) { run_->backward.add_input_gradient_alone(rows); });
}

bool StepwiseBackward::shares_rows() const { return run_->shares.unit_parts() == 1; }

void StepwiseBackward::step(std::size_t t, const RowRange& rows) const {
  run_->backward.run_share(run_->shares.all_units(rows), t, t + 1);
  run_->backward.add_input_gradient_alone(rows_of_step(*run_->trace.steps, t, rows));
}

void StepwiseBackward::finish() {
  const GradientSlices slices(shape_, *run_->trace.steps, run_->gradients.tensors, run_->scratch);
  run_->backward.for_steps_together(
      slices, [&](std::size_t first, std::size_t last) { run_->backward.add_weights(slices, first, last); });
  slices.finish();
  run_->shares.run([&](const Share& share) { run_->backward.add_initial_gradients(share); });
  run_->backward.add_unit_gradients();
}

}  // namespace recur
