// A recurrent layer with everything that goes in, and what the engine and the reference make of it, by name: so that
// any two of them can be compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/arena.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_steps.h"
#include "kernels/reference.h"
#include "kernels/stream_layer.h"
#include "recur/types/cell.h"
#include "recur/types/steps.h"
#include "support/random.h"

namespace recur {

// Every number is a float. An empty vector stands for what is not given: zero, and the cell's first values.
struct LayerCase {
  LayerShape shape;
  Steps steps;
  ReferenceTensors tensors;
  ReferenceInput input;
  std::vector<Doubles> initial;  // of each state, [batch, width]
  Doubles d_output;              // [total, width]
  std::vector<Doubles> d_last;   // of each state, [batch, width]

  const CellInfo& cell() const { return *shape.cell; }
  std::size_t width(std::size_t slot = 0) const { return shape.width_of_slot(slot); }
};

// "output" [total, width] and for each state "last h" [batch, width]; gradients "d input", "d initial h",
// "d weight ih", "d bias ih", "d unit ci", "d gain", "d shift".
using Results = std::map<std::string, Doubles>;

// What training draws.
struct WithNoise {
  bool keep = false, mask = false;
};

inline LayerCase random_case(const LayerShape& shape, const Steps& steps, std::uint64_t seed = 1,
                             const WithNoise& noise = {}) {
  std::uint32_t index = 0;
  const auto fill = [&](std::size_t n, double scale) { return random_values(n, scale, seed, index++); };
  const auto scale_for = [](std::size_t fan_in) {
    return std::exp2(std::round(std::log2(1.5 / std::sqrt(static_cast<double>(fan_in)))));
  };
  LayerCase c{shape, steps, zero_tensors(shape), {}, {}, fill(steps.total() * shape.width_of_slot(0), 1), {}};
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    const bool one_hot = shape.cell->weights[w].from_input && shape.one_hot;
    const double scale = scale_for(one_hot ? shape.hidden : shape.columns_of_weight(w));
    c.tensors.weight[w] = fill(c.tensors.weight[w].size(), scale);
    c.tensors.bias[w] = fill(c.tensors.bias[w].size(), scale);
  }
  if (shape.one_hot) {
    const Random random(seed, RandomPurpose::test, index++);
    for (std::size_t i = 0; i < steps.total() * shape.window; ++i) {
      // Some of a window's places are empty.
      const std::uint32_t word = random.word(i);
      const bool none = i % shape.window > 0 && word % 5 == 0;
      c.input.indices.push_back(none ? -1 : static_cast<int>(word % shape.input));
    }
  } else {
    c.input.dense = fill(steps.total() * shape.input, 1);
  }
  for (std::size_t s = 0; s < shape.cell->states; ++s) {
    c.initial.push_back(fill(steps.batch() * c.width(s), 1));
    c.d_last.push_back(fill(steps.batch() * c.width(s), 1));
    // A normaliser, which divides.
    if (shape.cell->slots[s] == "n")
      std::ranges::transform(c.initial[s], c.initial[s].begin(), [](double x) { return std::abs(x) + 1; });
  }
  for (Doubles& unit : c.tensors.unit) unit = fill(unit.size(), 0.5);
  c.tensors.gain = fill(c.tensors.gain.size(), 1);
  for (double& gain : c.tensors.gain) gain += 1;
  c.tensors.shift = fill(c.tensors.shift.size(), 0.5);
  for (std::size_t s = 0; s < shape.cell->states; ++s) {
    if (noise.keep) c.input.keep[s] = fill(steps.total() * c.width(s), 1);
    if (noise.mask) c.input.mask[s] = fill(steps.batch() * c.width(s), 1);
    for (double& keep : c.input.keep[s]) keep = keep > 0.5 ? 1 : 0;
    for (double& mask : c.input.mask[s]) mask = mask > 0 ? 2 : 0;
  }
  return c;
}

inline std::vector<Doubles> states_or_zero(const LayerCase& c, const std::vector<Doubles>& given) {
  if (!given.empty()) return given;
  std::vector<Doubles> zero;
  for (std::size_t s = 0; s < c.cell().states; ++s) zero.emplace_back(c.steps.batch() * c.width(s));
  return zero;
}

inline ReferenceTrace trace_reference(const LayerCase& c) {
  std::vector<Doubles> initial = c.initial;
  for (std::size_t s = initial.size(); s < c.cell().states; ++s) {
    initial.emplace_back(c.steps.batch() * c.width(s), c.cell().first_value(s));
  }
  return reference_forward(c.shape, c.tensors, c.steps, c.input, initial);
}

