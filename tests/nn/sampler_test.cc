#include "nn/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>

#include "base/philox.h"
#include "recur/types/error.h"
#include "support/error_of.h"

namespace recur::sampler_test {
namespace {

using Floats = std::vector<float>;
using Tokens = std::set<int>;

constexpr double kBelowOne = 1 - 0x1p-53;

// The share of each token over a fine grid of uniform numbers.
std::vector<double> shares(const SamplingOptions& options, const Floats& logits, int grid = 20'000) {
  Sampler sampler(options, logits.size());
  std::vector<double> result(logits.size());
  for (int i = 0; i < grid; ++i) result[static_cast<std::size_t>(sampler.pick(logits, (i + 0.5) / grid))] += 1.0 / grid;
  return result;
}

Tokens tokens(const SamplingOptions& options, const Floats& logits) {
  Tokens result;
  const std::vector<double> all = shares(options, logits, 2'000);
  for (std::size_t id = 0; id < all.size(); ++id) {
    if (all[id] > 0) result.insert(static_cast<int>(id));
  }
  return result;
}

Floats logits_of(const std::vector<double>& probabilities) {
  Floats logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)) + 3);
  return logits;
}

void expect_shares(const SamplingOptions& options, const Floats& logits, const std::vector<double>& expected) {
  const std::vector<double> actual = shares(options, logits);
  for (std::size_t id = 0; id < expected.size(); ++id) EXPECT_NEAR(actual[id], expected[id], 1e-4) << id;
}

TEST(Sampler, SharesAreTheProbabilities) {
  const Floats logits = logits_of({0.1, 0.35, 0.05, 0.5});
  expect_shares({}, logits, {0.1, 0.35, 0.05, 0.5});
  expect_shares({.top_k = 9}, logits, {0.1, 0.35, 0.05, 0.5});
  // p^2 and p^(1/2), scaled
  expect_shares({.temperature = 0.5F}, logits, {0.01 / 0.385, 0.1225 / 0.385, 0.0025 / 0.385, 0.25 / 0.385});
  const double roots = std::sqrt(0.1) + std::sqrt(0.35) + std::sqrt(0.05) + std::sqrt(0.5);
  expect_shares({.temperature = 2}, logits,
                {std::sqrt(0.1) / roots, std::sqrt(0.35) / roots, std::sqrt(0.05) / roots, std::sqrt(0.5) / roots});
}

TEST(Sampler, CutsScaleWhatTheyKeep) {
  const Floats logits = logits_of({0.1, 0.35, 0.05, 0.5});
  expect_shares({.top_k = 2}, logits, {0, 0.35 / 0.85, 0, 0.5 / 0.85});
  expect_shares({.top_p = 0.8F}, logits, {0, 0.35 / 0.85, 0, 0.5 / 0.85});
  expect_shares({.top_p = 0.9F}, logits, {0.1 / 0.95, 0.35 / 0.95, 0, 0.5 / 0.95});
  // Of the two that top_k keeps, the first has 0.588: top_p looks at the scaled probabilities.
  expect_shares({.top_k = 2, .top_p = 0.55F}, logits, {0, 0, 0, 1});
  // Temperature comes before top_p: with 0.385 in all, the first has 0.649.
  expect_shares({.temperature = 0.5F, .top_p = 0.64F}, logits, {0, 0, 0, 1});
}

TEST(Sampler, MinPKeepsWhatIsProbableBesideTheMostLikely) {
  const Floats logits = logits_of({0.1, 0.35, 0.05, 0.5});
  expect_shares({.min_p = 0.15F}, logits, {0.1 / 0.95, 0.35 / 0.95, 0, 0.5 / 0.95});  // from 0.075 on
  expect_shares({.min_p = 0.6F}, logits, {0, 0.35 / 0.85, 0, 0.5 / 0.85});
  EXPECT_EQ(tokens({.min_p = 1}, logits), Tokens{3});
  EXPECT_EQ(tokens({.min_p = 1}, {1, 1, 0}), (Tokens{0, 1}));
  // After the temperature: of 0.01, 0.1225, 0.0025 and 0.25.
  EXPECT_EQ(tokens({.temperature = 0.5F, .min_p = 0.15F}, logits), (Tokens{1, 3}));
  // top_p looks at what there was before.
  EXPECT_EQ(tokens({.top_p = 0.9F, .min_p = 0.15F}, logits), (Tokens{0, 1, 3}));
  EXPECT_EQ(tokens({.top_p = 0.8F, .min_p = 0.15F}, logits), (Tokens{1, 3}));
}

TEST(Sampler, GreedyTakesTheLargestAndTheLowestIdOfEqualOnes) {
  const Floats logits = {-1, 7, 3, 7, -9};
  EXPECT_EQ(tokens({.temperature = 0}, logits), Tokens{1});
  EXPECT_EQ(tokens({.temperature = 1e-30F}, {-1, 2, 7}), Tokens{2});
  EXPECT_EQ(tokens({.temperature = 1e-30F}, logits), (Tokens{1, 3}));
  EXPECT_EQ(tokens({.top_k = 1}, logits), Tokens{1});
  EXPECT_EQ(tokens({.top_p = 1e-6F}, logits), Tokens{1});
}

