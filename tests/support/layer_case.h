// A recurrent layer with everything that goes in, and what the engine and the reference make of it, by name: so that
// any two of them can be compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
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
#include "kernels/reference.h"
#include "recur/cell.h"
#include "recur/steps.h"
#include "support/random.h"

namespace recur {

// Every number is a float. An empty vector stands for what is not given and is zero.
struct LayerCase {
  LayerShape shape;
  Steps steps;
  ReferenceTensors tensors;
  ReferenceInput input;
  std::vector<Reals> initial;  // of each state, [batch, hidden]
  Reals d_output;              // [total, hidden]
  std::vector<Reals> d_last;   // of each state, [batch, hidden]
};

// "output" [total, hidden] and for each state "last h" [batch, hidden]; gradients "d input", "d initial h",
// "d weight ih", "d bias ih".
using Results = std::map<std::string, Reals>;

inline LayerCase random_case(const LayerShape& shape, const Steps& steps, std::uint64_t seed = 1) {
  std::uint32_t index = 0;
  const auto fill = [&](std::size_t n, double scale) { return random_values(n, scale, seed, index++); };
  const std::size_t state = steps.batch() * shape.hidden;
  LayerCase c{shape, steps, zero_tensors(shape), {}, {}, fill(steps.total() * shape.hidden, 1), {}};
  for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
    const std::size_t fan_in = shape.cell->weights[w].from_input && !shape.one_hot ? shape.input : shape.hidden;
    const double scale = std::exp2(std::round(std::log2(1.5 / std::sqrt(static_cast<double>(fan_in)))));
    c.tensors.weight[w] = fill(c.tensors.weight[w].size(), scale);
    c.tensors.bias[w] = fill(c.tensors.bias[w].size(), scale);
  }
  if (shape.one_hot) {
    const Random random(seed, RandomPurpose::test, index++);
    for (std::size_t row = 0; row < steps.total(); ++row) {
      c.input.indices.push_back(static_cast<int>(random.word(row) % shape.input));
    }
  } else {
    c.input.dense = fill(steps.total() * shape.input, 1);
  }
  for (std::size_t s = 0; s < shape.cell->states; ++s) {
    c.initial.push_back(fill(state, 1));
    c.d_last.push_back(fill(state, 1));
  }
  return c;
}

inline std::vector<Reals> states_or_zero(const LayerCase& c, const std::vector<Reals>& given) {
  return given.empty() ? std::vector<Reals>(c.shape.cell->states, Reals(c.steps.batch() * c.shape.hidden)) : given;
}

inline ReferenceTrace trace_reference(const LayerCase& c) {
  return reference_forward(c.shape, c.tensors, c.steps, c.input, states_or_zero(c, c.initial));
}

// A random case none of whose pre-activations is nearer than `margin` to 0, where the rectifier has its kink.
inline LayerCase random_case_off_kinks(const LayerShape& shape, const Steps& steps, double margin) {
  for (std::uint64_t seed = 1;; ++seed) {
    LayerCase c = random_case(shape, steps, seed);
    double nearest = std::numeric_limits<double>::infinity();
    for (const Reals& gates : trace_reference(c).gates) {
      for (const double z : gates) nearest = std::min(nearest, std::abs(z));
    }
    if (nearest > margin) return c;
  }
}

inline Results run_reference(const LayerCase& c) {
  const CellInfo& cell = *c.shape.cell;
  const ReferenceTrace trace = trace_reference(c);
  const Reals d_output = c.d_output.empty() ? Reals(c.steps.total() * c.shape.hidden) : c.d_output;
  const ReferenceGradients d =
      reference_backward(c.shape, c.tensors, c.steps, trace, d_output, states_or_zero(c, c.d_last));
  Results results{{"output", trace.values[0]}};
  for (std::size_t s = 0; s < cell.states; ++s) {
    results["last " + cell.slots[s]] = reference_last_state(c.shape, c.steps, trace, s);
    results["d initial " + cell.slots[s]] = d.initial[s];
  }
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    results["d weight " + cell.weights[w].name] = d.tensors.weight[w];
    results["d bias " + cell.weights[w].name] = d.tensors.bias[w];
  }
  if (!c.shape.one_hot) results["d input"] = d.input;
  return results;
}

