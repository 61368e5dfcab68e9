// The states of all layers of a batch between two windows of steps: a value, not a Var, so that what comes after is
// detached from what came before (truncated backpropagation through time). Layers that look back over a window of
// inputs also keep their last inputs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

// What a stack carries: for each layer its states (of the forward direction: the other one starts at a sequence's end),
// then the inputs that it keeps.
struct StateLayout {
  std::size_t states = 0;           // of a layer
  std::vector<std::size_t> widths;  // layer after layer: of each state, then of the kept inputs

  bool operator==(const StateLayout&) const = default;
};

class StackState {
 public:
  // Fresh: as before the first step.
  StackState(const StateLayout& layout, std::size_t batch);

  const StateLayout& layout() const { return layout_; }
  std::size_t batch() const { return batch_; }
  // State `slot` of a layer, [batch, width].
  std::span<float> of(std::size_t layer, std::size_t slot) { return part(layer * (layout_.states + 1) + slot); }
  // The inputs that a layer keeps.
  std::span<float> inputs(std::size_t layer) { return of(layer, layout_.states); }

  // Everything that is carried, one array. The last number is 1 when nothing has been carried yet.
  std::span<float> all() { return values_; }
  std::span<const float> all() const { return values_; }
  // Takes the states of the first sequences of another of the same layout; the rest stay as they are.
  void copy_first(const StackState& other);
  // The states of these sequences, in this order, some perhaps several times.
  StackState rows(std::span<const std::size_t> sequences) const;
  // Forgets all sequences but the first.
  void keep_first(std::size_t sequences);
  bool fresh() const { return values_.back() != 0; }
  void set_carried() { values_.back() = 0; }
  void clear();

 private:
  std::span<float> part(std::size_t index) {
    return {values_.data() + offsets_[index], offsets_[index + 1] - offsets_[index]};
  }

  StateLayout layout_;
  std::size_t batch_;
  std::vector<std::size_t> offsets_;
  std::vector<float> values_;
};

}  // namespace recur
