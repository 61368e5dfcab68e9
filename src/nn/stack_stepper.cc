#include "nn/stack_stepper.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/elementwise.h"

namespace recur {
namespace {

// The states of one layer of some sequences where its kernels read and write them: one sequence's as they lie, those of
// several gathered in rows and scattered back.
class LayerStates {
 public:
  LayerStates(std::span<StackState* const> sequences, const StreamLayer& layer, std::size_t index, float* rows)
      : sequences_(sequences), layer_(layer), index_(index) {
    for (std::size_t slot = 0; slot < count(); ++slot) {
      if (sequences.size() == 1) {
        at_[slot] = sequences.front()->of(index, slot).data();
        continue;
      }
      at_[slot] = rows;
      for (StackState* state : sequences) rows = std::ranges::copy(state->of(index, slot), rows).out;
    }
  }
  std::span<float* const> all() const { return {at_.data(), count()}; }
  void scatter() const {
    if (sequences_.size() == 1) return;
    for (std::size_t slot = 0; slot < count(); ++slot) {
      const float* row = at_[slot];
      for (StackState* state : sequences_) {
        const std::span<float> to = state->of(index_, slot);
        std::copy_n(row, to.size(), to.begin());
        row += to.size();
      }
    }
  }

 private:
  std::size_t count() const { return layer_.shape().cell->states; }

  std::span<StackState* const> sequences_;
  const StreamLayer& layer_;
  std::size_t index_;
  std::array<float*, kMostSlots> at_{};
};

}  // namespace

StackStepper::StackStepper(const RecurrentStack& stack, const Parameters& parameters)
    : stack_(stack), parameters_(parameters), packed_(stack.pack(parameters, arena_)) {
  if (stack.directions() == 2) fail("a network of both directions needs a whole sequence: it cannot run step by step");
  layers_.reserve(stack.layers());
  for (std::size_t l = 0; l < stack.layers(); ++l) {
    Layer& layer = layers_.emplace_back(Layer{StreamLayer(packed_[l])});
    layer.looks_back = stack.window() > 1;
    layer.connected = l > 0 && stack.options().connection != Connection::none;
    if (layer.connected && stack.options().connection == Connection::highway) {
      const std::size_t width = stack.output_width();
      layer.highway = pack_transposed({parameters.value(stack.highway(l).weight), width, width, width}, arena_);
      layer.highway_bias = parameters.value(stack.highway(l).bias);
      weights_ += width * width;
    }
    weights_ += StreamLayer::weights(packed_[l].shape);
    most_parts_ = std::max(most_parts_, StreamLayer::most_parts(packed_[l].shape));
  }
  place_scratch();
}

// All layers use the same memory, so each part is as large as the largest layer's.
void StackStepper::place_scratch() {
  std::size_t gates = 0, next = 0, window = 0, output = 0, highway = 0, before = 0;
  for (const Layer& layer : layers_) {
    const LayerShape& shape = layer.stream.shape();
    gates = std::max(gates, layer.stream.gate_floats());
    next = std::max(next, layer.stream.next_floats());
    if (layer.looks_back) window = std::max(window, shape.one_hot ? shape.window : shape.input);
    if (layer.connected) output = stack_.output_width();
    if (layer.highway.data != nullptr) highway = stack_.output_width();
    std::size_t states = 0;
    for (std::size_t slot = 0; slot < shape.cell->states; ++slot) states += shape.width_of_slot(slot);
    before = std::max(before, states);
  }
  std::size_t end = 0;
  const auto place = [&](std::size_t floats) {
    const std::size_t begin = end;
    end += (floats * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    return begin;
  };
  places_.gates = place(gates);
  places_.next = {place(next), layers_.size() > 1 ? place(next) : 0};
  places_.window = place(window);
  places_.output = place(output);
  places_.highway = place(highway);
  places_.before = place(before);
  places_.end = end;
}

// The window of inputs that each sequence sees now, newest first, as look_back() of a tape makes it.
void StackStepper::look_back(const Layer& layer, std::size_t index, const Step& step, const float* x) const {
  const LayerShape& shape = layer.stream.shape();
  for (std::size_t row = 0; row < step.states.size(); ++row) {
    const std::span<float> kept = step.states[row]->inputs(index);
    if (shape.one_hot) {
      look_back(layer.stream, kept, step.indices[row], scratch<int>(step, places_.window) + row * shape.window);
    } else {
      const std::size_t columns = shape.input - kept.size();
      look_back(layer.stream, kept, x + row * columns, scratch<float>(step, places_.window) + row * shape.input);
    }
  }
}

// `kept` are the inputs before this one, and then those that the next step needs.
void StackStepper::look_back(const StreamLayer& layer, std::span<float> kept, const float* x, float* window) const {
  const std::size_t columns = layer.shape().input - kept.size();
  std::ranges::copy(kept, std::copy_n(x, columns, window));
  std::copy_n(window, kept.size(), kept.begin());
}

void StackStepper::look_back(const StreamLayer& layer, std::span<float> kept, int index, int* window) const {
  const auto count = static_cast<int>(layer.shape().input / layer.shape().window);
  window[0] = index;
  for (std::size_t k = 1; k < layer.shape().window; ++k) {
    const int before = static_cast<int>(kept[k - 1]) - 1;
    window[k] = before < 0 ? -1 : before + static_cast<int>(k) * count;
  }
  std::copy_backward(kept.begin(), kept.end() - 1, kept.end());
  kept[0] = static_cast<float>(index + 1);
}

// The residual or highway connection around a layer whose input is x, perhaps where that stands, and whose output is y.
void StackStepper::connect(const Layer& layer, const Step& step, const float* x, const float* y) const {
  const std::size_t rows = step.states.size(), width = stack_.output_width();
  auto* output = scratch<float>(step, places_.output);
  if (layer.highway.data == nullptr) return add_elements(rows * width, x, y, output);
  auto* gate = scratch<float>(step, places_.highway);
  multiply_block({x, rows, width, width}, layer.highway, 0, layer.highway.panels(),
                 {ProductStart::From::bias, layer.highway_bias}, gate, width);
  mix(rows * width, gate, y, x, output);
}

const float* StackStepper::step(const Step& step, const TeamMember& member) const {
  // What one thread does for all, and the others wait for.
  const auto alone = [&](const auto& work) {
    if (member.part == 0) work();
    member.wait();
  };
  const float* input = step.x;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const LayerStates states(step.states, layer.stream, l, scratch<float>(step, places_.before));
    const float* x = input;
    const int* indices = step.indices;
    if (layer.looks_back) {
      alone([&] { look_back(layer, l, step, input); });
      indices = scratch<int>(step, places_.window);
      x = scratch<float>(step, places_.window);
    }
    auto* next = scratch<float>(step, places_.next[l % 2]);
    layer.stream.step({step.states.size(), x, indices, states.all(), scratch<float>(step, places_.gates), next},
                      member);
    states.scatter();
    if (layer.connected) alone([&] { connect(layer, step, input, next); });
    input = layer.connected ? scratch<float>(step, places_.output) : next;
  }
  return input;
}

}  // namespace recur
