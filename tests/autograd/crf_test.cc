#include "autograd/crf.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/gradient_check.h"

namespace recur {
namespace {

std::vector<int> random_tags(std::size_t count, std::size_t tags, std::uint64_t seed) {
  const Random random(seed, RandomPurpose::test);
  std::vector<int> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<int>(random.word(i) % tags);
  return result;
}

// Arrays: emissions, transitions, starts, ends.
struct Problem {
  Steps steps;
  std::size_t tags;
  std::vector<int> targets;
  float scale;

  double operator()(Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& gradients) const {
    const Var emissions = tape.add(a[0].data(), steps.total(), tags);
    const double loss = crf_loss(tape, emissions, {a[1].data(), gradients[1].data(), tags, tags},
                                 {a[2].data(), gradients[2].data(), 1, tags},
                                 {a[3].data(), gradients[3].data(), 1, tags}, targets, steps, scale);
    if (!tape.recording()) return loss;
    tape.backward();
    std::copy_n(tape.gradient(emissions).data, gradients[0].size(), gradients[0].begin());
    return loss;
  }

  std::vector<std::vector<float>> arrays(double range) const {
    return {random_floats(steps.total() * tags, range, 1), random_floats(tags * tags, range, 2),
            random_floats(tags, range, 3), random_floats(tags, range, 4)};
  }
  std::vector<int> decode(std::vector<std::vector<float>>& a) const {
    std::vector<int> best(steps.total());
    crf_decode({a[0].data(), steps.total(), tags, tags}, {a[1].data(), nullptr, tags, tags},
               {a[2].data(), nullptr, 1, tags}, {a[3].data(), nullptr, 1, tags}, steps, best);
    return best;
  }
};

Problem problem(const std::vector<std::size_t>& lengths, std::size_t tags, float scale = 1) {
  const Steps steps = Steps::from_lengths(lengths);
  return {steps, tags, random_tags(steps.total(), tags, 5), scale};
}

// The score of the tags of one sequence, which every tag of `path` gives.
double score_of(const Problem& p, const std::vector<std::vector<float>>& a, std::size_t row,
                const std::vector<int>& path) {
  double score = 0;
  for (std::size_t t = 0; t < path.size(); ++t) {
    const auto tag = static_cast<std::size_t>(path[t]);
    score += static_cast<double>(a[0][(p.steps.offset(t) + row) * p.tags + tag]);
    score += static_cast<double>(t == 0 ? a[2][tag] : a[1][static_cast<std::size_t>(path[t - 1]) * p.tags + tag]);
  }
  return score + static_cast<double>(a[3][static_cast<std::size_t>(path.back())]);
}

// Calls visit(path) for all sequences of tags, in the order of numbers whose lowest digit is the first tag.
template <class Visit>
void for_paths(std::size_t length, std::size_t tags, const Visit& visit) {
  std::vector<int> path(length, 0);
  for (std::size_t t = 0; t < length;) {
    visit(path);
    for (t = 0; t < length && ++path[t] == static_cast<int>(tags); ++t) path[t] = 0;
  }
}

std::vector<int> of_row(const Problem& p, const std::vector<int>& by_step, std::size_t row) {
  std::vector<int> result;
  for (std::size_t t = 0; t < p.steps.length_of(row); ++t) result.push_back(by_step[p.steps.offset(t) + row]);
  return result;
}

TEST(Crf, LossAndBestTagsAgreeWithAllPaths) {
  for (const double range : {1.0, 100.0, 3000.0}) {
    for (const std::size_t tags : {1U, 2U, 4U}) {
      const Problem p = problem({5, 4, 4, 2, 1}, tags);
      std::vector<std::vector<float>> a = p.arrays(range);
      const std::vector<int> best = p.decode(a);
      double expected = 0;
      for (std::size_t row = 0; row < p.steps.batch(); ++row) {
        std::vector<double> scores;
        std::vector<int> highest;
        for_paths(p.steps.length_of(row), tags, [&](const std::vector<int>& path) {
          const double score = score_of(p, a, row, path);
          if (scores.empty() || score > *std::max_element(scores.begin(), scores.end())) highest = path;
          scores.push_back(score);
        });
        const double most = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (const double score : scores) sum += std::exp(score - most);
        expected += most + std::log(sum) - score_of(p, a, row, of_row(p, p.targets, row));
        EXPECT_EQ(of_row(p, best, row), highest) << "sequence " << row << ", scores within " << range;
      }
      EXPECT_NEAR(compute(p, a).number, expected, 1e-12 * (1 + range + expected)) << tags << " tags within " << range;
      EXPECT_EQ(compute(p, a, false).number, compute(p, a).number);
    }
  }
}

TEST(Crf, GradientsAgreeWithDifferences) {
  for (const std::size_t tags : {1U, 2U, 5U}) {
    const Problem p = problem({6, 3, 3, 1}, tags, 0.5F);
    expect_gradients(p, p.arrays(2), 1e-5, 0.5);
  }
  // So far apart that exponentials relative to the largest underflow: sums are computed anew.
  const Problem p = problem({6, 3, 3, 1}, 3);
  for (const double range : {100.0, 2000.0}) expect_gradients(p, p.arrays(range), 1e-4, 1, 1);
}

// From 0 to 0 and from 1 to 1 a transition adds 3000 and 2000, so that only what comes after decides between them.
TEST(Crf, LogsAreExactWhereExponentialsUnderflow) {
  const Problem p{Steps::rectangle(1, 3), 2, {1, 1, 1}, 1};
  std::vector<std::vector<float>> a = {{0, 0, 0, 0, 0, 0}, {3000, -5000, -5000, 2000}, {0, 2000}, {0, 0}};
  const Computed computed = compute(p, a);  // 6000 for either path
  EXPECT_NEAR(computed.number, std::log(2.0), 1e-9);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(computed.gradients[0][i], i % 2 == 0 ? 0.5 : -0.5, 1e-6) << i;
  EXPECT_NEAR(computed.gradients[1][0], 1, 1e-6);
  EXPECT_NEAR(computed.gradients[1][3], -1, 1e-6);
}

// Two tags with the same scores: every step is a coin, whatever is added to all scores.
TEST(Crf, TenThousandStepsOfLargeScoresStayExact) {
  for (const float score : {-100.0F, 0.0F, 100.0F}) {
    const Problem p{Steps::rectangle(1, 10'000), 2, std::vector<int>(10'000, 1), 1};
    std::vector<std::vector<float>> a = {
        std::vector<float>(20'000, score), std::vector<float>(4, score), {0, 0}, {0, 0}};
    const Computed computed = compute(p, a);
    EXPECT_NEAR(computed.number, 10'000 * std::log(2.0), 1e-6);
    for (std::size_t t = 0; t < 10'000; ++t) ASSERT_NEAR(computed.gradients[0][2 * t], 0.5, 1e-7) << t;
    EXPECT_NEAR(computed.gradients[1][0], 9999 / 4.0, 1e-3);
    EXPECT_NEAR(computed.gradients[1][3], 9999 / 4.0 - 9999, 1e-3);
  }
}

TEST(Crf, TheLowerTagWinsTies) {
  const Problem p{Steps::rectangle(2, 4), 3, std::vector<int>(8, 0), 1};
  std::vector<std::vector<float>> a = {std::vector<float>(24, 0), std::vector<float>(9, 0), {0, 0, 0}, {-1, 0, 0}};
  EXPECT_EQ(p.decode(a), (std::vector<int>{0, 0, 0, 0, 0, 0, 1, 1}));
}

TEST(Crf, TheNumberOfThreadsChangesNoBit) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < 45; ++i) lengths.push_back(1 + (60 - i) / 2);
  const Problem p = problem(lengths, 7, 0.125F);
  expect_same_on_any_threads(p, p.arrays(3));
}

}  // namespace
}  // namespace recur
