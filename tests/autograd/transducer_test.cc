#include "autograd/transducer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/batch.h"
#include "support/golden.h"
#include "support/gradient_check.h"

namespace recur::transducer_test {
namespace {

// Arrays: encoded [total, joint], read [total, joint], weight [outputs, joint], bias [outputs].
struct Problem {
  Problem(std::vector<std::size_t> lengths, std::vector<std::vector<int>> wanted, std::size_t joint_width,
          std::size_t count, int blank_output, float gradient_scale = 1)
      : steps(Steps::from_lengths(lengths)),
        targets(std::move(wanted)),
        read_row(targets.size()),
        joint(joint_width),
        outputs(count),
        blank(blank_output),
        scale(gradient_scale) {
    std::vector<std::size_t> counts, sorted;
    for (const std::vector<int>& target : targets) counts.push_back(target.size() + 1);
    const std::vector<std::size_t> order = longest_first(counts);
    for (std::size_t row = 0; row < order.size(); ++row) {
      read_row[order[row]] = row;
      sorted.push_back(counts[order[row]]);
    }
    read_steps = Steps::from_lengths(sorted);
  }

  double operator()(Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& gradients) const {
    const std::vector<std::span<const int>> spans(targets.begin(), targets.end());
    const Var encoded = tape.add(a[0].data(), steps.total(), joint);
    const Var read = tape.add(a[1].data(), read_steps.total(), joint);
    const Parameter weight{a[2].data(), gradients[2].data(), outputs, joint};
    const Parameter bias{a[3].data(), gradients[3].data(), 1, outputs};
    const double loss =
        transducer_loss(tape, {encoded, steps, read, read_steps, read_row, spans}, weight, bias, blank, scale);
    if (!tape.recording()) return loss;
    tape.backward();
    std::copy_n(tape.gradient(encoded).data, gradients[0].size(), gradients[0].begin());
    std::copy_n(tape.gradient(read).data, gradients[1].size(), gradients[1].begin());
    return loss;
  }
  std::vector<std::vector<float>> arrays(double range, std::uint64_t seed = 1) const {
    return {random_floats(steps.total() * joint, 1, seed), random_floats(read_steps.total() * joint, 1, seed + 1),
            random_floats(outputs * joint, range, seed + 2), random_floats(outputs, range, seed + 3)};
  }