// How near a case comes to where it has no derivative: the kink of a rectifier or a maximum, the limit of a clipping.
inline double nearest_kink(const LayerCase& c) {
  const ReferenceTrace trace = trace_reference(c);
  Observation seen;
  seen.kink = trace.nearest_to_clip;
  const auto value_before = [&](std::size_t slot, std::size_t b, std::size_t t, std::size_t unit) {
    const bool first = c.shape.reverse ? t + 1 == c.steps.length_of(b) : t == 0;
    if (first) return trace.initial[slot][b * c.width(slot) + unit];
    return trace.values[slot][(c.steps.offset(c.shape.reverse ? t + 1 : t - 1) + b) * c.width(slot) + unit];
  };
  for (std::size_t t = 0; t < c.steps.length(); ++t) {
    for (std::size_t b = 0; b < c.steps.rows(t); ++b) {
      for (std::size_t s = 0; s < c.cell().stages.size(); ++s) {
        const StageInfo& stage = c.cell().stages[s];
        const std::size_t width = c.shape.width_of_stage(s);
        const std::size_t row = c.steps.offset(t) + b;
        for (std::size_t u = 0; u < width; ++u) {
          Doubles in;
          for (std::size_t g = 0; g < stage.gates.size(); ++g) {
            in.push_back(trace.gates[s][row * c.shape.gate_stride(s) + g * width + u]);
          }
          for (const std::size_t slot : stage.reads) {
            in.push_back(slot < c.cell().states ? value_before(slot, b, t, u) : trace.values[slot][row * width + u]);
          }
          for (const std::size_t unit : stage.units) in.push_back(c.tensors.unit[unit][u]);
          stage.observe(in.data(), seen);
        }
      }
    }
  }
  return seen.kink;
}

// A random case that comes nowhere nearer than `margin` to a kink.
inline LayerCase random_case_off_kinks(const LayerShape& shape, const Steps& steps, double margin,
                                       const WithNoise& noise = {}) {
  for (std::uint64_t seed = 1;; ++seed) {
    LayerCase c = random_case(shape, steps, seed, noise);
    if (nearest_kink(c) > margin) return c;
  }
}

// Calls visit(name, values) for every tensor that a layer has: "weight ih", "bias ih", "unit ci", "gain", "shift".
template <class Tensors, class Visit>
void for_each_tensor(const CellInfo& cell, Tensors& tensors, const Visit& visit) {
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    visit("weight " + cell.weights[w].name, tensors.weight[w]);
    if (cell.weights[w].bias) visit("bias " + cell.weights[w].name, tensors.bias[w]);
  }
  for (std::size_t u = 0; u < cell.units.size(); ++u) visit("unit " + cell.units[u].name, tensors.unit[u]);
  if (tensors.gain.empty()) return;
  visit("gain", tensors.gain);
  visit("shift", tensors.shift);
}

inline Results run_reference(const LayerCase& c) {
  const CellInfo& cell = *c.shape.cell;
  const ReferenceTrace trace = trace_reference(c);
  const Doubles d_output = c.d_output.empty() ? Doubles(c.steps.total() * c.width()) : c.d_output;
  const ReferenceGradients d =
      reference_backward(c.shape, c.tensors, c.steps, trace, d_output, states_or_zero(c, c.d_last));
  Results results{{"output", trace.values[0]}};
  for (std::size_t s = 0; s < cell.states; ++s) {
    results["last " + cell.slots[s]] = reference_last_state(c.shape, c.steps, trace, s);
    results["d initial " + cell.slots[s]] = d.initial[s];
  }
  for_each_tensor(cell, d.tensors,
                  [&](const std::string& name, const Doubles& values) { results["d " + name] = values; });
  if (!c.shape.one_hot) results["d input"] = d.input;
  return results;
}

