// A layer with attention on a small batch, and its equations written down in double.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/readout.h"
#include "kernels/reference.h"
#include "nn/attentive_layer.h"
#include "support/gradient_check.h"
#include "support/looked_again.h"

namespace recur {

struct AttentiveCase {
  Attention kind;
  RecurrentOptions options;
  bool coverage = false;
};

// Sources of unequal lengths, one that is not looked at and one that two rows share.
struct AttentiveNetwork {
  static constexpr std::size_t kInput = 3;
  Steps steps = Steps::from_lengths(std::vector<std::size_t>{4, 4, 2, 1, 1});
  Steps memory_steps = Steps::from_lengths(std::vector<std::size_t>{6, 4, 3, 3, 1});
  std::vector<std::size_t> source_of = {2, 0, 4, 0, 1};
  Parameters parameters;
  AttentiveLayer layer;
  std::vector<float> targets, weight_targets;
  bool judges_weights = false;  // by distance()
  CoverageUse coverage;
  LookedAgain looked_again;
  Tape tape_;

  explicit AttentiveNetwork(const AttentiveCase& c)
      : layer({c.kind, 10, c.coverage}, c.options, kInput, memory_width(c), parameters, "decoder.") {
    parameters.allocate();
    parameters.initialise(3, 0.75F);
    if (c.coverage) std::ranges::copy(random_floats(10, 2, 8), parameter("attention.coverage").begin());
    std::size_t weights = 0;
    for (std::size_t r = 0; r < steps.batch(); ++r) {
      weights += steps.length_of(r) * memory_steps.length_of(source_of[r]);
    }
    weight_targets = random_floats(weights, 1, 10);
    targets = random_floats(steps.total() * layer.output_width(), 1, 9);
  }

  static std::size_t memory_width(const AttentiveCase& c) {
    if (c.kind != Attention::dot) return 11;
    return c.options.projection > 0 ? c.options.projection : c.options.hidden;
  }
  std::size_t memory_width() const { return layer.shape().memory; }
  std::span<float> parameter(const std::string& name) {
    for (const auto& d : parameters.declarations()) {
      if (d.name == "decoder." + name) return parameters.values().subspan(d.offset, d.size);
    }
    ADD_FAILURE() << "no parameter " << name;
    return {};
  }
  const CellInfo& cell() const { return layer.layer().cell(); }
  std::size_t width(std::size_t slot) const { return layer.layer().shape(0, 0).width_of_slot(slot); }

  // Parameters, x, memory and initial states.
  std::vector<std::vector<float>> arrays() const {
    const std::span<const float> values = parameters.values();
    std::vector<std::vector<float>> all = {{values.begin(), values.end()},
                                           random_floats(steps.total() * kInput, 1, 1),
                                           random_floats(memory_steps.total() * memory_width(), 1, 2)};
    for (std::size_t slot = 0; slot < cell().states; ++slot) {
      all.push_back(random_floats(steps.batch() * width(slot), 0.5, 3 + slot));
    }
    return all;
  }
  struct Vars {
    Var x, memory;
    std::vector<Var> initial;
  };
  Vars vars(Tape& tape, std::vector<std::vector<float>>& a) const {
    Vars v{
        tape.add(a[1].data(), steps.total(), kInput), tape.add(a[2].data(), memory_steps.total(), memory_width()), {}};
    for (std::size_t slot = 0; slot < cell().states; ++slot) {
      v.initial.push_back(tape.add(a[3 + slot].data(), steps.batch(), width(slot)));
    }
    return v;
  }
  AttentiveLayer::Result forward(Tape& tape, const Vars& v, const Noise& noise) {
    return layer.forward({tape, parameters, noise}, v.x, steps, v.memory, memory_steps, source_of, v.initial, coverage);
  }

  // The squared distance of the output, and perhaps of the weights, from the targets, with coverage's penalty.
  Computation distance(const Noise& noise) {
    return [this, noise](Tape& wanted, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& d) {
      std::ranges::copy(a[0], parameters.values().begin());
      std::ranges::fill(parameters.gradients(), 0.0F);
      tape_.rewind();  // it records, so that noise is drawn for differences too
      const Vars v = vars(tape_, a);
      const AttentiveLayer::Result result = forward(tape_, v, noise);
      double sum = squared_error(tape_, result.output, targets, 1);
      if (judges_weights) sum += squared_error(tape_, result.weights, weight_targets, 1);
      if (coverage.penalty > 0)
        sum += static_cast<double>(coverage.penalty) * looked_again.of(result.alignments, steps);
      if (!wanted.recording()) return sum;
      tape_.backward();
      std::ranges::copy(parameters.gradients(), d[0].begin());
      std::copy_n(tape_.gradient(v.x).data, d[1].size(), d[1].begin());
      std::copy_n(tape_.gradient(v.memory).data, d[2].size(), d[2].begin());
      for (std::size_t slot = 0; slot < v.initial.size(); ++slot) {
        std::copy_n(tape_.gradient(v.initial[slot]).data, d[3 + slot].size(), d[3 + slot].begin());
      }
      return sum;
    };
  }
};

// The equations, for one row of the batch at a time.
class AttentionDefinition {
 public:
  AttentionDefinition(const AttentiveNetwork& network, const std::vector<std::vector<float>>& arrays)
      : n_(network), arrays_(arrays) {
    const LayerShape shape = n_.layer.layer().shape(0, 0);
    tensors_ = zero_tensors(shape);
    for (std::size_t w = 0; w < shape.cell->weights.size(); ++w) {
      const std::string& name = shape.cell->weights[w].name;
      tensors_.weight[w] = tensor("weight_" + name + "_l0");
      if (shape.cell->weights[w].bias) tensors_.bias[w] = tensor("bias_" + name + "_l0");
    }
    if (!shape.layer_norm) return;
    tensors_.gain = tensor("weight_ln_l0");
    tensors_.shift = tensor("bias_ln_l0");
  }

