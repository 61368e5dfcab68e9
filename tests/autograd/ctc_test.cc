#include "autograd/ctc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/ctc.h"
#include "support/golden.h"
#include "support/gradient_check.h"

namespace recur::ctc_test {
namespace {

// Arrays: logits.
struct Problem {
  Steps steps;
  std::size_t outputs;
  std::vector<std::vector<int>> targets;
  int blank;
  float scale = 1;

  CtcLoss loss(Tape& tape, std::vector<float>& logits, std::vector<float>& gradient) const {
    const std::vector<std::span<const int>> spans(targets.begin(), targets.end());
    const Var x = tape.add(logits.data(), steps.total(), outputs);
    const CtcLoss result = ctc_loss(tape, x, spans, blank, steps, scale);
    if (!tape.recording()) return result;
    tape.backward();
    std::copy_n(tape.gradient(x).data, gradient.size(), gradient.begin());
    return result;
  }
  double operator()(Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& gradients) const {
    return loss(tape, a[0], gradients[0]).nats;
  }
  std::vector<std::vector<float>> arrays(double range, std::uint64_t seed = 1) const {
    return {random_floats(steps.total() * outputs, range, seed)};
  }
};

std::vector<std::vector<int>> random_targets(const std::vector<std::size_t>& lengths, int tokens, std::uint64_t seed) {
  std::vector<std::vector<int>> targets;
  const Random random(seed, RandomPurpose::test);
  std::uint64_t position = 0;
  for (const std::size_t length : lengths) {
    std::vector<int>& target = targets.emplace_back();
    while (target.size() < length) {
      target.push_back(static_cast<int>(random.word(position++) % static_cast<std::uint64_t>(tokens)));
    }
  }
  return targets;
}

std::vector<double> log_softmax_of(const std::vector<float>& logits, std::size_t row, std::size_t outputs) {
  std::vector<double> result(logits.begin() + static_cast<std::ptrdiff_t>(row * outputs),
                             logits.begin() + static_cast<std::ptrdiff_t>((row + 1) * outputs));
  const double most = *std::max_element(result.begin(), result.end());
  double sum = 0;
  for (const double x : result) sum += std::exp(x - most);
  for (double& x : result) x -= most + std::log(sum);
  return result;
}

double log_add(double a, double b) {
  const double most = std::max(a, b);
  return std::isinf(most) ? most : most + std::log(std::exp(a - most) + std::exp(b - most));
}

// -log p(target) of one sequence: over all paths, one output a frame, what each writes.
double by_all_paths(const Problem& p, const std::vector<float>& logits, std::size_t row) {
  const std::size_t frames = p.steps.length_of(row);
  std::vector<std::vector<double>> log_p;
  for (std::size_t t = 0; t < frames; ++t) {
    log_p.push_back(log_softmax_of(logits, p.steps.offset(t) + row, p.outputs));
  }
  double all = -std::numeric_limits<double>::infinity();
  std::vector<int> path(frames, 0);
  for (std::size_t t = 0; t < frames;) {
    std::vector<int> written;
    double log_probability = 0;
    for (std::size_t u = 0; u < frames; ++u) {
      log_probability += log_p[u][static_cast<std::size_t>(path[u])];
      if (path[u] != p.blank && (u == 0 || path[u] != path[u - 1])) written.push_back(path[u]);
    }
    if (written == p.targets[row]) all = log_add(all, log_probability);
    for (t = 0; t < frames && ++path[t] == static_cast<int>(p.outputs); ++t) path[t] = 0;
  }
  return -all;
}

// The same and its gradient, by the equations of the paper over states in double.
struct Expected {
  double loss = 0;
  std::vector<double> gradient;  // [frames, outputs]
};
Expected by_states(const Problem& p, const std::vector<float>& logits, std::size_t row) {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const std::size_t frames = p.steps.length_of(row);
  std::vector<int> states = {p.blank};
  for (const int token : p.targets[row]) states.insert(states.end(), {token, p.blank});
  const std::size_t n = states.size();
  const auto skips = [&](std::size_t s) { return states[s] != p.blank && s >= 2 && states[s] != states[s - 2]; };
  std::vector<std::vector<double>> log_p, alpha(frames, std::vector<double>(n, kNone)), beta = alpha;
  for (std::size_t t = 0; t < frames; ++t) {
    log_p.push_back(log_softmax_of(logits, p.steps.offset(t) + row, p.outputs));
    for (std::size_t s = 0; s < n; ++s) {
      double sum = t == 0 && s < 2 ? 0 : kNone;
      if (t > 0) sum = alpha[t - 1][s];
      if (t > 0 && s > 0) sum = log_add(sum, alpha[t - 1][s - 1]);
      if (t > 0 && skips(s)) sum = log_add(sum, alpha[t - 1][s - 2]);
      alpha[t][s] = sum + log_p[t][static_cast<std::size_t>(states[s])];
    }
  }
  for (std::size_t t = frames; t-- > 0;) {
    const auto after = [&](std::size_t s) {
      return beta[t + 1][s] + log_p[t + 1][static_cast<std::size_t>(states[s])];
    };
    for (std::size_t s = 0; s < n; ++s) {
      double sum = t + 1 == frames && s + 2 >= n ? 0 : kNone;
      if (t + 1 < frames) sum = after(s);
      if (t + 1 < frames && s + 1 < n) sum = log_add(sum, after(s + 1));
      if (t + 1 < frames && s + 2 < n && skips(s + 2)) sum = log_add(sum, after(s + 2));
      beta[t][s] = sum;
    }
  }
  const double all = log_add(alpha[frames - 1][n - 1], n > 1 ? alpha[frames - 1][n - 2] : kNone);
  Expected expected{-all, {}};
  for (std::size_t t = 0; t < frames; ++t) {
    for (std::size_t k = 0; k < p.outputs; ++k) {
      double d = std::exp(log_p[t][k]);
      for (std::size_t s = 0; s < n; ++s) {
        if (states[s] == static_cast<int>(k)) d -= std::exp(alpha[t][s] + beta[t][s] - all);
      }
      expected.gradient.push_back(d);
    }
  }
  return expected;
}

void expect_agrees(const Problem& p, std::vector<std::vector<float>> a, double tolerance) {
  const Computed computed = compute(p, a);
  EXPECT_EQ(compute(p, a, false).number, computed.number);
  double loss = 0;
  for (std::size_t row = 0; row < p.steps.batch(); ++row) {
    const Expected expected = by_states(p, a[0], row);
    if (std::isfinite(expected.loss)) loss += expected.loss;
    for (std::size_t t = 0; t < p.steps.length_of(row); ++t) {
      for (std::size_t k = 0; k < p.outputs; ++k) {
        const double d = std::isfinite(expected.loss) ? expected.gradient[t * p.outputs + k] : 0;
        EXPECT_NEAR(static_cast<double>(computed.gradients[0][(p.steps.offset(t) + row) * p.outputs + k]), d, tolerance)
            << "sequence " << row << ", frame " << t << ", output " << k;
      }
    }
  }
  EXPECT_NEAR(computed.number, loss, 1e-6 * (1 + loss));
}

TEST(Ctc, LossAgreesWithAllPaths) {
  for (const double range : {1.0, 30.0, 1000.0}) {
    for (const int blank : {0, 2}) {
      Problem p{Steps::from_lengths(std::vector<std::size_t>{7, 6, 6, 4, 3, 2, 1}), 3, {}, blank};
      const int a = blank == 0 ? 1 : 0, b = 1 + (blank == 0 ? 1 : 0);
      p.targets = {{a, b, a}, {a, a, b}, {}, {b, b}, {a, a}, {a, b}, {b}};
      std::vector<std::vector<float>> logits = p.arrays(range);
      double expected = 0;
      for (std::size_t row = 0; row < p.steps.batch(); ++row) {
        const double loss = by_all_paths(p, logits[0], row);
        EXPECT_NEAR(by_states(p, logits[0], row).loss, loss, 1e-9 * (1 + loss)) << "sequence " << row;
        expected += loss;
      }
      EXPECT_NEAR(compute(p, logits).number, expected, 1e-6 * (1 + expected)) << "logits within " << range;
      expect_agrees(p, logits, range > 100 ? 2e-4 : 1e-5);
    }
  }
}

TEST(Ctc, LongSequencesAgreeWithTheEquationsInDouble) {
  // Blocks of states, few tokens and as many as fit, and probabilities far below what a float holds.
  for (const double range : {0.0, 3.0, 100.0}) {
    const std::vector<std::size_t> frames = {300, 120, 77, 64, 40, 33}, tokens = {70, 100, 15, 16, 31, 17};
    Problem p{Steps::from_lengths(frames), 30, random_targets(tokens, 29, 7), 29};
    p.targets[5] = {};
    expect_agrees(p, p.arrays(range), range > 10 ? 2e-4 : 2e-5);
  }
}

TEST(Ctc, GradientsAgreeWithDifferences) {
  Problem p{Steps::from_lengths(std::vector<std::size_t>{6, 5, 3, 1}), 4, {{0, 0, 1}, {2, 1}, {}, {1}}, 3, 0.5F};
  expect_gradients(p, p.arrays(2), 1e-4, 0.5);
}

TEST(Ctc, TargetsThatDoNotFitAreLeftOut) {
  EXPECT_EQ(ctc_frames(std::vector<int>{}), 0U);
  EXPECT_EQ(ctc_frames(std::vector<int>{1, 2, 1}), 3U);
  EXPECT_EQ(ctc_frames(std::vector<int>{1, 1, 1, 2, 2}), 8U);
  Problem p{Steps::from_lengths(std::vector<std::size_t>{3, 3, 2}), 3, {{0, 0, 0}, {0, 0}, {1}}, 2};
  std::vector<std::vector<float>> a = p.arrays(1);
  expect_agrees(p, a, 1e-5);
  Tape tape;
  std::vector<float> gradient(a[0].size());
  EXPECT_EQ(p.loss(tape, a[0], gradient).targets, 2U);
}

TEST(Ctc, NumbersThatAreNoneStaySo) {
  Problem p{Steps::from_lengths(std::vector<std::size_t>{20, 3}), 3, {{0, 1, 0}, {1}}, 2};
  std::vector<std::vector<float>> a = p.arrays(1);
  a[0][7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(compute(p, a).number));
}

TEST(Ctc, AnyNumberOfThreadsAndARowAloneGiveTheSameBits) {
  const std::vector<std::size_t> frames = {90, 60, 60, 31, 8}, tokens = {40, 12, 30, 3, 4};
  const Problem p{Steps::from_lengths(frames), 11, random_targets(tokens, 10, 3), 10};
  std::vector<std::vector<float>> a = p.arrays(4);
  expect_same_on_any_threads(p, a);
  const Computed together = compute(p, a);
  for (std::size_t row = 0; row < frames.size(); ++row) {
    const Problem alone{Steps::rectangle(1, frames[row]), p.outputs, {p.targets[row]}, p.blank};
    std::vector<std::vector<float>> own(1);
    for (std::size_t t = 0; t < frames[row]; ++t) {
      const auto first = a[0].begin() + static_cast<std::ptrdiff_t>((p.steps.offset(t) + row) * p.outputs);
      own[0].insert(own[0].end(), first, first + static_cast<std::ptrdiff_t>(p.outputs));
    }
    const Computed computed = compute(alone, own);
    for (std::size_t t = 0; t < frames[row]; ++t) {
      for (std::size_t k = 0; k < p.outputs; ++k) {
        EXPECT_EQ(computed.gradients[0][t * p.outputs + k],
                  together.gradients[0][(p.steps.offset(t) + row) * p.outputs + k]);
      }
    }
  }
}

// PyTorch's ctc_loss in double.
TEST(Ctc, Golden) {
  const GoldenFile golden("ctc");
  for (const std::string name : {"plain", "repeats", "tight", "large"}) {
    const auto numbers = [&](const std::string& tensor) { return golden.integers(tensor + "_" + name); };
    Problem p{Steps::from_lengths(numbers("frames")), numbers("outputs").front(), {}, 0};
    const std::vector<std::size_t> lengths = numbers("lengths"), tokens = numbers("targets");
    auto next = tokens.begin();
    for (const std::size_t length : lengths) {
      p.targets.emplace_back(next, next + static_cast<std::ptrdiff_t>(length));
      next += static_cast<std::ptrdiff_t>(length);
    }
    const std::vector<double> logits = golden.values("logits_" + name);
    std::vector<std::vector<float>> a = {{logits.begin(), logits.end()}};
    const Computed computed = compute(p, a);
    double loss = 0;
    for (const double one : golden.values("losses_" + name)) loss += one;
    EXPECT_NEAR(computed.number, loss, 1e-6 * (1 + loss)) << name;
    const std::vector<double> expected = golden.values("grad_" + name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(computed.gradients[0][i]), expected[i], name == "large" ? 1e-4 : 1e-5)
          << name << ", element " << i;
    }
  }
}

}  // namespace
}  // namespace recur::ctc_test
