#include "kernels/stream_layer.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"

namespace recur {
StreamLayer::StreamLayer(const PackedLayer& layer)
    : layer_(&layer), whole_(layer.shape, true), split_(layer.shape, false) {
  const CellInfo& cell = *shape().cell;
  // Each begins a line, which it shares with no other.
  const auto take = [&](std::size_t count) { return memory_.take<float>(count).data(); };
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    gates_[s] = take(shape().gate_stride(s));
    if (!shape().layer_norm) continue;
    normalised_[s] = take(shape().gate_stride(s));
    factor_[s] = take(cell.stages[s].gates.size());
  }
  for (std::size_t slot = 0; slot < cell.slots.size(); ++slot) next_[slot] = take(shape().width_of_slot(slot));
}

std::size_t StreamLayer::most_parts(const LayerShape& shape) {
  // Below that the threads wait for each other longer than they compute.
  constexpr std::size_t kLeastWeights = 60000;
  std::size_t weights = 0, most = shape.hidden / kUnitBlock;
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    if (shape.one_hot && shape.cell->weights[w].from_input) continue;
    weights += shape.rows_of_weight(w) * shape.columns_of_weight(w);
  }
  if (shape.layer_norm) most = 1;  // sums over all units
  return std::clamp<std::size_t>(weights / kLeastWeights, 1, std::max<std::size_t>(most, 1));
}

StreamLayer::Range StreamLayer::units_of(std::size_t width, const TeamMember& member) const {
  const std::size_t blocks = (width + kUnitBlock - 1) / kUnitBlock;
  const auto boundary = [&](std::size_t part) { return std::min(width, blocks * part / member.parts * kUnitBlock); };
  return {boundary(member.part), boundary(member.part + 1)};
}

void StreamLayer::multiply(std::size_t stage, const Step& step, const Range& units, const ForwardProducts& products) {
  const CellInfo& cell = *shape().cell;
  const std::size_t width = shape().width_of_stage(stage);
  for (const ForwardProduct& x : products.of(stage)) {
    if (x.source == StageInfo::kInput && shape().one_hot) {
      gather_gates(*layer_, x, step.indices, units.first, units.last, gates_[stage]);
      continue;
    }
    const float* source = step.x;
    if (x.source != StageInfo::kInput) {
      const auto slot = static_cast<std::size_t>(x.source);
      source = slot < cell.states ? step.states[slot] : next_[slot];
    }
    const PackedMatrix w = packed_gates(*layer_, x);
    const std::size_t panels = (x.count * (units.last - units.first) + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel;
    multiply_block({source, 1, w.depth, w.depth}, w, units.first / PackedMatrix::kPanel, panels, start_of(*layer_, x),
                   gates_[stage] + x.gate * width + units.first, 0);
  }
}

void StreamLayer::run_cell(std::size_t stage, const Step& step, const Range& units) {
  const CellInfo& cell = *shape().cell;
  const StageInfo& info = cell.stages[stage];
  const std::size_t width = shape().width_of_stage(stage);
  std::array<TileRows, StageInfo::kMostInputs> inputs;
  std::array<TileRows, kMostSlots> outputs;
  std::size_t n = 0;
  for (std::size_t g = 0; g < info.gates.size(); ++g) inputs[n++] = {gates_[stage] + g * width + units.first, 0};
  for (const std::size_t slot : info.reads) {
    inputs[n++] = {(slot < cell.states ? step.states[slot] : next_[slot]) + units.first, 0};
  }
  // Only read by next().
  for (const std::size_t u : info.units) inputs[n++] = {const_cast<float*>(layer_->tensors.unit[u]) + units.first, 0};
  for (std::size_t o = 0; o < info.writes.size(); ++o) outputs[o] = {next_[info.writes[o]] + units.first, 0};
  info.forward(1, units.last - units.first, inputs.data(), outputs.data());
}

// Zoneout and clipping; then the states after the step take the place of those before it.
void StreamLayer::finish(const Step& step, const TeamMember& member) {
  for (std::size_t slot = 0; slot < shape().cell->states; ++slot) {
    const Range units = units_of(shape().width_of_slot(slot), member);
    const std::size_t count = units.last - units.first;
    float* before = step.states[slot] + units.first;
    float* after = next_[slot] + units.first;
    const StateUpdate update{nullptr, shape().zoneout_of(slot), shape().state_clip};
    if (update.any()) update_state(update, count, before, after);
    std::copy_n(after, count, before);
  }
}

void StreamLayer::step(const Step& step, const TeamMember& member) {
  for (std::size_t s = 0; s < shape().cell->stages.size(); ++s) {
    const Range units = units_of(shape().width_of_stage(s), member);
    if (units.first < units.last) {
      const bool all = units.last - units.first == shape().width_of_stage(s);
      multiply(s, step, units, all ? whole_ : split_);
      if (shape().layer_norm) {
        const std::size_t offset = shape().norm_offset(s);
        normalise({1, shape().cell->stages[s].gates.size(), shape().width_of_stage(s)}, layer_->tensors.gain + offset,
                  layer_->tensors.shift + offset, gates_[s], normalised_[s], factor_[s]);
      }
      run_cell(s, step, units);
    }
    member.wait();  // for what this stage computed, and before states change that others still multiply
  }
  finish(step, member);
  // output() is read by others: what finish() changed in it must be there.
  if (shape().zoneout > 0 || shape().state_clip > 0) member.wait();
}

}  // namespace recur
