#include "recur/states.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "api/read_asked.h"
#include "api/thread_limit.h"
#include "autograd/arrange.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "data/array_header.h"
#include "data/data_format.h"
#include "data/length_batches.h"
#include "data/safetensors.h"
#include "tasks/evaluate.h"

namespace recur {
namespace {

// Which states are asked for.
struct Place {
  std::size_t layer = 0, slot = 0;  // the layer from 0
};

Place place_of(const RecurrentStack& layers, const StatesOptions& options) {
  if (layers.layers() == 0) fail("this model has no layers that read");
  if (options.layer > layers.layers()) {
    fail("--layer: expected a number from 1 to {}, got {}", layers.layers(), options.layer);
  }
  Place place{(options.layer == 0 ? layers.layers() : options.layer) - 1, 0};
  if (options.state.empty()) return place;
  const CellInfo& cell = layers.cell();
  std::string names;
  for (std::size_t slot = 0; slot < cell.states; ++slot) {
    if (cell.slots[slot] == options.state) {
      place.slot = slot;
      return place;
    }
    names += (names.empty() ? "" : ", ") + std::string(cell.slots[slot]);
  }
  fail("--state: expected one of the states of {}: {}; got {}", cell.name, names, quote(options.state));
}

// Of all steps of a batch, [steps.total(), width], both directions side by side.
struct StepStates {
  Var values;
  std::size_t forward = 0;  // columns of what runs forwards
  const Steps* steps = nullptr;
};

StepStates step_states(Tape& tape, const RecurrentStack& layers, const Encoding& encoded, const Place& place) {
  const std::size_t directions = layers.directions();
  const std::span<const LayerResult> results = encoded.stack.layers.subspan(place.layer * directions, directions);
  const Steps& steps = *results[0].run.trace.steps;
  const std::size_t width = results[0].shape.width_of_slot(place.slot);
  const auto states = [&](const LayerResult& of) {
    return tape.add(of.run.trace.states(of.shape, place.slot), steps.total(), width);
  };
  const Var forward = states(results[0]);
  return {directions == 1 ? forward : side_by_side(tape, forward, states(results[1])), width, &steps};
}

// [batch, width]
Var pooled(Tape& tape, Pooling pooling, const StepStates& states) {
  if (pooling == Pooling::mean) return mean_over_steps(tape, states.values, *states.steps);
  if (pooling == Pooling::max) return max_over_steps(tape, states.values, *states.steps);
  return last_output(tape, states.values, *states.steps, states.forward);
}

// Puts the states of a batch's records where they belong; returns their width.
std::size_t add_records(const StepStates& states, Tape& tape, const Batch& batch, const StatesOptions& options,
                        std::vector<std::vector<float>>& of_record) {
  const Var rows = options.each_step ? states.values : pooled(tape, options.pooling, states);
  const Matrix all = tape.value(rows);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    std::vector<float>& to = of_record[batch.records[row]];
    const std::size_t count = options.each_step ? states.steps->length_of(row) : 1;
    for (std::size_t t = 0; t < count; ++t) {
      const float* from = all.data + ((options.each_step ? states.steps->offset(t) : 0) + row) * all.columns;
      to.insert(to.end(), from, from + all.columns);
    }
  }
  return all.columns;
}

// `lines`: an empty line is a record, too, as it is not where it ends a sentence.
States in_order(const Records& records, const std::vector<std::vector<float>>& of_record, std::size_t width,
                bool lines) {
  States states;
  states.width = width;
  const auto add = [&](const std::vector<float>& rows) {
    states.values.insert(states.values.end(), rows.begin(), rows.end());
    states.begins.push_back(states.values.size() / width);
  };
  std::size_t empty = 0;
  for (std::size_t i = 0; i <= of_record.size(); ++i) {
    for (; lines && empty < records.empty_before.size() && records.empty_before[empty] == i; ++empty) {
      add(std::vector<float>(width));
    }
    if (i < of_record.size()) add(of_record[i]);
  }
  return states;
}

// Whether each record has one row.
bool one_each(const States& states) {
  for (std::size_t i = 0; i < states.begins.size(); ++i) {
    if (states.begins[i] != i) return false;
  }
  return true;
}

}  // namespace