// The engine on a case; its gradients add up over runs.
class EngineRun {
 public:
  explicit EngineRun(const LayerCase& c) : c_(c), cell_(c.cell()) {
    set_tensors(c.tensors, tensors_);
    ReferenceTensors zero = zero_tensors(c.shape);
    set_tensors(zero, d_.tensors);
    for (std::size_t s = 0; s < cell_.states; ++s) {
      const Doubles none(c.steps.batch() * c.width(s));
      if (!c.initial.empty()) initial_.push_back(keep(c.initial[s]));
      if (!c.d_last.empty()) d_last_.push_back(keep(c.d_last[s]));
      d_initial_.push_back(keep(none));
      last_.push_back(keep(none));
      if (!c.input.keep[s].empty()) input_.noise.keep[s] = keep(c.input.keep[s]);
      if (!c.input.mask[s].empty()) input_.noise.mask[s] = keep(c.input.mask[s]);
    }
    input_.dense = keep(c.input.dense);
    input_.indices = c.input.indices.data();
    if (!c.d_output.empty()) d_.output = keep(c.d_output);
    if (!c.shape.one_hot) d_.input = keep(Doubles(c.input.dense.size()));
    d_.last = d_last_;
    d_.initial = d_initial_;
    // What an arena lends is not zero: whoever relies on it gets a NaN.
    std::ranges::fill(arena_.take<float>(std::size_t{1} << 18), std::numeric_limits<float>::quiet_NaN());
    arena_.rewind();
  }

  // Forward and backward; the latter for the parameters alone if told so.
  void run(bool parameters_only = false) {
    const PackedLayer packed = pack_layer(c_.shape, tensors_, arena_);
    const LayerTrace trace = layer_forward(packed, c_.steps, input_, initial_, arena_);
    keep_states(trace);
    LayerGradients d = d_;
    if (parameters_only) {
      d.input = nullptr;
      d.initial = {};
    }
    layer_backward(c_.shape, tensors_, trace, d, arena_);
    arena_.rewind();
  }

  // Forward alone, with no more gates kept than it needs: "output" and "last ...".
  Results run_forward() {
    const PackedLayer packed = pack_layer(c_.shape, tensors_, arena_);
    keep_states(layer_forward(packed, c_.steps, input_, initial_, arena_, false));
    arena_.rewind();
    Results results{{"output", output_}};
    add_last(results);
    return results;
  }

  // The same one step a call: what belongs to a step is not there before its turn.
  void run_stepwise() {
    const PackedLayer packed = pack_layer(c_.shape, tensors_, arena_);
    std::vector<float> dense(c_.input.dense.size(), std::numeric_limits<float>::quiet_NaN());
    std::vector<int> indices(c_.input.indices.size(), -1);
    const LayerInput input{dense.data(), indices.data(), input_.noise};
    StepwiseForward forward(packed, c_.steps, input, initial_, arena_);
    const auto copy_step = [&](std::size_t t, std::size_t width, const auto* from, auto* to) {
      std::copy_n(from + c_.steps.offset(t) * width, c_.steps.rows(t) * width, to + c_.steps.offset(t) * width);
    };
    for (std::size_t t = 0; t < c_.steps.length(); ++t) {
      if (c_.shape.one_hot) {
        copy_step(t, c_.shape.window, input_.indices, indices.data());
      } else {
        copy_step(t, c_.shape.input, input_.dense, dense.data());
      }
      forward.step(t);
    }
    keep_states(forward.trace());
    std::vector<float> d_output(c_.d_output.size(), std::numeric_limits<float>::quiet_NaN());
    LayerGradients d = d_;
    d.output = d_output.data();
    StepwiseBackward backward(c_.shape, tensors_, forward.trace(), d, arena_);
    for (std::size_t t = c_.steps.length(); t-- > 0;) {
      copy_step(t, c_.width(), d_.output, d_output.data());
      backward.step(t);
    }
    backward.finish();
    arena_.rewind();
  }

  // The same forward, one step a call, each step cut into so many parts: "output" and "last ...", of a batch of one.
  Results stream(std::size_t parts) {
    const PackedLayer packed = pack_layer(c_.shape, tensors_, arena_);
    const StreamLayer stream(packed);
    std::vector<float> gates(stream.gate_floats()), next(stream.next_floats());
    std::array<float*, kMostSlots> states{};
    for (std::size_t s = 0; s < cell_.states; ++s) {
      std::copy_n(initial_[s], c_.width(s), last_[s]);
      states[s] = last_[s];
    }
    Results results;
    for (std::size_t t = 0; t < c_.steps.length(); ++t) {
      const StreamLayer::Step step{1,
                                   input_.dense + t * c_.shape.input,
                                   input_.indices + t * c_.shape.window,
                                   {states.data(), cell_.states},
                                   gates.data(),
                                   next.data()};
      parallel_team(parts, [&](const TeamMember& member) { stream.step(step, member); });
      results["output"].insert(results["output"].end(), next.data(), next.data() + c_.width());
    }
    add_last(results);
    return results;
  }

