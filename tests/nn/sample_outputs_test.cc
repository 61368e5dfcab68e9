// Outputs that are drawn, and how probable given ones are, on tables of probabilities.
#include "nn/sample_outputs.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "nn/force_outputs.h"
#include "nn/joint_decoder.h"
#include "support/table_decoder.h"

namespace recur::sample_outputs_test {
namespace {

std::vector<Noise> noise_of(std::size_t sources) {
  std::vector<Noise> noise;
  for (std::size_t source = 0; source < sources; ++source) noise.push_back(Noise(7, source).child("sample"));
  return noise;
}

std::vector<std::vector<Hypothesis>> sample(const std::vector<std::size_t>& most, BeamOptions options,
                                            const SamplingOptions& sampling = {}) {
  options.begin = kBegin;
  options.end = kEnd;
  TableDecoder decoder(random_table, most.size());
  return sample_outputs(decoder, most, options, sampling, noise_of(most.size()));
}

// log p of an output, its end among it if it has one.
double log_probability(std::size_t source, const Hypothesis& h) {
  double sum = 0;
  Tokens beginning;
  Tokens all = h.tokens;
  if (h.ended) all.push_back(kEnd);
  for (const int token : all) {
    sum += static_cast<double>(random_table(source, beginning)[static_cast<std::size_t>(token)]);
    beginning.push_back(token);
  }
  return sum;
}

TEST(SampleOutputs, ComeAsOftenAsTheyAreProbable) {
  constexpr std::size_t kDraws = 20'000;
  const auto outputs = sample({2, 2}, {.n_best = kDraws});
  for (std::size_t source = 0; source < 2; ++source) {
    std::map<Tokens, double> share;
    std::map<Tokens, double> expected;
    for (const Hypothesis& h : outputs[source]) {
      Tokens all = h.tokens;
      if (h.ended) all.push_back(kEnd);
      share[all] += 1.0 / kDraws;
      EXPECT_NEAR(h.log_probability, log_probability(source, h), 1e-12);
      EXPECT_EQ(h.score, h.log_probability / static_cast<double>(all.size()));
      // What outputs begin after is never drawn: what is left of each step is scaled to 1.
      double log_p = h.log_probability;
      for (std::size_t t = 0; t < all.size(); ++t) {
        log_p -= std::log1p(-std::exp(static_cast<double>(
            random_table(source, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(t)})[kBegin])));
      }
      expected[all] = std::exp(log_p);
    }
    // Five deviations of a share.
    for (const auto& [tokens, p] : expected) {
      EXPECT_NEAR(share[tokens], p, 5 * std::sqrt(p * (1 - p) / kDraws) + 1e-9);
    }
  }
}

TEST(SampleOutputs, FollowFromTheirSourcesNoiseAlone) {
  const auto together = sample({5, 3, 6}, {.n_best = 20});
  for (std::size_t source = 0; source < 3; ++source) {
    const std::size_t most = std::vector<std::size_t>{5, 3, 6}[source];
    TableDecoder decoder([source](std::size_t, const Tokens& t) { return random_table(source, t); }, 1);
    const std::vector<Noise> noise = {noise_of(3)[source]};
    const auto alone =
        sample_outputs(decoder, std::span(&most, 1), {.n_best = 2, .begin = kBegin, .end = kEnd}, {}, noise)[0];
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(alone[i].tokens, together[source][i].tokens);
  }
  const Hypothesis& first = together[0][0];
  EXPECT_TRUE(std::ranges::any_of(together[0], [&](const Hypothesis& h) { return h.tokens != first.tokens; }));
}

TEST(SampleOutputs, AreWhatTheLimitsLetCome) {
  BeamOptions options{.n_best = 200};
  options.min_output = 2;
  options.no_repeat = 1;
  const auto limited = sample({6}, options);
  for (const Hypothesis& h : limited[0]) {
    EXPECT_GE(h.tokens.size(), 2U);
    EXPECT_LE(h.tokens.size(), 3U);  // there are only three others than begin and end
    EXPECT_EQ(std::ranges::count(h.tokens, kBegin), 0);
  }
  // The most probable token each time.
  const auto greedy = sample({6, 6}, {.n_best = 2}, {.temperature = 0});
  for (std::size_t source = 0; source < 2; ++source) {
    EXPECT_EQ(greedy[source][0].tokens, greedy[source][1].tokens);
    std::vector<float> first = random_table(source, {});
    first[kBegin] = -100;
    const auto best = static_cast<int>(std::ranges::max_element(first) - first.begin());
    EXPECT_EQ(greedy[source][0].tokens.empty() ? kEnd : greedy[source][0].tokens.front(), best);
  }
}

TEST(ForceOutputs, SumUpWhatEachTokenIsWorth) {
  const std::vector<Tokens> outputs = {{3, 4, kEnd}, {kEnd}, {0, 0, 3, 4}};
  TableDecoder decoder(random_table, outputs.size());
  const auto scores = force_outputs(decoder, outputs, kBegin);
  for (std::size_t source = 0; source < outputs.size(); ++source) {
    ASSERT_EQ(scores[source].size(), outputs[source].size());
    Tokens beginning;
    for (std::size_t t = 0; t < outputs[source].size(); ++t) {
      const int token = outputs[source][t];
      EXPECT_EQ(scores[source][t],
                static_cast<double>(random_table(source, beginning)[static_cast<std::size_t>(token)]));
      beginning.push_back(token);
    }
  }
}

std::vector<float> other_table(std::size_t source, const Tokens& beginning) {
  return random_table(source + 10, beginning);
}

TEST(JointDecoder, GivesEachTokenTheMeanOfItsProbabilities) {
  std::vector<std::unique_ptr<BeamDecoder>> members;
  members.push_back(std::make_unique<TableDecoder>(random_table, 2));
  members.push_back(std::make_unique<TableDecoder>(other_table, 2));
  members.push_back(std::make_unique<TableDecoder>(other_table, 2, true));
  JointDecoder joint(std::move(members));
  const std::vector<Tokens> outputs = {{3, 4, kEnd}, {0, kEnd}};
  const auto scores = force_outputs(joint, outputs, kBegin);
  for (std::size_t source = 0; source < 2; ++source) {
    Tokens beginning;
    for (std::size_t t = 0; t < outputs[source].size(); ++t) {
      const auto token = static_cast<std::size_t>(outputs[source][t]);
      const double a = std::exp(static_cast<double>(random_table(source, beginning)[token])),
                   b = std::exp(static_cast<double>(other_table(source, beginning)[token]));
      EXPECT_NEAR(std::exp(scores[source][t]), (a + 2 * b) / 3, 1e-7);
      beginning.push_back(outputs[source][t]);
    }
  }
}

// To the bit, and with what it looks at.
TEST(JointDecoder, OfTheSameIsTheSame) {
  std::vector<std::unique_ptr<BeamDecoder>> members;
  for (int i = 0; i < 2; ++i) members.push_back(std::make_unique<TableDecoder>(random_table, 1, true));
  JointDecoder joint(std::move(members));
  TableDecoder alone(random_table, 1, true);
  const std::vector<int> tokens = {kBegin};
  const std::vector<std::size_t> from = {0};
  const BeamDecoder::Step together = joint.step(tokens, from), one = alone.step(tokens, from);
  EXPECT_TRUE(std::ranges::equal(together.of(0), one.of(0)));
  EXPECT_TRUE(std::ranges::equal(together.attention[0], one.attention[0]));
}

}  // namespace
}  // namespace recur::sample_outputs_test
