// What a recurrent stack is made of: its options checked, the shape of its layers, and their parameters.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check_options.h"
#include "base/error.h"
#include "nn/recurrent_stack.h"

namespace recur {
namespace {

bool has_gate(const CellInfo& cell, std::string_view name) {
  return std::ranges::any_of(cell.stages, [name](const StageInfo& stage) {
    return std::ranges::find(stage.gates, name) != stage.gates.end();
  });
}

// A window over tokens is so many indices, each into columns of its own; between steps tokens are kept as floats, which
// are exact up to 2^24.
void check_tokens(std::size_t window, std::size_t tokens) {
  constexpr std::size_t kMostTokens = std::size_t{1} << 24, kMostColumns = std::numeric_limits<int>::max();
  const std::size_t most = window == 1 ? kMostColumns : std::min(kMostTokens, kMostColumns / window);
  if (tokens > most) {
    fail(
        "--window: {} steps of tokens without an embedding can tell {} tokens apart, there are {}; give --embedding N "
        "or a smaller --max-vocab",
        window, most, tokens);
  }
}

// An option that the cell has no use for is a mistake of the user's.
void check_fits_cell(const RecurrentOptions& o, const CellInfo& cell) {
  if (o.projection > 0 && !cell.has_output_width()) {
    fail("--projection: cell {} has no output width of its own; lstm-projection and jordan have", cell.name);
  }
  if (o.state_dropout > 0 && !cell.multiplies_states()) {
    fail("--state-dropout: cell {} multiplies no state; leave it at 0", cell.name);
  }
  if (o.weight_drop > 0 && !cell.multiplies_states()) {
    fail("--weight-drop: cell {} has no recurrent weights; leave it at 0", cell.name);
  }
  if (o.zoneout_cell > 0 && cell.states < 2) {
    fail("--zoneout-cell: cell {} has no state but its output; --zoneout is for that", cell.name);
  }
  if (o.forget_bias != 0 && !has_gate(cell, "forget")) {
    fail("--forget-bias: cell {} has no gate named forget; leave it at 0", cell.name);
  }
}

float glorot_range(std::size_t rows, std::size_t columns) {
  return std::sqrt(6.0F / static_cast<float>(rows + columns));
}

}  // namespace

RecurrentStack::RecurrentStack(const RecurrentOptions& options, std::size_t input, bool one_hot, Parameters& parameters,
                               const std::string& prefix)
    : options_(options), cell_(&find_cell(options.cell)), input_(input), one_hot_(one_hot) {
  if (layers() > 0) check_options();
  window_ = options.window > 0 ? options.window : cell_->window;
  if (one_hot) check_tokens(window_, input);
  layer_width_ = LayerShape{.cell = cell_, .hidden = options.hidden, .output = options.projection}.width_of_slot(0);
  for (std::size_t layer = 0; layer < options.layers; ++layer) {
    for (std::size_t d = 0; d < directions(); ++d) layers_.push_back(declare_layer(layer, d, parameters, prefix));
    if (layer == 0 || options.connection != Connection::highway) continue;
    const std::string suffix = "_highway_l" + std::to_string(layer);
    const std::size_t width = output_width();
    // The gate starts nearly closed: at first a highway carries its input.
    highways_.push_back({parameters.declare(prefix + "weight" + suffix, width, width,
                                            InitialValues::within(1 / std::sqrt(static_cast<float>(width)))),
                         parameters.declare(prefix + "bias" + suffix, 0, width, InitialValues::constant(-1))});
  }
}

void RecurrentStack::check_options() const {
  const RecurrentOptions& o = options_;
  check_options_of(o);
  if (o.variational && o.dropout == 0) fail("--variational is about --dropout; give that too");
  if (o.connection != Connection::none && o.layers < 2) {
    fail("--connection {}: it joins layers; expected --layers of at least 2, got {}", to_string(o.connection),
         o.layers);
  }
  check_fits_cell(o, *cell_);
}

LayerShape RecurrentStack::shape(std::size_t layer, std::size_t direction) const {
  const bool first = layer == 0;
  LayerShape s{cell_, (first ? input_ : output_width()) * window_, options_.hidden, first && one_hot_, direction == 1};
  s.output = options_.projection;
  s.window = s.one_hot ? window_ : 1;
  s.layer_norm = options_.layer_norm;
  s.state_clip = options_.state_clip;
  s.zoneout = options_.zoneout;
  s.zoneout_cell = options_.zoneout_cell;
  return s;
}

InitialValues RecurrentStack::initial_weight(const LayerShape& s, std::size_t w) const {
  const CellInfo::Weight& weight = cell_->weights[w];
  Initialiser initialiser = options_.initialiser;
  if (initialiser == Initialiser::standard && cell_->start == Start::identity) initialiser = Initialiser::identity;
  if (initialiser == Initialiser::standard) {
    return InitialValues::within(1 / std::sqrt(static_cast<float>(options_.hidden)));  // as PyTorch's recurrent layers
  }
  const std::size_t rows = s.width(weight.rows);
  if (weight.from_input || initialiser == Initialiser::glorot) {
    return InitialValues::within(glorot_range(rows, s.columns_of_weight(w)));
  }
  const auto kind =
      initialiser == Initialiser::identity ? InitialValues::Kind::identity : InitialValues::Kind::orthogonal;
  return {kind, 0, 0, rows, false};
}

RecurrentStack::LayerIds RecurrentStack::declare_layer(std::size_t layer, std::size_t direction, Parameters& parameters,
                                                       const std::string& prefix) const {
  const LayerShape s = shape(layer, direction);
  const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
  const auto standard = InitialValues::within(1 / std::sqrt(static_cast<float>(options_.hidden)));
  const bool biases_random = options_.initialiser == Initialiser::standard && cell_->start == Start::standard;
  LayerIds ids;
  for (std::size_t w = 0; w < cell_->weights.size(); ++w) {
    const CellInfo::Weight& weight = cell_->weights[w];
    const std::string name = "_" + weight.name + suffix;
    const std::size_t rows = s.rows_of_weight(w);
    ids.weights.push_back(parameters.declare(prefix + "weight" + name, rows, s.columns_of_weight(w),
                                             initial_weight(s, w), s.one_hot && weight.from_input));
    ids.biases.emplace_back();
    if (!weight.bias) continue;
    ids.biases.back() =
        parameters.declare(prefix + "bias" + name, 0, rows, biases_random ? standard : InitialValues::within(0));
  }
  for (const CellInfo::Unit& unit : cell_->units) {
    const bool own = unit.low != 0 || unit.high != 0;
    const InitialValues range{InitialValues::Kind::uniform, unit.low, unit.high, 0, true};
    ids.units.push_back(
        parameters.declare(prefix + "weight_" + unit.name + suffix, 0, s.width(unit.width), own ? range : standard));
  }
  if (options_.layer_norm) {
    const std::size_t count = s.norm_offset(cell_->stages.size());
    ids.gain = parameters.declare(prefix + "weight_ln" + suffix, 0, count, InitialValues::constant(1));
    ids.shift = parameters.declare(prefix + "bias_ln" + suffix, 0, count, InitialValues::constant(0));
  }
  for (std::size_t slot = 0; slot < cell_->states && options_.learned_state; ++slot) {
    auto& start = ids.starts.emplace_back();
    if (cell_->first_values[slot] != FirstValue::any) continue;
    start = parameters.declare(prefix + "state_" + cell_->slots[slot] + suffix, 0, s.width_of_slot(slot),
                               InitialValues::constant(0));
  }
  set_forget_bias(ids, s, parameters);
  return ids;
}

// With layer normalisation the shift takes the place of the bias.
void RecurrentStack::set_forget_bias(const LayerIds& ids, const LayerShape& s, Parameters& parameters) const {
  if (options_.forget_bias == 0) return;
  for (std::size_t stage = 0; stage < cell_->stages.size(); ++stage) {
    const StageInfo& info = cell_->stages[stage];
    const std::size_t width = s.width_of_stage(stage);
    const auto forget = static_cast<std::size_t>(std::ranges::find(info.gates, "forget") - info.gates.begin());
    if (forget == info.gates.size()) continue;
    if (options_.layer_norm) {
      parameters.shift_start(ids.shift, s.norm_offset(stage) + forget * width, width, options_.forget_bias);
      continue;
    }
    for (const auto& product : info.products) {
      const auto place = static_cast<std::size_t>(std::ranges::find(product.gates, forget) - product.gates.begin());
      if (place == product.gates.size() || !ids.biases[product.weight]) continue;
      parameters.shift_start(*ids.biases[product.weight], (product.first_row + place) * width, width,
                             options_.forget_bias);
      break;
    }
  }
}

LayerTensors<const float> RecurrentStack::values(const Parameters& parameters, std::size_t layer,
                                                 std::size_t direction) const {
  const LayerIds& own = ids(layer, direction);
  LayerTensors<const float> tensors;
  for (std::size_t w = 0; w < own.weights.size(); ++w) {
    tensors.weight[w] = parameters.value(own.weights[w]);
    if (own.biases[w]) tensors.bias[w] = parameters.value(*own.biases[w]);
  }
  for (std::size_t u = 0; u < own.units.size(); ++u) tensors.unit[u] = parameters.value(own.units[u]);
  if (options_.layer_norm) {
    tensors.gain = parameters.value(own.gain);
    tensors.shift = parameters.value(own.shift);
  }
  return tensors;
}

LayerTensors<float> RecurrentStack::gradients(const Parameters& parameters, std::size_t layer,
                                              std::size_t direction) const {
  const LayerIds& own = ids(layer, direction);
  LayerTensors<float> tensors;
  for (std::size_t w = 0; w < own.weights.size(); ++w) {
    tensors.weight[w] = parameters[own.weights[w]].gradient;
    if (own.biases[w]) tensors.bias[w] = parameters[*own.biases[w]].gradient;
  }
  for (std::size_t u = 0; u < own.units.size(); ++u) tensors.unit[u] = parameters[own.units[u]].gradient;
  if (options_.layer_norm) {
    tensors.gain = parameters[own.gain].gradient;
    tensors.shift = parameters[own.shift].gradient;
  }
  return tensors;
}

}  // namespace recur