TEST(Sampler, TiesGoToTheLowerIds) {
  const Floats logits(8, 0.25F);
  for (int k = 1; k <= 8; ++k) {
    Tokens first;
    for (int id = 0; id < k; ++id) first.insert(id);
    EXPECT_EQ(tokens({.top_k = k}, logits), first);
    EXPECT_EQ(tokens({.top_p = static_cast<float>(k) / 8}, logits), first);  // exactly k eighths: k tokens suffice
  }
  EXPECT_EQ(tokens({.top_k = 2}, {-1, 0.0F, -0.0F, 0.0F}), (Tokens{1, 2}));
  EXPECT_EQ(tokens({.top_p = 0.501F}, logits), (Tokens{0, 1, 2, 3, 4}));
}

TEST(Sampler, TheExtremesOfTheUniformNumber) {
  const Floats logits = logits_of({0.25, 0.5, 0.25});
  Sampler sampler({}, logits.size());
  EXPECT_EQ(sampler.pick(logits, 0), 0);
  EXPECT_EQ(sampler.pick(logits, kBelowOne), 2);
  // Tokens without any probability are never picked, wherever they stand.
  const Floats one = {-3e38F, 3e38F, -3e38F};
  EXPECT_EQ(sampler.pick(one, 0), 1);
  EXPECT_EQ(sampler.pick(one, kBelowOne), 1);
  const Floats nearly = {0, std::log(1e-9F), -2000};
  EXPECT_EQ(sampler.pick(nearly, kBelowOne), 1);
  Sampler single({.top_k = 1, .top_p = 0.1F}, 1);
  EXPECT_EQ(single.pick(Floats{-5}, kBelowOne), 0);
}

// Against sorting everything, on a vocabulary with many equal logits.
TEST(Sampler, KeepsWhatSortingWouldKeep) {
  constexpr std::size_t kSize = 700;
  const Random random(7, RandomPurpose::test);
  Floats logits(kSize);
  for (std::size_t id = 0; id < kSize; ++id) logits[id] = std::round(random.normal(id) * 40) / 16;
  std::vector<int> order(kSize);
  std::iota(order.begin(), order.end(), 0);
  const auto logit = [&](int id) { return logits[static_cast<std::size_t>(id)]; };
  std::ranges::stable_sort(order, [&](int a, int b) { return logit(a) > logit(b); });
  for (const int top_k : {0, 1, 2, 100, 377, 699, 700}) {
    for (const float top_p : {1e-4F, 0.3F, 0.9F, 0.9999F, 1.0F}) {
      std::vector<int> kept(order.begin(), top_k == 0 ? order.end() : order.begin() + top_k);
      double total = 0, sum = 0;
      for (const int id : kept) total += std::exp(double{logit(id)});
      std::size_t count = 0;
      while (count < kept.size() && sum < total * double{top_p}) sum += std::exp(double{logit(kept[count++])});
      if (top_p < 1) kept.resize(count);
      std::ranges::sort(kept);
      const double kept_total = std::accumulate(kept.begin(), kept.end(), 0.0,
                                                [&](double s, int id) { return s + std::exp(double{logit(id)}); });
      Sampler sampler({.top_k = top_k, .top_p = top_p}, kSize);
      double before = 0;
      for (const int id : kept) {  // the middle of each token's interval
        const double p = std::exp(double{logit(id)}) / kept_total;
        ASSERT_EQ(sampler.pick(logits, before + p / 2), id) << "top_k " << top_k << " top_p " << top_p;
        before += p;
      }
    }
  }
}

TEST(Sampler, SamePickWhateverWasPickedBefore) {
  const Floats first = {1, 2, 3, 4, 5, 4, 3, 2}, second = {9, 8, 7, 6, 5, 4, 3, 2};
  const SamplingOptions options{.temperature = 1.5F, .top_k = 6, .top_p = 0.9F};
  Sampler used(options, first.size());
  for (int i = 0; i < 100; ++i) {
    const double uniform = i / 100.0;
    used.pick(second, uniform);
    EXPECT_EQ(used.pick(first, uniform), Sampler(options, first.size()).pick(first, uniform));
  }
}

TEST(Sampler, RefusesLogitsThatAreNotNumbers) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const float temperature : {0.0F, 1.0F}) {
      Sampler sampler({.temperature = temperature}, 3);
      EXPECT_THROW(sampler.pick(Floats{0, 0, bad}, 0.5), Error);
      EXPECT_EQ(sampler.pick(Floats{0, 9, 0}, 0.5), 1);
    }
  }
}

TEST(Sampler, ErrorsNameTheFlag) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto error_of = [](const SamplingOptions& options) -> std::string {
    try {
      const Sampler sampler(options, 3);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  for (const float bad : {-0.5F, nan, std::numeric_limits<float>::infinity()}) {
    EXPECT_TRUE(error_of({.temperature = bad}).starts_with("--temperature: expected")) << bad;
  }
  for (const float bad : {0.0F, -1.0F, 1.5F, nan}) {
    EXPECT_TRUE(error_of({.top_p = bad}).starts_with("--top-p: expected")) << bad;
  }
  for (const float bad : {-0.1F, 1.5F, nan}) {
    EXPECT_TRUE(error_of({.min_p = bad}).starts_with("--min-p: expected")) << bad;
  }
  EXPECT_EQ(error_of({.top_k = -2}), "--top-k: expected 0 (all tokens) or a positive number, got -2");
}

}  // namespace
}  // namespace recur::sampler_test
