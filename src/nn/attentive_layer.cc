#include "nn/attentive_layer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "base/error.h"

namespace recur {
namespace {

constexpr std::size_t kMostSize = 1'000'000;

RecurrentOptions one_layer(RecurrentOptions options) {
  options.layers = 1;
  options.connection = Connection::none;
  options.dropout = 0;
  options.variational = false;
  return options;
}

AttentiveShape check_shape(const AttentionOptions& attention, const RecurrentOptions& options, std::size_t input,
                           std::size_t memory) {
  const CellInfo& cell = find_cell(options.cell);
  assert(attention.kind != Attention::none && !options.bidirectional);
  if ((options.window > 0 ? options.window : cell.window) > 1) {
    fail("--window: with attention cell {} sees one input at a time; give --window 1", cell.name);
  }
  if (options.learned_state) {
    fail("--learned-state: a layer with attention starts from what its encoder has read; leave it out");
  }
  AttentiveShape shape{attention.kind, input, memory};
  shape.state = LayerShape{.cell = &cell, .hidden = options.hidden, .output = options.projection}.width_of_slot(0);
  if (attention.kind == Attention::additive) {
    if (attention.size < 1 || attention.size > kMostSize) {
      fail("--attention-size: expected a number from 1 to {}, got {}", kMostSize, attention.size);
    }
    shape.key = attention.size;
    shape.coverage = attention.coverage;
  } else {
    shape.key = shape.state;
    if (attention.coverage) fail("--coverage needs --attention additive, it is {}", to_string(attention.kind));
  }
  if (attention.kind == Attention::dot && memory != shape.state) {
    fail(
        "--attention dot: expected what is looked at to be as wide as the layer's output, {}, got {}; "
        "--attention general has a matrix between them",
        shape.state, memory);
  }
  return shape;
}

// What the node keeps until backward; all pointers into the tape's memory.
struct AttentiveNode {
  const PackedAttentive* layer;
  const AttentiveTrace* trace;
  const Steps* memory_steps;
  Var x, memory, output, weights;
  float coverage_penalty;
  std::span<const Var> initial;
  LayerTensors<float> cell;
  AttentionTensors<float> attention;

