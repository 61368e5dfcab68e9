// A layer with attention against its equations, written down in double, and its gradients against differences.
#include "nn/attentive_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "nn/attentive_stream.h"
#include "recur/error.h"
#include "support/attentive_case.h"
#include "support/settings.h"

namespace recur {
namespace {

std::vector<AttentiveCase> cases() {
  std::vector<AttentiveCase> all;
  for (const Attention kind : {Attention::additive, Attention::dot, Attention::general}) {
    for (const char* cell : {"gru", "lstm", "elman"}) all.push_back({kind, {.cell = cell, .hidden = 9}});
    all.push_back({kind, {.cell = "lstm-projection", .hidden = 9, .projection = 5, .layer_norm = true}});
  }
  return all;
}

class AttentiveLayers : public testing::TestWithParam<AttentiveCase> {};
INSTANTIATE_TEST_SUITE_P(Kinds, AttentiveLayers, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = std::string(to_string(test.param.kind)) + "_" + test.param.options.cell;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST_P(AttentiveLayers, OutputsAndWeightsFollowTheirDefinition) {
  AttentiveNetwork network(GetParam());
  std::vector<std::vector<float>> arrays = network.arrays();
  Tape tape(false);
  const AttentiveLayer::Result result = network.forward(tape, network.vars(tape, arrays), Noise::silent());
  const Matrix output = tape.value(result.output);
  const AttentionDefinition definition(network, arrays);
  for (std::size_t r = 0; r < network.steps.batch(); ++r) {
    const AttentionDefinition::Outputs expected = definition.run(r);
    auto next = expected.output.begin(), next_weight = expected.weights.begin();
    for (std::size_t t = 0; t < network.steps.length_of(r); ++t) {
      const std::size_t row = network.steps.offset(t) + r;
      for (std::size_t k = 0; k < output.columns; ++k) {
        EXPECT_NEAR(static_cast<double>(output.data[row * output.stride + k]), *next++, 2e-6) << r << ", " << t;
      }
      for (const float weight : result.alignments.of(row)) {
        EXPECT_NEAR(static_cast<double>(weight), *next_weight++, 2e-6) << r << ", " << t;
      }
    }
    EXPECT_EQ(next, expected.output.end());
    EXPECT_EQ(next_weight, expected.weights.end());
  }
}

TEST_P(AttentiveLayers, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  AttentiveNetwork network(GetParam());
  expect_gradients(network.distance(Noise::silent()), network.arrays(), 2e-3);
}

TEST_P(AttentiveLayers, TheNumberOfThreadsChangesNoBit) {
  AttentiveNetwork network(GetParam());
  expect_same_on_any_threads(network.distance(Noise::silent()), network.arrays());
}

// So large that threads share the units of every step.
TEST(LargeAttentiveLayers, TheNumberOfThreadsChangesNoBit) {
  for (const Attention kind : {Attention::additive, Attention::general}) {
    AttentiveNetwork network({kind, {.cell = "lstm", .hidden = 640}});
    expect_same_on_any_threads(network.distance(Noise::silent()), network.arrays());
  }
}

TEST_P(AttentiveLayers, StreamingGivesTheBitsOfAllStepsAtOnce) {
  AttentiveNetwork network(GetParam());
  std::vector<std::vector<float>> arrays = network.arrays();
  Tape tape(false);
  const AttentiveNetwork::Vars v = network.vars(tape, arrays);
  const AttentiveLayer::Result whole = network.forward(tape, v, Noise::silent());
  const Matrix output = tape.value(whole.output);
  AttentiveStream stream(network.layer, network.parameters);
  stream.look_at(arrays[2].data(), network.memory_steps);
  std::vector<float*> states;
  for (std::size_t slot = 0; slot < network.cell().states; ++slot) states.push_back(arrays[3 + slot].data());
  std::vector<float> fed(network.steps.batch() * network.layer.shape().state);
  for (std::size_t t = 0; t < network.steps.length(); ++t) {
    const std::size_t n = network.steps.rows(t), first = network.steps.offset(t);
    const std::span<const std::size_t> source_of(network.source_of.data(), n);
    const AttentiveStream::Step step =
        stream.advance(n, arrays[1].data() + first * AttentiveNetwork::kInput, source_of, states, fed.data());
    EXPECT_TRUE(std::equal(step.output, step.output + n * output.columns, output.data + first * output.columns)) << t;
    for (std::size_t r = 0; r < n; ++r) {
      EXPECT_TRUE(std::ranges::equal(step.alignments.of(r), whole.alignments.of(first + r))) << t << ", " << r;
    }
  }
}

// What training draws for the cell's states and weights.
TEST(AttentiveLayerNoise, GradientsAgreeWithDifferences) {
  RecurrentOptions options{.cell = "lstm", .hidden = 9};
  options.state_clip = 1;
  options.state_dropout = options.weight_drop = options.zoneout = options.zoneout_cell = 0.25F;
  const WithThreads one(1);
  for (const Attention kind : {Attention::additive, Attention::general}) {
    AttentiveNetwork network({kind, options});
    expect_gradients(network.distance({5, 2}), network.arrays(), 2e-3);
  }
}

TEST(AttentiveLayerRefused, NameTheirFlag) {
  const auto refusal = [](const AttentionOptions& attention, const RecurrentOptions& options) -> std::string {
    Parameters parameters;
    try {
      AttentiveLayer layer(attention, options, 3, 7, parameters, "");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const AttentionOptions general{Attention::general};
  EXPECT_TRUE(refusal(general, {.cell = "gru", .window = 2}).starts_with("--window"));
  EXPECT_TRUE(refusal(general, {.cell = "gru", .learned_state = true}).starts_with("--learned-state"));
  EXPECT_TRUE(refusal({Attention::dot}, {.cell = "gru", .hidden = 8}).starts_with("--attention dot"));
  EXPECT_TRUE(refusal({Attention::additive, 0}, {.cell = "gru"}).starts_with("--attention-size"));
  EXPECT_EQ(refusal(general, {.cell = "gru", .layers = 3, .connection = Connection::residual, .dropout = 0.5F}),
            "accepted");
}

}  // namespace
}  // namespace recur
