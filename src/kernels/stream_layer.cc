#include "kernels/stream_layer.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"

namespace recur {
namespace {

// Floats of whole lines of cache, so that what comes behind begins one.
std::size_t whole_lines(std::size_t floats) {
  constexpr std::size_t kLine = 16;
  return (floats + kLine - 1) / kLine * kLine;
}

}  // namespace

StreamLayer::StreamLayer(const PackedLayer& layer)
    : layer_(&layer), whole_(layer.shape, true), split_(layer.shape, false) {
  const CellInfo& cell = *shape().cell;
  std::size_t most_gates = 0;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    gate_places_[s] = gate_floats_;
    gate_floats_ += whole_lines(shape().gate_stride(s));
    most_gates = std::max(most_gates, cell.stages[s].gates.size());
  }
  factors_ = gate_floats_;
  if (shape().layer_norm) gate_floats_ += whole_lines(most_gates);
  for (std::size_t slot = 0; slot < cell.slots.size(); ++slot) {
    next_places_[slot] = next_floats_;
    next_floats_ += whole_lines(shape().width_of_slot(slot));
  }
}

std::size_t StreamLayer::weights(const LayerShape& shape) {
  std::size_t count = 0;
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    if (shape.one_hot && shape.cell->weights[w].from_input) continue;
    count += shape.rows_of_weight(w) * shape.columns_of_weight(w);
  }
  return count;
}

std::size_t StreamLayer::most_parts(const LayerShape& shape) {
  // Below that the threads wait for each other longer than they compute.
  constexpr std::size_t kLeastWeights = 60000;
  const std::size_t most = shape.layer_norm ? 1 : shape.hidden / kUnitBlock;  // norms are over all units
  return std::clamp<std::size_t>(weights(shape) / kLeastWeights, 1, std::max<std::size_t>(most, 1));
}

StreamLayer::Range StreamLayer::units_of(std::size_t width, const TeamMember& member) const {
  const std::size_t blocks = (width + kUnitBlock - 1) / kUnitBlock;
  const auto boundary = [&](std::size_t part) { return std::min(width, blocks * part / member.parts * kUnitBlock); };
  return {boundary(member.part), boundary(member.part + 1)};
}

void StreamLayer::multiply(std::size_t stage, const Step& step, const Range& units,
                           const ForwardProducts& products) const {
  const std::size_t width = shape().width_of_stage(stage), stride = shape().gate_stride(stage);
  float* const gates = this->gates(step, stage);
  for (const ForwardProduct& x : products.of(stage)) {
    const bool input = x.source == StageInfo::kInput;
    if (input && shape().one_hot) {
      for (std::size_t row = 0; row < step.rows; ++row) {
        gather_gates(*layer_, x, step.indices + row * shape().window, units.first, units.last, gates + row * stride);
      }
      continue;
    }
    const float* source = input ? step.x : value(step, static_cast<std::size_t>(x.source));
    const PackedMatrix w = packed_gates(*layer_, x);
    const std::size_t panels = (x.count * (units.last - units.first) + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel;
    multiply_block({source, step.rows, w.depth, w.depth}, w, units.first / PackedMatrix::kPanel, panels,
                   start_of(*layer_, x), gates + x.gate * width + units.first, stride);
  }
}

void StreamLayer::run_cell(std::size_t stage, const Step& step, const Range& units) const {
  const StageInfo& info = shape().cell->stages[stage];
  const std::size_t width = shape().width_of_stage(stage), stride = shape().gate_stride(stage);
  std::array<TileRows, StageInfo::kMostInputs> inputs;
  std::array<TileRows, kMostSlots> outputs;
  std::size_t n = 0;
  for (std::size_t g = 0; g < info.gates.size(); ++g) {
    inputs[n++] = {gates(step, stage) + g * width + units.first, stride};
  }
  for (const std::size_t slot : info.reads) inputs[n++] = {value(step, slot) + units.first, width};
  // One row for all, which next() only reads.
  for (const std::size_t u : info.units) inputs[n++] = {const_cast<float*>(layer_->tensors.unit[u]) + units.first, 0};
  for (std::size_t o = 0; o < info.writes.size(); ++o) {
    outputs[o] = {next(step, info.writes[o]) + units.first, width};
  }
  info.forward(step.rows, units.last - units.first, inputs.data(), outputs.data());
}

// Zoneout and clipping; then the states after the step take the place of those before it.
void StreamLayer::finish(const Step& step, const TeamMember& member) const {
  for (std::size_t slot = 0; slot < shape().cell->states; ++slot) {
    const std::size_t width = shape().width_of_slot(slot);
    const Range units = units_of(width, member);
    const std::size_t count = units.last - units.first;
    const StateUpdate update{nullptr, shape().zoneout_of(slot), shape().state_clip};
    for (std::size_t row = 0; row < step.rows; ++row) {
      float* before = step.states[slot] + row * width + units.first;
      float* after = next(step, slot) + row * width + units.first;
      if (update.any()) update_state(update, count, before, after);
      std::copy_n(after, count, before);
    }
  }
}

void StreamLayer::step(const Step& step, const TeamMember& member) const {
  for (std::size_t s = 0; s < shape().cell->stages.size(); ++s) {
    const std::size_t width = shape().width_of_stage(s);
    const Range units = units_of(width, member);
    if (units.first < units.last) {
      multiply(s, step, units, units.last - units.first == width ? whole_ : split_);
      if (shape().layer_norm) {
        const std::size_t offset = shape().norm_offset(s);
        float* z = gates(step, s);
        normalise({step.rows, shape().cell->stages[s].gates.size(), width}, layer_->tensors.gain + offset,
                  layer_->tensors.shift + offset, z, z, step.gates + step.rows * factors_);
      }
      run_cell(s, step, units);
    }
    member.wait();  // for what this stage computed, and before states change that others still multiply
  }
  finish(step, member);
  // State 0 in `next` is read by others: what finish() changed in it must be there.
  if (shape().zoneout > 0 || shape().state_clip > 0) member.wait();
}

}  // namespace recur
