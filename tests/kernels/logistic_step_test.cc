// The step of word vectors against its equations in double, at every SIMD level.
#include "kernels/logistic_step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/philox.h"
#include "recur/types/simd.h"

namespace recur::logistic_step_test {
namespace {

constexpr float kRate = 0.3F;

struct Case {
  std::size_t inputs, width;
  std::vector<LogisticStep::Target> targets;
};

// Numbers within +-1, a row's rest zero.
std::vector<float> numbers(std::size_t rows, std::size_t width, std::uint64_t seed) {
  const std::size_t stride = padded_row(width);
  const Random random(seed, RandomPurpose::test);
  std::vector<float> values(rows * stride);
  for (std::size_t i = 0; i < rows * width; ++i) values[i / width * stride + i % width] = 2 * random.uniform(i) - 1;
  return values;
}

// What run() is to leave, computed one pair after the other at the values before.
struct Expected {
  double loss = 0;
  std::vector<double> table, changes;
};

Expected expect(const Case& c, const std::vector<float>& x, const std::vector<float>& table) {
  const std::size_t stride = padded_row(c.width);
  Expected e{0, {table.begin(), table.end()}, std::vector<double>(x.size())};
  for (std::size_t m = 0; m < c.inputs; ++m) {
    for (const auto& [row, label] : c.targets) {
      const std::size_t y = static_cast<std::size_t>(row) * stride;
      double product = 0;
      for (std::size_t i = 0; i < c.width; ++i) product += double{x[m * stride + i]} * double{table[y + i]};
      const double s = 1 / (1 + std::exp(-product));
      e.loss -= std::log(label == 1 ? s : 1 - s);
      for (std::size_t i = 0; i < c.width; ++i) {
        e.changes[m * stride + i] += double{kRate} * (double{label} - s) * double{table[y + i]};
        e.table[y + i] += double{kRate} * (double{label} - s) * double{x[m * stride + i]};
      }
    }
  }
  return e;
}

void check(const Case& c) {
  const std::vector<float> x = numbers(c.inputs, c.width, 1);
  std::vector<float> table = numbers(20, c.width, 2);
  const Expected e = expect(c, x, table);
  LogisticStep step(padded_row(c.width));
  std::copy(x.begin(), x.end(), step.inputs(c.inputs));
  step.targets() = c.targets;
  EXPECT_NEAR(step.run(table.data(), kRate), e.loss, 1e-5 * e.loss);
  for (std::size_t i = 0; i < table.size(); ++i) EXPECT_NEAR(table[i], e.table[i], 1e-5);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(step.changes()[i], e.changes[i], 1e-5);
}

TEST(LogisticStep, IsTheGradientOfItsLoss) {
  const SimdLevel best = simd_level();
  for (const SimdLevel level : {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512}) {
    if (level > best) continue;
    set_simd_level(level);
    SCOPED_TRACE(simd_name(level));
    for (const std::size_t width : {1, 7, 16, 17, 100}) {
      for (const std::size_t inputs : {1, 2, 5}) {
        Case c{inputs, width, {}};
        for (int targets = 1; targets <= 18; ++targets) {
          c.targets.push_back({targets - 1, targets % 3 == 1 ? 1.0F : 0.0F});
          check(c);
        }
      }
    }
    check({3, 33, {{4, 1}, {7, 0}, {7, 0}, {9, 0}, {7, 0}, {2, 0}, {7, 0}}});  // a row that stands there several times
  }
  set_simd_level(best);
}

// Finite differences of the loss in the input.
TEST(LogisticStep, AgreesWithDifferences) {
  const Case c{1, 5, {{3, 1}, {1, 0}, {8, 0}}};
  const std::vector<float> table = numbers(20, c.width, 2);
  std::vector<float> x = numbers(1, c.width, 1);
  LogisticStep step(padded_row(c.width));
  const auto run = [&] {
    std::vector<float> copy = table;
    std::copy(x.begin(), x.end(), step.inputs(1));
    step.targets() = c.targets;
    return step.run(copy.data(), 1);
  };
  run();
  const std::vector<float> changes(step.changes(), step.changes() + c.width);
  for (std::size_t i = 0; i < c.width; ++i) {
    const float before = x[i];
    x[i] = before + 0.01F;
    const double above = run();
    x[i] = before - 0.01F;
    const double below = run();
    x[i] = before;
    EXPECT_NEAR(-changes[i], (above - below) / 0.02, 1e-3);
  }
}

TEST(LogisticStep, SumsRowsAndAddsToThem) {
  const std::size_t width = 19, stride = padded_row(width);
  std::vector<float> table = numbers(4, width, 3);
  const std::vector<float> before = table;
  const std::vector<int> rows = {2, 0, 2};
  std::vector<float> sum(stride);
  sum_rows(table.data(), stride, rows, 0.5F, sum.data());
  for (std::size_t i = 0; i < stride; ++i) EXPECT_NEAR(sum[i], 0.5F * (2 * table[2 * stride + i] + table[i]), 1e-6);
  add_to_rows(table.data(), stride, rows, 2, sum.data());
  for (std::size_t i = 0; i < stride; ++i) {
    EXPECT_NEAR(table[i], before[i] + 2 * sum[i], 1e-6);
    EXPECT_EQ(table[stride + i], before[stride + i]);
    EXPECT_NEAR(table[2 * stride + i], before[2 * stride + i] + 4 * sum[i], 1e-6) << "it stands there twice";
  }
}

}  // namespace
}  // namespace recur::logistic_step_test