  // The outputs of row r at all its steps, one after the other, and its weights.
  struct Outputs {
    Doubles output, weights;
  };
  Outputs run(std::size_t r) const {
    const AttentiveShape& s = n_.layer.shape();
    Outputs result;
    std::vector<Doubles> states;
    for (std::size_t slot = 0; slot < n_.cell().states; ++slot)
      states.push_back(row(arrays_[3 + slot], r, n_.width(slot)));
    Doubles fed(s.state), covered(n_.memory_steps.length_of(n_.source_of[r]));
    for (std::size_t t = 0; t < n_.steps.length_of(r); ++t) {
      Doubles weights, context;
      const auto look = [&] {
        weights = look_at(states[0], n_.source_of[r], covered);
        for (std::size_t j = 0; j < weights.size(); ++j) covered[j] += weights[j];
        context.assign(s.memory, 0);
        for (std::size_t j = 0; j < weights.size(); ++j) {
          for (std::size_t k = 0; k < s.memory; ++k) context[k] += weights[j] * memory(n_.source_of[r], j)[k];
        }
      };
      Doubles input = row(arrays_[1], n_.steps.offset(t) + r, AttentiveNetwork::kInput), output;
      if (s.kind == Attention::additive) {
        look();
        states = step(joined(input, context), states);
        output = joined(states[0], context);
      } else {
        states = step(joined(input, fed), states);
        look();
        fed = times(tensor("attention.combine.weight"), joined(context, states[0]));
        const Doubles bias = tensor("attention.combine.bias");
        for (std::size_t k = 0; k < fed.size(); ++k) fed[k] = std::tanh(fed[k] + bias[k]);
        output = fed;
      }
      result.output.insert(result.output.end(), output.begin(), output.end());
      result.weights.insert(result.weights.end(), weights.begin(), weights.end());
    }
    return result;
  }

 private:
  static Doubles row(const std::vector<float>& all, std::size_t r, std::size_t width) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(r * width);
    return {begin, begin + static_cast<std::ptrdiff_t>(width)};
  }
  static Doubles joined(Doubles a, const Doubles& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  static Doubles times(const Doubles& matrix, const Doubles& x) {
    Doubles y(matrix.size() / x.size());
    for (std::size_t i = 0; i < matrix.size(); ++i) y[i / x.size()] += matrix[i] * x[i % x.size()];
    return y;
  }
  static double dot(const Doubles& a, const Doubles& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  Doubles tensor(const std::string& name) const {
    for (const auto& d : n_.parameters.declarations()) {
      if (d.name != "decoder." + name) continue;
      const auto begin = arrays_[0].begin() + static_cast<std::ptrdiff_t>(d.offset);
      return {begin, begin + static_cast<std::ptrdiff_t>(d.size)};
    }
    ADD_FAILURE() << "no parameter " << name;
    return {};
  }
  Doubles memory(std::size_t source, std::size_t position) const {
    return row(arrays_[2], n_.memory_steps.offset(position) + source, n_.memory_width());
  }
  Doubles look_at(const Doubles& h, std::size_t source, const Doubles& covered) const {
    Doubles weights;
    for (std::size_t j = 0; j < n_.memory_steps.length_of(source); ++j) {
      const Doubles m = memory(source, j);
      double score = 0;
      if (n_.layer.shape().kind == Attention::additive) {
        Doubles q = times(tensor("attention.query.weight"), h);
        const Doubles key = times(tensor("attention.key.weight"), m);
        const Doubles weight = n_.layer.shape().coverage ? tensor("attention.coverage") : Doubles(q.size());
        for (std::size_t k = 0; k < q.size(); ++k) q[k] = std::tanh(q[k] + key[k] + weight[k] * covered[j]);
        score = dot(tensor("attention.v"), q);
      } else {
        score = dot(h, n_.layer.shape().kind == Attention::dot ? m : times(tensor("attention.general.weight"), m));
      }
      weights.push_back(std::exp(score));
    }
    double sum = 0;
    for (const double weight : weights) sum += weight;
    for (double& weight : weights) weight /= sum;
    return weights;
  }
  std::vector<Doubles> step(const Doubles& input, const std::vector<Doubles>& before) const {
    ReferenceInput reading;
    reading.dense = input;
    ReferenceTrace trace =
        reference_forward(n_.layer.layer().shape(0, 0), tensors_, Steps::rectangle(1, 1), reading, before);
    trace.values.resize(before.size());
    return trace.values;
  }

  const AttentiveNetwork& n_;
  const std::vector<std::vector<float>>& arrays_;
  ReferenceTensors tensors_;
};

}  // namespace recur