States states_of(const Model& model, const std::string& path, const StatesOptions& options) {
  const ThreadLimit limit(options.predict.threads);
  const Network& network = model.network();
  const Place place = place_of(network.layers(), options);
  if (options.pooling == Pooling::attention) fail("--pooling: expected one of last, mean, max, got attention");
  const InputFile file(path);
  const auto records = read_unanswered(network, {file, options.predict.layout}, options.predict);
  std::vector<std::vector<float>> of_record(records->size());
  std::size_t width = 0;
  encode_batches(network, *records, [&](const Batch& batch, const Encoding& encoded) {
    Tape tape(false);
    width = add_records(step_states(tape, network.layers(), encoded, place), tape, batch, options, of_record);
  });
  if (width == 0) fail_without_records(network.fields(), {file, options.predict.layout});
  const bool sentences = format_of(file, options.predict.layout, requests_of(network.fields())) == DataFormat::conll;
  States states = in_order(*records, of_record, width, !sentences);
  states.cut = records->cut;
  return states;
}

void save_states(const std::string& path, const States& states) {
  static_assert(std::endian::native == std::endian::little);
  if (path.ends_with(".safetensors")) {
    const std::vector<std::int64_t> begins(states.begins.begin(), states.begins.end());
    const auto width = static_cast<std::int64_t>(states.width);
    const TensorView tensors[] = {
        tensor_view<float>("states", {begins.back(), width}, std::span<const float>(states.values)),
        tensor_view<std::int64_t>("begins", {static_cast<std::int64_t>(begins.size())},
                                  std::span<const std::int64_t>(begins))};
    return write_safetensors(path, {}, tensors);
  }
  if (!path.ends_with(".npy")) fail("{}: states are written to .npy, or to .safetensors", path);
  if (!one_each(states))
    fail("{}: records have states of several steps; expected the name of a .safetensors file", path);
  OutputFile file(path);
  write_npy(file, {states.records(), states.width}, states.values);
  file.commit();
}

States load_states(const std::string& path) {
  States states;
  if (path.ends_with(".safetensors")) {
    const SafetensorsFile file(path);
    const TensorView *values = file.find("states"), *begins = file.find("begins");
    if (values == nullptr || begins == nullptr || values->shape.size() != 2 || begins->shape.size() != 1) {
      fail("{}: expected the tensors \"states\" [rows, width] and \"begins\" [records + 1]", path);
    }
    const auto floats = file.floats("states", values->shape);
    const auto places = file.values<std::int64_t>("begins", begins->shape);
    states.width = static_cast<std::size_t>(values->shape[1]);
    states.values.assign(floats.begin(), floats.end());
    states.begins.assign(places.begin(), places.end());
    if (places.empty() || places[0] != 0 || !std::ranges::is_sorted(places) || places.back() != values->shape[0]) {
      fail("{}: \"begins\" are not where records begin among {} rows", path, values->shape[0]);
    }
    return states;
  }
  const InputFile file(path);
  ArrayReader array(file);
  if (array.is_text() || array.dimensions() != 2) fail("{}: expected an array [records, width] of numbers", path);
  states.width = array.elements();
  std::vector<double> row;
  for (std::uint64_t i = 0; i < array.records(); ++i) {
    array.read(row);
    for (const double x : row) states.values.push_back(static_cast<float>(x));
    states.begins.push_back(states.begins.back() + 1);
  }
  return states;
}

std::vector<NearState> nearest_states(const States& states, std::size_t record, std::size_t count) {
  if (!one_each(states)) {
    fail("records have states of several steps; expected one vector each, as recur states writes without --each-step");
  }
  if (record >= states.records()) fail("expected a record from 1 to {}, got {}", states.records(), record + 1);
  const auto product = [](std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  const std::span<const float> asked = states.of(record);
  std::vector<NearState> all;
  for (std::size_t i = 0; i < states.records(); ++i) {
    if (i == record) continue;
    const double norms = std::sqrt(product(asked, asked) * product(states.of(i), states.of(i)));
    if (!std::isfinite(norms)) fail("record {}, or record {}: expected finite numbers", record + 1, i + 1);
    all.push_back({i, norms > 0 ? product(asked, states.of(i)) / norms : 0});
  }
  std::ranges::stable_sort(all, std::greater<>(), &NearState::similarity);
  all.resize(std::min(count, all.size()));
  return all;
}

}  // namespace recur