  Results results() const {
    Results results{{"output", output_}};
    add_last(results);
    const auto add = [&](const std::string& name, const float* p, std::size_t n) { results[name].assign(p, p + n); };
    for (std::size_t s = 0; s < cell_.states; ++s) {
      add("d initial " + cell_.slots[s], d_initial_[s], c_.steps.batch() * c_.width(s));
    }
    for (std::size_t w = 0; w < cell_.weights.size(); ++w) {
      add("d weight " + cell_.weights[w].name, d_.tensors.weight[w], c_.tensors.weight[w].size());
      if (cell_.weights[w].bias) add("d bias " + cell_.weights[w].name, d_.tensors.bias[w], c_.tensors.bias[w].size());
    }
    for (std::size_t u = 0; u < cell_.units.size(); ++u) {
      add("d unit " + cell_.units[u].name, d_.tensors.unit[u], c_.tensors.unit[u].size());
    }
    if (c_.shape.layer_norm) {
      add("d gain", d_.tensors.gain, c_.tensors.gain.size());
      add("d shift", d_.tensors.shift, c_.tensors.shift.size());
    }
    if (!c_.shape.one_hot) add("d input", d_.input, c_.input.dense.size());
    return results;
  }

 private:
  void add_last(Results& results) const {
    for (std::size_t s = 0; s < cell_.states; ++s) {
      results["last " + cell_.slots[s]].assign(last_[s], last_[s] + c_.steps.batch() * c_.width(s));
    }
  }

  void keep_states(const LayerTrace& trace) {
    const float* states = trace.states(c_.shape, 0);
    output_.assign(states, states + c_.steps.total() * c_.width());
    for (std::size_t s = 0; s < cell_.states; ++s) copy_last_state(c_.shape, trace, s, last_[s]);
  }

  float* keep(const Doubles& values) {
    std::vector<float>& floats = kept_.emplace_back();
    for (const double value : values) floats.push_back(static_cast<float>(value));
    return floats.data();
  }

  template <class Tensors>
  void set_tensors(const ReferenceTensors& from, Tensors& to) {
    for (std::size_t w = 0; w < cell_.weights.size(); ++w) {
      to.weight[w] = keep(from.weight[w]);
      to.bias[w] = keep(from.bias[w]);
    }
    for (std::size_t u = 0; u < cell_.units.size(); ++u) to.unit[u] = keep(from.unit[u]);
    to.gain = keep(from.gain);
    to.shift = keep(from.shift);
  }

  const LayerCase& c_;
  const CellInfo& cell_;
  Arena arena_;
  std::deque<std::vector<float>> kept_;
  LayerTensors<const float> tensors_;
  std::vector<const float*> initial_, d_last_;
  std::vector<float*> d_initial_, last_;
  LayerInput input_;
  LayerGradients d_;
  Doubles output_;
};

inline Results run_engine(const LayerCase& c) {
  EngineRun engine(c);
  engine.run();
  return engine.results();
}

// A difference is relative to the largest magnitude of the tensor, at least `least`. In float arithmetic that is 1, the
// size of what the cases are made of: what is left of terms that cancel is no more accurate than they were.
inline void expect_close(const Doubles& actual, const Doubles& expected, double tolerance, const std::string& name,
                         double least = 1) {
  ASSERT_EQ(actual.size(), expected.size()) << name;
  double largest = least;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t k = 0; k < expected.size(); ++k) {
    // Negated so that a NaN fails too; one message for a tensor is enough.
    if (!(std::abs(actual[k] - expected[k]) <= tolerance * largest)) {
      FAIL() << name << "[" << k << "] is " << actual[k] << ", expected " << expected[k] << "; relative to " << largest
             << " off by " << std::abs(actual[k] - expected[k]) / largest;
    }
  }
}

inline void expect_close(const Results& actual, const Results& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, values] : expected) expect_close(actual.at(name), values, tolerance, name);
}

inline void expect_same_bits(const Doubles& actual, const Doubles& expected, const std::string& name) {
  ASSERT_EQ(actual.size(), expected.size()) << name;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (std::memcmp(&actual[k], &expected[k], sizeof(double)) != 0) {
      FAIL() << name << "[" << k << "] is " << actual[k] << ", not the same bits as " << expected[k];
    }
  }
}

inline void expect_same_bits(const Results& actual, const Results& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, values] : expected) expect_same_bits(actual.at(name), values, name);
}

}  // namespace recur
