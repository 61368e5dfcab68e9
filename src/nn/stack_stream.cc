#include "nn/stack_stream.h"

#include <algorithm>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/elementwise.h"

namespace recur {

namespace {

std::size_t most_parts(const PackedStack& packed) {
  std::size_t most = 1;
  for (const PackedLayer& layer : packed) most = std::max(most, StreamLayer::most_parts(layer.shape));
  return most;
}

}  // namespace

StackStream::StackStream(const RecurrentStack& stack, const Parameters& parameters)
    : stack_(stack),
      parameters_(parameters),
      packed_(stack.pack(parameters, arena_)),
      threads_(std::min(most_parts(packed_), thread_count())) {
  if (stack.directions() == 2) fail("a network of both directions needs a whole sequence: it cannot run step by step");
  layers_.reserve(stack.layers());
  for (std::size_t l = 0; l < stack.layers(); ++l) {
    Layer& layer = layers_.emplace_back(Layer{StreamLayer(packed_[l]), {}, {}, {}, {}, {}});
    const LayerShape& shape = packed_[l].shape;
    const std::size_t window = stack.window();
    if (shape.one_hot) {
      layer.indices.resize(window);
    } else if (window > 1) {
      layer.window.resize(shape.input);
    }
    if (l == 0 || stack.options().connection == Connection::none) continue;
    layer.output.resize(stack.output_width());
    if (stack.options().connection != Connection::highway) continue;
    const std::size_t width = stack.output_width();
    layer.highway = pack_transposed({parameters.value(stack.highway(l).weight), width, width, width}, arena_);
    layer.highway_bias = parameters.value(stack.highway(l).bias);
    layer.gate.resize(stack.output_width());
  }
}

std::span<const float> StackStream::step(const float* x, StackState& state) { return run(x, 0, state); }
std::span<const float> StackStream::step(int index, StackState& state) { return run(nullptr, index, state); }

// The window of inputs that a layer sees now, newest first, as look_back() of a tape makes it; `kept` are those before,
// and then those that the next step needs.
void StackStream::look_back(Layer& layer, const float* x, int index, std::span<float> kept) const {
  if (!layer.indices.empty()) {
    const auto count = static_cast<int>(packed_.front().shape.input / layer.indices.size());
    layer.indices[0] = index;
    for (std::size_t k = 1; k < layer.indices.size(); ++k) {
      const int before = static_cast<int>(kept[k - 1]) - 1;
      layer.indices[k] = before < 0 ? -1 : before + static_cast<int>(k) * count;
    }
    if (kept.empty()) return;
    std::copy_backward(kept.begin(), kept.end() - 1, kept.end());
    kept[0] = static_cast<float>(index + 1);
  } else if (!layer.window.empty()) {
    const std::size_t columns = layer.window.size() - kept.size();
    std::copy_n(x, columns, layer.window.begin());
    std::copy(kept.begin(), kept.end(), layer.window.begin() + static_cast<std::ptrdiff_t>(columns));
    std::copy_n(layer.window.begin(), kept.size(), kept.begin());
  }
}

// The residual or highway connection around a layer whose input is x.
void StackStream::connect(Layer& layer, const float* x) const {
  const std::span<const float> y = layer.stream.output();
  if (layer.gate.empty()) return add_elements(y.size(), x, y.data(), layer.output.data());
  multiply_block({x, 1, y.size(), y.size()}, layer.highway, 0, layer.highway.panels(),
                 {ProductStart::From::bias, layer.highway_bias}, layer.gate.data(), y.size());
  mix(y.size(), layer.gate.data(), y.data(), x, layer.output.data());
}

std::span<const float> StackStream::run(const float* x, int index, StackState& state) {
  if (state.fresh()) stack_.start(parameters_, state);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    for (std::size_t slot = 0; slot < stack_.cell().states; ++slot) layers_[l].states[slot] = state.of(l, slot).data();
  }
  const auto part_of_step = [&](const TeamMember& member) {
    // What one thread does for all, and the others wait for.
    const auto alone = [&](const auto& work) {
      if (member.part == 0) work();
      member.wait();
    };
    const float* input = x;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      if (!layer.indices.empty() || !layer.window.empty()) {
        alone([&] { look_back(layer, input, index, state.inputs(l)); });
      }
      const float* seen = layer.window.empty() ? input : layer.window.data();
      layer.stream.step({seen, layer.indices.data(), layer.states}, member);
      if (!layer.output.empty()) alone([&] { connect(layer, input); });
      input = layer.output.empty() ? layer.stream.output().data() : layer.output.data();
    }
  };
  threads_.time([&] { parallel_team(threads_.parts(), part_of_step); });
  const Layer& last = layers_.back();
  if (!last.output.empty()) return last.output;
  return last.stream.output();
}

}  // namespace recur
