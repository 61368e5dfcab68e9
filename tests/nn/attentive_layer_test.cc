// A layer with attention against its equations, written down in double, and its gradients against differences.
#include "nn/attentive_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "nn/attentive_stream.h"
#include "recur/types/error.h"
#include "support/attentive_case.h"
#include "support/settings.h"

namespace recur::attentive_layer_test {
namespace {

std::vector<AttentiveCase> cases() {
  std::vector<AttentiveCase> all;
  for (const Attention kind : {Attention::additive, Attention::dot, Attention::general}) {
    for (const char* cell : {"gru", "lstm", "elman"}) all.push_back({kind, {.cell = cell, .hidden = 9}});
    all.push_back({kind, {.cell = "lstm-projection", .hidden = 9, .projection = 5, .layer_norm = true}});
  }
  all.push_back({Attention::additive, {.cell = "gru", .hidden = 9}, true});
  all.push_back({Attention::additive, {.cell = "lstm", .hidden = 9}, true});
  return all;
}

class AttentiveLayers : public testing::TestWithParam<AttentiveCase> {};
INSTANTIATE_TEST_SUITE_P(Kinds, AttentiveLayers, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = std::string(to_string(test.param.kind)) + "_" + test.param.options.cell;
  std::ranges::replace(name, '-', '_');
  if (test.param.coverage) name += "_coverage";
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

// A loss that looks at the weights, too, as a decoder's that copies.
TEST_P(AttentiveLayers, GradientsOfTheWeightsAgreeWithDifferences) {
  const WithThreads one(1);
  AttentiveNetwork network(GetParam());
  network.judges_weights = true;
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
  std::vector<std::vector<float>> covered;
  for (std::size_t r = 0; r < network.steps.batch(); ++r) {
    covered.emplace_back(network.memory_steps.length_of(network.source_of[r]));
  }
  for (std::size_t t = 0; t < network.steps.length(); ++t) {
    const std::size_t n = network.steps.rows(t), first = network.steps.offset(t);
    const std::span<const std::size_t> source_of(network.source_of.data(), n);
    std::vector<float*> so_far;
    for (std::size_t r = 0; r < n && GetParam().coverage; ++r) so_far.push_back(covered[r].data());
    const AttentiveStream::Step step =
        stream.advance(n, arrays[1].data() + first * AttentiveNetwork::kInput, source_of, states, fed.data(), so_far);
    EXPECT_TRUE(std::equal(step.output, step.output + n * output.columns, output.data + first * output.columns)) << t;
    for (std::size_t r = 0; r < n; ++r) {
      EXPECT_TRUE(std::ranges::equal(step.alignments.of(r), whole.alignments.of(first + r))) << t << ", " << r;
    }
  }
}

TEST(AttentiveCoverage, GradientsOfItsPenaltyAgreeWithDifferences) {
  const WithThreads one(1);
  for (const float penalty : {0.5F, 3.0F}) {
    AttentiveNetwork network({Attention::additive, {.cell = "gru", .hidden = 9}, true});
    network.coverage.penalty = penalty;
    network.judges_weights = true;
    expect_gradients(network.distance(Noise::silent()), network.arrays(), 2e-3);
    expect_same_on_any_threads(network.distance(Noise::silent()), network.arrays());
  }
}

TEST(AttentiveCoverage, ThatIsNotKnownIsAsIfNothingHadBeenLookedAt) {
  AttentiveNetwork network({Attention::additive, {.cell = "gru", .hidden = 9}, true});
  const auto output = [&] {
    std::vector<std::vector<float>> arrays = network.arrays();
    Tape tape(false);
    const Matrix y = tape.value(network.forward(tape, network.vars(tape, arrays), Noise::silent()).output);
    return std::vector<float>(y.data, y.data + y.rows * y.columns);
  };
  const std::vector<float> known = output();
  network.coverage.known = false;
  const std::vector<float> unknown = output();
  EXPECT_NE(known, unknown);
  const Computed computed = [&] {
    std::vector<std::vector<float>> arrays = network.arrays();
    return compute(network.distance(Noise::silent()), arrays);
  }();
  for (const auto& d : network.parameters.declarations()) {
    if (d.name != "decoder.attention.coverage") continue;
    for (std::size_t i = 0; i < d.size; ++i) EXPECT_EQ(computed.gradients[0][d.offset + i], 0.0F);
  }
  // As training begins: a weight of zero makes no difference.
  std::ranges::fill(network.parameter("attention.coverage"), 0.0F);
  network.coverage.known = true;
  EXPECT_EQ(output(), unknown);
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
  EXPECT_TRUE(refusal({Attention::general, 8, true}, {.cell = "gru"}).starts_with("--coverage needs"));
  EXPECT_EQ(refusal(general, {.cell = "gru", .layers = 3, .connection = Connection::residual, .dropout = 0.5F}),
            "accepted");
}

}  // namespace
}  // namespace recur::attentive_layer_test