  void operator()(Tape& t) const {
    if (!t.has_gradient(output) && !t.has_gradient(weights)) return;
    AttentiveGradients d;
    d.output = t.gradient(output).data;
    if (t.has_gradient(weights)) d.alignments = t.gradient(weights).data;
    d.coverage_penalty = coverage_penalty;
    d.cell = cell;
    d.tensors = attention;
    d.x = t.gradient(x).data;
    const std::span<float> d_memory = t.scratch().take<float>(memory_steps->total(), layer->shape.memory);
    std::fill(d_memory.begin(), d_memory.end(), 0.0F);
    d.memory = d_memory.data();
    std::array<float*, kMostSlots> d_initial{};
    for (std::size_t slot = 0; slot < initial.size(); ++slot) d_initial[slot] = t.gradient(initial[slot]).data;
    if (!initial.empty()) d.initial = d_initial;
    attentive_backward(*layer, *trace, d, t.scratch());
    scatter_memory(trace->memory, d_memory.data(), *memory_steps, t.gradient(memory).data);
  }
};

}  // namespace

AttentiveLayer::AttentiveLayer(const AttentionOptions& attention, const RecurrentOptions& layer, std::size_t input,
                               std::size_t memory_width, Parameters& parameters, const std::string& prefix)
    : shape_(check_shape(attention, layer, input, memory_width)),
      layer_(one_layer(layer), shape_.cell_input(), false, parameters, prefix) {
  const auto declare = [&](const char* name, std::size_t rows, std::size_t columns) {
    const auto fan = static_cast<float>(columns), both = static_cast<float>(rows + columns);
    const bool standard = layer.initialiser == Initialiser::standard;
    return parameters.declare(prefix + "attention." + name, rows, columns,
                              InitialValues::within(standard ? 1 / std::sqrt(fan) : std::sqrt(6 / both)));
  };
  const std::size_t both = shape_.memory + shape_.state;
  if (shape_.before_cell()) {
    ids_.query = declare("query.weight", shape_.key, shape_.state);
    ids_.key = declare("key.weight", shape_.key, shape_.memory);
    ids_.v = declare("v", 1, shape_.key);
    // Zero: until it is trained, it is as if nothing had been looked at.
    if (shape_.coverage) {
      ids_.coverage = parameters.declare(prefix + "attention.coverage", 0, shape_.key, InitialValues::constant(0));
    }
    return;
  }
  if (shape_.projects_keys()) ids_.key = declare("general.weight", shape_.key, shape_.memory);
  ids_.combine = declare("combine.weight", shape_.state, both);
  ids_.bias = parameters.declare(prefix + "attention.combine.bias", 0, shape_.state, InitialValues::within(0));
}

AttentionTensors<const float> AttentiveLayer::values(const Parameters& parameters) const {
  AttentionTensors<const float> tensors;
  if (shape_.before_cell()) {
    tensors.query = parameters.value(ids_.query);
    tensors.v = parameters.value(ids_.v);
    if (shape_.coverage) tensors.coverage = parameters.value(ids_.coverage);
  } else {
    tensors.combine = parameters.value(ids_.combine);
    tensors.bias = parameters.value(ids_.bias);
  }
  if (shape_.projects_keys()) tensors.key = parameters.value(ids_.key);
  return tensors;
}

AttentionTensors<float> AttentiveLayer::gradients(const Parameters& parameters) const {
  AttentionTensors<float> tensors;
  if (shape_.before_cell()) {
    tensors.query = parameters[ids_.query].gradient;
    tensors.v = parameters[ids_.v].gradient;
    if (shape_.coverage) tensors.coverage = parameters[ids_.coverage].gradient;
  } else {
    tensors.combine = parameters[ids_.combine].gradient;
    tensors.bias = parameters[ids_.bias].gradient;
  }
  if (shape_.projects_keys()) tensors.key = parameters[ids_.key].gradient;
  return tensors;
}

AttentiveLayer::Result AttentiveLayer::forward(const Run& run, Var x, const Steps& steps, Var memory,
                                               const Steps& memory_steps, std::span<const std::size_t> source_of,
                                               std::span<const Var> initial, const CoverageUse& coverage) const {
  assert(source_of.size() == steps.batch() && (initial.empty() || initial.size() == layer_.cell().states));
  Tape& tape = run.tape;
  Arena& arena = tape.arena();
  const RecurrentStack::LayerWeights own = layer_.weights(run, 0, 0);
  const auto* cell = new (arena.take<PackedLayer>(1).data()) PackedLayer(own.packed);
  const auto* packed = new (arena.take<PackedAttentive>(1).data())
      PackedAttentive(pack_attention(shape_, *cell, values(run.parameters), arena));
  std::array<const float*, kMostSlots> start{};
  const std::span<Var> kept = arena.take<Var>(initial.size());
  for (std::size_t slot = 0; slot < initial.size(); ++slot) {
    kept[slot] = initial[slot];
    start[slot] = tape.value(initial[slot]).data;
  }
  const SourceMemory sources = gather_memory(*packed, tape.value(memory).data, memory_steps, arena);
  const AttentiveInput input{tape.value(x).data,
                             source_of,
                             start,
                             nullptr,
                             layer_.draw_noise(run, steps, 0, 0),
                             shape_.coverage && coverage.known};
  const auto* trace = new (arena.take<AttentiveTrace>(1).data())
      AttentiveTrace(attentive_forward(*packed, steps, sources, input, arena));
  const Var output = tape.add(trace->output, steps.total(), output_width());
  const Var weights = tape.add(trace->alignments, 1, trace->begin.back());
  tape.record(AttentiveNode{packed, trace, &memory_steps, x, memory, output, weights, coverage.penalty, kept,
                            own.gradients, gradients(run.parameters)});
  return {output, {trace->begin, trace->alignments}, weights};
}

}  // namespace recur