  Steps steps, read_steps;
  std::vector<std::vector<int>> targets;
  std::vector<std::size_t> read_row;
  std::size_t joint, outputs;
  int blank;
  float scale;
};

using Doubles = std::vector<std::vector<double>>;

Doubles in_double(const std::vector<std::vector<float>>& arrays) {
  Doubles all;
  for (const std::vector<float>& array : arrays) all.emplace_back(array.begin(), array.end());
  return all;
}

// log p of every output at step t of a sequence after u tokens of its target.
std::vector<double> log_p(const Problem& p, const Doubles& a, std::size_t row, std::size_t t, std::size_t u) {
  const double* encoded = a[0].data() + (p.steps.offset(t) + row) * p.joint;
  const double* read = a[1].data() + (p.read_steps.offset(u) + p.read_row[row]) * p.joint;
  std::vector<double> result = a[3];
  for (std::size_t k = 0; k < p.outputs; ++k) {
    for (std::size_t j = 0; j < p.joint; ++j) result[k] += a[2][k * p.joint + j] * std::tanh(encoded[j] + read[j]);
  }
  const double most = *std::max_element(result.begin(), result.end());
  double sum = 0;
  for (const double x : result) sum += std::exp(x - most);
  for (double& x : result) x -= most + std::log(sum);
  return result;
}

double log_sum(double a, double b) {
  const double most = std::max(a, b);
  return std::isinf(most) ? most : most + std::log(std::exp(a - most) + std::exp(b - most));
}

// -log p(target): over all ways from (t, u) on, each a walk that is written down token by token and blank by blank.
void walk(const Problem& p, const Doubles& a, std::size_t row, std::size_t t, std::size_t u, double so_far,
          double& all) {
  const std::vector<int>& target = p.targets[row];
  const std::vector<double> here = log_p(p, a, row, t, u);
  const double by_blank = so_far + here[static_cast<std::size_t>(p.blank)];
  if (u < target.size()) walk(p, a, row, t, u + 1, so_far + here[static_cast<std::size_t>(target[u])], all);
  if (t + 1 < p.steps.length_of(row)) return walk(p, a, row, t + 1, u, by_blank, all);
  if (u == target.size()) all = log_sum(all, by_blank);
}
double by_all_paths(const Problem& p, const Doubles& a) {
  double loss = 0;
  for (std::size_t row = 0; row < p.targets.size(); ++row) {
    double all = -std::numeric_limits<double>::infinity();
    walk(p, a, row, 0, 0, 0, all);
    loss -= all;
  }
  return loss;
}

// The same by the paper's equations for alpha.
double by_equations(const Problem& p, const Doubles& a) {
  double loss = 0;
  for (std::size_t row = 0; row < p.targets.size(); ++row) {
    const std::vector<int>& target = p.targets[row];
    std::vector<double> before(target.size() + 1, -std::numeric_limits<double>::infinity()), alpha = before;
    for (std::size_t t = 0; t < p.steps.length_of(row); ++t) {
      for (std::size_t u = 0; u <= target.size(); ++u) {
        alpha[u] = t == 0 && u == 0 ? 0 : before[u];
        if (u > 0) {
          const std::vector<double> left = log_p(p, a, row, t, u - 1);
          alpha[u] = log_sum(alpha[u], alpha[u - 1] + left[static_cast<std::size_t>(target[u - 1])]);
        }
      }
      for (std::size_t u = 0; u <= target.size(); ++u) {
        before[u] = alpha[u] + log_p(p, a, row, t, u)[static_cast<std::size_t>(p.blank)];
      }
    }
    loss -= before.back();
  }
  return loss;
}

// Each stride-th element of the gradients against central differences of the equations in double.
void expect_gradients_of_equations(const Problem& p, std::vector<std::vector<float>> a, std::size_t stride,
                                   double tolerance) {
  const Computed computed = compute(p, a);
  EXPECT_EQ(compute(p, a, false).number, computed.number);
  Doubles at = in_double(a);
  for (std::size_t array = 0; array < a.size(); ++array) {
    for (std::size_t i = 0; i < a[array].size(); i += stride) {
      constexpr double kStep = 1e-5;
      const double kept = at[array][i];
      at[array][i] = kept + kStep;
      const double above = by_equations(p, at);
      at[array][i] = kept - kStep;
      const double slope = static_cast<double>(p.scale) * (above - by_equations(p, at)) / (2 * kStep);
      at[array][i] = kept;
      EXPECT_NEAR(static_cast<double>(computed.gradients[array][i]), slope, tolerance * (1 + std::abs(slope)))
          << "array " << array << ", element " << i;
    }
  }
}

Problem tiny(int blank, float scale = 1) {
  const int a = blank == 0 ? 1 : 0, b = blank == 1 ? 2 : a + 1;
  // No token, one step, and more tokens than steps among them.
  return {{4, 3, 3, 2, 2, 1, 1, 1}, {{a, b}, {a, a, b}, {}, {b, a, a, b}, {b}, {}, {a}, {b, a, b}}, 3, 3, blank, scale};
}

TEST(Transducer, LossAgreesWithAllPaths) {
  for (const double range : {1.0, 30.0, 1000.0}) {
    for (const int blank : {0, 2}) {
      const Problem p = tiny(blank);
      std::vector<std::vector<float>> a = p.arrays(range);
      const double expected = by_all_paths(p, in_double(a));
      EXPECT_NEAR(by_equations(p, in_double(a)), expected, 1e-9 * (1 + expected));
      EXPECT_NEAR(compute(p, a).number, expected, 1e-6 * (1 + expected)) << "weights within " << range;
    }
  }
}

TEST(Transducer, GradientsAgreeWithDifferencesInDouble) {
  for (const int blank : {0, 2}) {
    const Problem p = tiny(blank, 0.5F);
    expect_gradients_of_equations(p, p.arrays(2), 1, 1e-5);
  }
  const Problem saturated = tiny(2);
  expect_gradients_of_equations(saturated, saturated.arrays(30), 1, 2e-5);
}

std::vector<int> random_target(std::size_t length, int tokens, std::uint64_t seed) {
  std::vector<int> target;
  const Random random(seed, RandomPurpose::test);
  while (target.size() < length) {
    target.push_back(static_cast<int>(random.word(target.size()) % static_cast<std::uint64_t>(tokens)));
  }
  return target;
}

// Several blocks of nodes, more sequences than slices, a width that no vector divides.
Problem large() {
  std::vector<std::size_t> lengths = {31, 20, 20, 17, 12, 9, 9, 5, 2, 1};
  std::vector<std::vector<int>> targets;
  for (const std::size_t tokens : {11U, 25U, 6U, 0U, 12U, 30U, 1U, 14U, 3U, 20U}) {
    targets.push_back(random_target(tokens, 10, 5 + tokens));
  }
  return {lengths, targets, 19, 11, 10};
}

TEST(Transducer, LongSequencesAgreeWithTheEquationsInDouble) {
  const Problem p = large();
  for (const double range : {0.0, 1.0, 10.0}) {
    std::vector<std::vector<float>> a = p.arrays(range);
    const double expected = by_equations(p, in_double(a));
    EXPECT_NEAR(compute(p, a).number, expected, 1e-6 * (1 + expected)) << "weights within " << range;
  }
  expect_gradients_of_equations(p, p.arrays(1), 67, 2e-5);
}

TEST(Transducer, NumbersThatAreNoneStaySo) {
  const Problem p = tiny(2);
  std::vector<std::vector<float>> a = p.arrays(1);
  a[0][4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(compute(p, a).number));
}

TEST(Transducer, AnyNumberOfThreadsAndARowAloneGiveTheSameBits) {
  const Problem p = large();
  std::vector<std::vector<float>> a = p.arrays(1);
  expect_same_on_any_threads(p, a);
  const Computed together = compute(p, a);
  const auto rows = [&](const std::vector<float>& of, const Steps& steps, std::size_t row, std::size_t length) {
    std::vector<float> own;
    for (std::size_t t = 0; t < length; ++t) {
      const auto first = of.begin() + static_cast<std::ptrdiff_t>((steps.offset(t) + row) * p.joint);
      own.insert(own.end(), first, first + static_cast<std::ptrdiff_t>(p.joint));
    }
    return own;
  };
  for (std::size_t row = 0; row < p.targets.size(); ++row) {
    const std::size_t steps = p.steps.length_of(row), read = p.targets[row].size() + 1;
    const Problem alone({steps}, {p.targets[row]}, p.joint, p.outputs, p.blank);
    std::vector<std::vector<float>> own = {rows(a[0], p.steps, row, steps),
                                           rows(a[1], p.read_steps, p.read_row[row], read), a[2], a[3]};
    const Computed computed = compute(alone, own);
    EXPECT_EQ(computed.gradients[0], rows(together.gradients[0], p.steps, row, steps));
    EXPECT_EQ(computed.gradients[1], rows(together.gradients[1], p.read_steps, p.read_row[row], read));
  }
}

// PyTorch's derivatives, in double, of the recursion for alpha.
TEST(Transducer, Golden) {
  const GoldenFile golden("transducer");
  const std::vector<std::size_t> lengths = golden.integers("targets_length"), tokens = golden.integers("targets");
  std::vector<std::vector<int>> targets;
  auto next = tokens.begin();
  for (const std::size_t length : lengths) {
    targets.emplace_back(next, next + static_cast<std::ptrdiff_t>(length));
    next += static_cast<std::ptrdiff_t>(length);
  }
  const std::size_t outputs = golden.values("bias").size();
  const Problem p(golden.integers("steps"), targets, golden.values("weight").size() / outputs, outputs,
                  static_cast<int>(outputs) - 1);
  std::vector<std::vector<float>> a;
  for (const char* name : {"encoded", "read", "weight", "bias"}) {
    const std::vector<double> values = golden.values(name);
    a.emplace_back(values.begin(), values.end());
  }
  const Computed computed = compute(p, a);
  double loss = 0;
  for (const double one : golden.values("losses")) loss += one;
  EXPECT_NEAR(computed.number, loss, 1e-6 * (1 + loss));
  std::size_t array = 0;
  for (const std::string name : {"grad_encoded", "grad_read", "grad_weight", "grad_bias"}) {
    const std::vector<double> expected = golden.values(name);
    ASSERT_EQ(expected.size(), computed.gradients[array].size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(computed.gradients[array][i]), expected[i], 1e-5) << name << ", element " << i;
    }
    ++array;
  }
}

}  // namespace
}  // namespace recur::transducer_test
