#include "infer/unit_trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "support/language.h"

namespace recur::unit_trace_test {
namespace {

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// An LSTM on an embedding, all by hand; its gates may look at its memory.
class Lstm : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(UnitTrace, Lstm, testing::Values("lstm", "lstm-peephole"));

TEST_P(Lstm, HasTheGatesOfItsEquations) {
  constexpr std::size_t kHidden = 5, kWidth = 3, kVocabulary = 7;
  const auto network = test_network({{.cell = GetParam(), .layers = 1, .hidden = kHidden}, kWidth}, kVocabulary);
  const Corpus corpus = test_corpus(*network, 30);
  const UnitTrace trace = trace_units(*network, corpus, 25);

  std::map<std::string, const float*> tensors;
  for (std::size_t id = 0; id < network->parameters().declarations().size(); ++id) {
    tensors[network->parameters().declarations()[id].name] = network->parameters().value(id);
  }
  const auto expect = [&](std::size_t t, const std::string& name, UnitKind kind, std::size_t unit, double value) {
    const auto group = std::ranges::find(trace.groups, name, &UnitGroup::name);
    ASSERT_NE(group, trace.groups.end()) << name;
    EXPECT_EQ(group->kind, kind) << name;
    EXPECT_NEAR(trace.values[t * trace.channels + group->first + unit], value, 1e-5) << name << " at " << t;
  };
  std::vector<double> h(kHidden), c(kHidden);
  for (std::size_t t = 0; t < trace.tokens.size(); ++t) {
    const float* x = tensors.at("embedding.weight") + static_cast<std::size_t>(trace.tokens[t]) * kWidth;
    const std::vector<double> before = h;
    const auto sum = [&](std::size_t gate, std::size_t unit) {
      const std::size_t row = gate * kHidden + unit;
      double z = double{tensors.at("rnn.bias_ih_l0")[row]} + double{tensors.at("rnn.bias_hh_l0")[row]};
      for (std::size_t i = 0; i < kWidth; ++i)
        z += double{tensors.at("rnn.weight_ih_l0")[row * kWidth + i]} * double{x[i]};
      for (std::size_t i = 0; i < kHidden; ++i)
        z += double{tensors.at("rnn.weight_hh_l0")[row * kHidden + i]} * before[i];
      return z;
    };
    const auto peephole = [&](const char* name, std::size_t unit) {
      return tensors.contains(name) ? double{tensors.at(name)[unit]} * c[unit] : 0;
    };
    for (std::size_t u = 0; u < kHidden; ++u) {
      const double input = sigmoid_of(sum(0, u) + peephole("rnn.weight_ci_l0", u));
      const double forget = sigmoid_of(sum(1, u) + peephole("rnn.weight_cf_l0", u));
      const double candidate = std::tanh(sum(2, u));
      c[u] = forget * c[u] + input * candidate;
      const double output = sigmoid_of(sum(3, u) + peephole("rnn.weight_co_l0", u));
      h[u] = output * std::tanh(c[u]);
      expect(t, "input", UnitKind::gate, u, input);
      expect(t, "forget", UnitKind::gate, u, forget);
      expect(t, "candidate", UnitKind::activation, u, candidate);
      expect(t, "output", UnitKind::gate, u, output);
      expect(t, "c", UnitKind::state, u, c[u]);
      expect(t, "h", UnitKind::state, u, h[u]);
    }
  }
}

}  // namespace
}  // namespace recur::unit_trace_test
