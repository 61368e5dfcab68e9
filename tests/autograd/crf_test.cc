#include "autograd/crf.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/gradient_check.h"

namespace recur::crf_test {
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
  std::vector<float> marginals(const std::vector<std::vector<float>>& a, const std::vector<int>& of) const {
    std::vector<float> probabilities(steps.total());
    crf_marginals({a[0].data(), steps.total(), tags, tags}, {a[1].data(), nullptr, tags, tags},
                  {a[2].data(), nullptr, 1, tags}, {a[3].data(), nullptr, 1, tags}, steps, of, probabilities);
    return probabilities;
  }
  std::vector<std::vector<TagPath>> best(const std::vector<std::vector<float>>& a, std::size_t n) const {
    return crf_best({a[0].data(), steps.total(), tags, tags}, {a[1].data(), nullptr, tags, tags},
                    {a[2].data(), nullptr, 1, tags}, {a[3].data(), nullptr, 1, tags}, steps, n);
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

// Of each sequence all paths, the best first, with their log probabilities.
std::vector<std::pair<double, std::vector<int>>> all_paths(const Problem& p, const std::vector<std::vector<float>>& a,
                                                           std::size_t row) {
  std::vector<std::pair<double, std::vector<int>>> paths;
  for_paths(p.steps.length_of(row), p.tags,
            [&](const std::vector<int>& path) { paths.emplace_back(score_of(p, a, row, path), path); });
  std::ranges::stable_sort(paths, std::greater<>(), &std::pair<double, std::vector<int>>::first);
  double sum = 0;
  for (const auto& [score, path] : paths) sum += std::exp(score - paths.front().first);
  const double most = paths.front().first;
  for (auto& [score, path] : paths) score -= most + std::log(sum);
  return paths;
}

TEST(Crf, MarginalsAgreeWithAllPaths) {
  for (const double range : {1.0, 100.0, 3000.0}) {
    const Problem p = problem({5, 4, 4, 2, 1}, 4);
    const std::vector<std::vector<float>> a = p.arrays(range);
    const std::vector<float> marginals = p.marginals(a, p.targets);
    for (std::size_t row = 0; row < p.steps.batch(); ++row) {
      for (std::size_t t = 0; t < p.steps.length_of(row); ++t) {
        double expected = 0;
        for (const auto& [log_probability, path] : all_paths(p, a, row)) {
          if (path[t] == of_row(p, p.targets, row)[t]) expected += std::exp(log_probability);
        }
        EXPECT_NEAR(marginals[p.steps.offset(t) + row], expected, 1e-7) << "within " << range;
      }
    }
  }
}

TEST(Crf, TheBestPathsAreTheFirstOfAll) {
  for (const double range : {1.0, 100.0}) {
    const Problem p = problem({5, 4, 4, 2, 1}, 4);
    std::vector<std::vector<float>> a = p.arrays(range);
    const std::vector<std::vector<TagPath>> best = p.best(a, 20);
    for (std::size_t row = 0; row < p.steps.batch(); ++row) {
      const auto all = all_paths(p, a, row);
      ASSERT_EQ(best[row].size(), std::min<std::size_t>(20, all.size()));
      EXPECT_EQ(best[row][0].tags, of_row(p, p.decode(a), row));
      for (std::size_t i = 0; i < best[row].size(); ++i) {
        EXPECT_EQ(best[row][i].tags, all[i].second) << row << " " << i;
        EXPECT_NEAR(best[row][i].log_probability, all[i].first, 1e-11 * (1 + range)) << row << " " << i;
      }
    }
  }
}

// By hand, with every sequence in a plain loop:
//   python3 -c 'import itertools as i, math; E=[[.5,-1,.25],[1.5,.75,-.5],[-.25,2,1]]; S=[.25,-.5,1]; N=[0,.5,-1]
//   T=[[.5,-.75,.25],[1,0,-1.5],[-.5,.75,1.25]]; f=lambda p: math.exp(S[p[0]] + N[p[2]] + sum(E[t][p[t]] for t in
//   range(3)) + T[p[0]][p[1]] + T[p[1]][p[2]]); P=list(i.product(range(3), repeat=3)); Z=sum(map(f, P))
//   print([[sum(f(p) for p in P if p[t] == j) / Z for j in range(3)] for t in range(3)])'
TEST(Crf, MarginalsAndBestPathsAreThoseOfASmallCase) {
  const Problem p{Steps::rectangle(1, 3), 3, {0, 0, 0}, 1};
  const std::vector<std::vector<float>> a = {{0.5, -1, 0.25, 1.5, 0.75, -0.5, -0.25, 2, 1},
                                             {0.5, -0.75, 0.25, 1, 0, -1.5, -0.5, 0.75, 1.25},
                                             {0.25, -0.5, 1},
                                             {0, 0.5, -1}};
  const double expected[3][3] = {{0.274009011422, 0.039644735949, 0.686346252629},
                                 {0.302439292204, 0.345502847854, 0.352057859942},
                                 {0.102614755524, 0.804116204217, 0.093269040260}};
  for (int tag = 0; tag < 3; ++tag) {
    const std::vector<float> marginals = p.marginals(a, {tag, tag, tag});
    for (int t = 0; t < 3; ++t) EXPECT_NEAR(marginals[static_cast<std::size_t>(t)], expected[t][tag], 6e-8);
  }
  const std::vector<TagPath> best = p.best(a, 3)[0];
  EXPECT_EQ(best[0].tags, (std::vector<int>{2, 1, 1}));
  EXPECT_NEAR(best[0].log_probability, -1.391640319017, 1e-12);
  EXPECT_EQ(best[1].tags, (std::vector<int>{2, 2, 1}));
  EXPECT_NEAR(best[1].log_probability, -1.391640319017, 1e-12);
  EXPECT_EQ(best[2].tags, (std::vector<int>{0, 0, 1}));
  EXPECT_NEAR(best[2].log_probability, -2.141640319017, 1e-12);
}

// No path has what is forbidden, however good it is else; the gradient is that of what is left.
TEST(Crf, ForbiddenOrdersHaveNoProbability) {
  Problem p = problem({5, 4, 1}, 3);
  std::vector<std::vector<float>> a = p.arrays(2);
  a[1][0 * 3 + 1] = a[1][2 * 3 + 2] = a[2][1] = a[3][0] = kForbidden;
  const auto is_legal = [](const std::vector<int>& path) {
    bool legal = path.front() != 1 && path.back() != 0;
    for (std::size_t t = 1; t < path.size(); ++t) {
      legal = legal && !(path[t - 1] == 0 && path[t] == 1) && !(path[t - 1] == 2 && path[t] == 2);
    }
    return legal;
  };
  double expected = 0;
  const std::vector<std::vector<TagPath>> best = p.best(a, 1000);
  for (std::size_t row = 0; row < 3; ++row) {
    std::vector<double> legal;
    for (const auto& [log_probability, path] : all_paths(p, a, row)) {
      if (is_legal(path)) legal.push_back(log_probability);
    }
    ASSERT_EQ(best[row].size(), legal.size());
    double sum = 0;
    for (const TagPath& path : best[row]) {
      EXPECT_TRUE(is_legal(path.tags));
      sum += std::exp(path.log_probability);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    // The targets are the best that are legal.
    for (std::size_t t = 0; t < p.steps.length_of(row); ++t) p.targets[p.steps.offset(t) + row] = best[row][0].tags[t];
    expected -= best[row][0].log_probability;
  }
  const Computed computed = compute(p, a);
  EXPECT_NEAR(computed.number, expected, 1e-11);
  for (const std::size_t i : {1U, 8U}) EXPECT_EQ(computed.gradients[1][i], 0);
  EXPECT_EQ(computed.gradients[2][1], 0);
  EXPECT_EQ(computed.gradients[3][0], 0);
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
}  // namespace recur::crf_test
