#include "infer/unit_trace.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/finite.h"

namespace recur {
namespace {

constexpr std::size_t kWindow = 200;  // steps at a time; only memory depends on it

using Inputs = std::array<double, StageInfo::kMostInputs>;

// One group, and where its values come from: a state's slot, or a gate of a stage.
struct Channels {
  UnitGroup group;
  std::size_t slot = 0;
  std::size_t stage = 0, gate = 0;
  bool is_logarithm = false;
};

// Numbers that a cell's next() may get, all different.
Inputs probe(std::size_t number) {
  Inputs inputs{};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] = 0.2 + 0.03 * static_cast<double>((7 * i + 11 * number) % inputs.size());
  }
  return inputs;
}

Observation observe(const StageInfo& stage, const Inputs& inputs) {
  Observation observation;
  stage.observe(inputs.data(), observation);
  return observation;
}

// Whether what a gate goes into is, without any change, what a state becomes.
bool is_a_state(const LayerShape& shape, const StageInfo& stage, std::size_t gate) {
  if (shape.updates_states({})) return false;
  return std::ranges::any_of(stage.writes, [&](const std::size_t& slot) {
    if (slot >= shape.cell->states) return false;
    for (std::size_t number = 0; number < 3; ++number) {
      const Inputs inputs = probe(number);
      std::array<double, kMostSlots> outputs{};
      stage.reference(inputs.data(), outputs.data());
      const double value = observe(stage, inputs).gates[gate].value;
      if (std::abs(outputs[static_cast<std::size_t>(&slot - stage.writes.data())] - value) > 1e-12) return false;
    }
    return true;
  });
}

std::vector<Channels> sources_of(const LayerShape& shape, std::size_t layer) {
  std::vector<Channels> sources;
  const CellInfo& cell = *shape.cell;
  for (std::size_t slot = 0; slot < cell.states; ++slot) {
    sources.push_back({{layer, UnitKind::state, cell.slots[slot], 0, shape.width_of_slot(slot)}, slot});
  }
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    const StageInfo& stage = cell.stages[s];
    const Observation observation = observe(stage, probe(0));
    for (std::size_t gate = 0; gate < stage.gates.size(); ++gate) {
      const GateFunction function = observation.gates[gate].function;
      const bool is_logarithm = function == GateFunction::log_sigmoid;
      const bool is_gate = is_logarithm || function == GateFunction::sigmoid;
      if (function == GateFunction::none || (!is_gate && is_a_state(shape, stage, gate))) continue;
      const UnitKind kind = is_gate ? UnitKind::gate : UnitKind::activation;
      sources.push_back({{layer, kind, stage.gates[gate], 0, shape.width_of_stage(s)}, 0, s, gate, is_logarithm});
    }
  }
  return sources;
}

// Layer after layer, with the places of their channels.
std::vector<std::vector<Channels>> all_sources(const RecurrentStack& stack) {
  std::vector<std::vector<Channels>> layers;
  std::size_t channels = 0;
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    layers.push_back(sources_of(stack.shape(layer, 0), layer));
    for (Channels& source : layers.back()) {
      source.group.first = channels;
      channels += source.group.count;
    }
  }
  return layers;
}

// What one layer did in a window of one sequence, to rows [steps, channels] of values.
class LayerReader {
 public:
  LayerReader(const LayerResult& result, const PackedLayer& packed, std::size_t channels)
      : shape_(result.shape), trace_(result.run.trace), units_(packed.tensors.unit), channels_(channels) {}