// The engine on a case; its gradients add up over runs.
class EngineRun {
 public:
  explicit EngineRun(const LayerCase& c) : c_(c), cell_(*c.shape.cell) {
    for (std::size_t w = 0; w < cell_.weights.size(); ++w) {
      tensors_.weight[w] = keep(c.tensors.weight[w]);
      tensors_.bias[w] = keep(c.tensors.bias[w]);
      d_.tensors.weight[w] = keep(Reals(c.tensors.weight[w].size()));
      d_.tensors.bias[w] = keep(Reals(c.tensors.bias[w].size()));
    }
    for (std::size_t s = 0; s < cell_.states; ++s) {
      if (!c.initial.empty()) initial_.push_back(keep(c.initial[s]));
      if (!c.d_last.empty()) d_last_.push_back(keep(c.d_last[s]));
      d_initial_.push_back(keep(Reals(c.steps.batch() * c.shape.hidden)));
      last_.push_back(keep(Reals(c.steps.batch() * c.shape.hidden)));
    }
    if (!c.d_output.empty()) d_.output = keep(c.d_output);
    if (!c.shape.one_hot) d_.input = keep(Reals(c.input.dense.size()));
    d_.last = d_last_;
    d_.initial = d_initial_;
    // What an arena lends is not zero: whoever relies on it gets a NaN.
    std::ranges::fill(arena_.take<float>(std::size_t{1} << 18), std::numeric_limits<float>::quiet_NaN());
    arena_.rewind();
  }

  // Forward and backward; the latter for the parameters alone if told so.
  void run(bool parameters_only = false) {
    const PackedLayer packed = pack_layer(c_.shape, tensors_, arena_);
    const LayerInput input{keep(c_.input.dense), c_.input.indices.data()};
    const LayerTrace trace = layer_forward(packed, c_.steps, input, initial_, arena_);
    const float* states = trace.states(c_.shape, 0);
    output_.assign(states, states + c_.steps.total() * c_.shape.hidden);
    for (std::size_t s = 0; s < cell_.states; ++s) copy_last_state(c_.shape, trace, s, last_[s]);
    LayerGradients d = d_;
    if (parameters_only) {
      d.input = nullptr;
      d.initial = {};
    }
    layer_backward(c_.shape, tensors_, trace, d, arena_);
    arena_.rewind();
  }

  Results results() const {
    Results results{{"output", output_}};
    const std::size_t state = c_.steps.batch() * c_.shape.hidden;
    const auto add = [&](const std::string& name, const float* p, std::size_t n) { results[name].assign(p, p + n); };
    for (std::size_t s = 0; s < cell_.states; ++s) {
      add("last " + cell_.slots[s], last_[s], state);
      add("d initial " + cell_.slots[s], d_initial_[s], state);
    }
    for (std::size_t w = 0; w < cell_.weights.size(); ++w) {
      add("d weight " + cell_.weights[w].name, d_.tensors.weight[w], c_.tensors.weight[w].size());
      add("d bias " + cell_.weights[w].name, d_.tensors.bias[w], c_.tensors.bias[w].size());
    }
    if (!c_.shape.one_hot) add("d input", d_.input, c_.input.dense.size());
    return results;
  }

 private:
  float* keep(const Reals& values) {
    std::vector<float>& floats = kept_.emplace_back();
    for (const double value : values) floats.push_back(static_cast<float>(value));
    return floats.data();
  }

  const LayerCase& c_;
  const CellInfo& cell_;
  Arena arena_;
  std::deque<std::vector<float>> kept_;
  LayerTensors<const float> tensors_;
  std::vector<const float*> initial_, d_last_;
  std::vector<float*> d_initial_, last_;
  LayerGradients d_;
  Reals output_;
};

inline Results run_engine(const LayerCase& c) {
  EngineRun engine(c);
  engine.run();
  return engine.results();
}

// A difference is relative to the largest magnitude of the tensor, at least `least`. In float arithmetic that is 1, the
// size of what the cases are made of: what is left of terms that cancel is no more accurate than they were.
inline void expect_close(const Reals& actual, const Reals& expected, double tolerance, const std::string& name,
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

inline void expect_same_bits(const Reals& actual, const Reals& expected, const std::string& name) {
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