  void read(const std::vector<Channels>& sources, float* values) const {
    const std::size_t steps = trace_.steps->length();
    for (const Channels& source : sources) {
      if (source.group.kind != UnitKind::state) continue;
      const float* states = trace_.states(shape_, source.slot);
      for (std::size_t t = 0; t < steps; ++t) {
        std::copy_n(states + t * source.group.count, source.group.count, values + t * channels_ + source.group.first);
      }
    }
    for (std::size_t s = 0; s < shape_.cell->stages.size(); ++s) {
      std::vector<Channels> gates;
      std::ranges::copy_if(sources, std::back_inserter(gates), [s](const Channels& source) {
        return source.group.kind != UnitKind::state && source.stage == s;
      });
      for (std::size_t t = 0; t < steps && !gates.empty(); ++t) read_gates(s, t, gates, values + t * channels_);
    }
  }

 private:
  void read_gates(std::size_t s, std::size_t t, const std::vector<Channels>& gates, float* row) const {
    for (std::size_t u = 0; u < shape_.width_of_stage(s); ++u) {
      const Observation seen = observe(shape_.cell->stages[s], inputs_of(s, t, u));
      for (const Channels& source : gates) {
        const double value = seen.gates[source.gate].value;
        row[source.group.first + u] = static_cast<float>(source.is_logarithm ? std::exp(value) : value);
      }
    }
  }

  // What next() got for one unit. A state's row t is the one before step t.
  Inputs inputs_of(std::size_t s, std::size_t t, std::size_t unit) const {
    const StageInfo& stage = shape_.cell->stages[s];
    const std::size_t width = shape_.width_of_stage(s);
    Inputs inputs{};
    std::size_t n = 0;
    for (std::size_t gate = 0; gate < stage.gates.size(); ++gate) {
      inputs[n++] = double{trace_.gates[s][t * shape_.gate_stride(s) + gate * width + unit]};
    }
    for (const std::size_t slot : stage.reads) inputs[n++] = double{trace_.values[slot][t * width + unit]};
    for (const std::size_t parameter : stage.units) inputs[n++] = double{units_[parameter][unit]};
    return inputs;
  }

  const LayerShape& shape_;
  const LayerTrace& trace_;
  const std::array<const float*, kMostUnits>& units_;
  std::size_t channels_;
};

}  // namespace

std::vector<UnitGroup> unit_groups(const RecurrentStack& stack) {
  std::vector<UnitGroup> groups;
  for (const std::vector<Channels>& layer : all_sources(stack)) {
    for (const Channels& source : layer) groups.push_back(source.group);
  }
  return groups;
}

UnitTrace trace_units(const Network& network, const Corpus& corpus, std::size_t length) {
  if (length == 0) fail("--length: expected at least 1, got 0");
  const RecurrentStack& stack = network.layers();
  UnitTrace trace;
  trace.tokens.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, corpus.size())));
  trace.groups = unit_groups(stack);
  trace.unseen = corpus.unseen();
  if (trace.tokens.empty())
    fail("{}: expected a token that the model knows, got none; give another text", corpus.name());
  corpus.reader(0).next(trace.tokens);
  trace.channels = trace.groups.back().first + trace.groups.back().count;
  trace.values.resize(trace.tokens.size() * trace.channels);

  const std::vector<std::vector<Channels>> sources = all_sources(stack);
  Arena memory;
  const PackedStack packed = stack.pack(network.parameters(), memory);
  StackState state(stack.state_layout(), 1);
  Tape tape(false);
  const Run run{tape, network.parameters(), Noise::silent()};
  for (std::size_t first = 0; first < trace.tokens.size(); first += kWindow) {
    const auto window = std::span(trace.tokens).subspan(first, std::min(kWindow, trace.tokens.size() - first));
    tape.rewind();
    Batch batch;
    FieldBatch& text = batch.fields.emplace_back();
    text.steps = Steps::rectangle(1, window.size());
    text.ids.assign(window.begin(), window.end());
    const StackResult result = network.encode(run, batch, state, {.packed = &packed, .keep_gates = true}).stack;
    for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
      LayerReader(result.layers[layer], packed[layer], trace.channels)
          .read(sources[layer], trace.values.data() + first * trace.channels);
    }
  }
  check_results(trace.values, "what a unit does");
  return trace;
}

}  // namespace recur
