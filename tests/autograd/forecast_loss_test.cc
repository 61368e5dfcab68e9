#include "autograd/forecast_loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/philox.h"

namespace recur::forecast_loss_test {
namespace {

struct Case {
  const char* name;
  ForecastKind kind;
  std::vector<float> p;
  double y, loss;
};

// The losses are those of the formulas in the header, in double, by a script of its own: normal densities of Python's
// statistics.NormalDist, Student's by math.gamma (its integral is 1).
const std::vector<Case> kCases = {
    {"square", {ForecastLoss::square, 1}, {2.5F}, 1.75, 0.5625},
    {"absolute", {ForecastLoss::absolute, 1}, {2.5F}, 1.75, 0.75},
    {"huber_near", {ForecastLoss::huber, 1}, {2.5F}, 1.75, 0.28125},
    {"huber_far", {ForecastLoss::huber, 1}, {-2}, 1.75, 3.25},
    {"quantile", {ForecastLoss::quantile, 1}, {-1, -0.5F, -0.25F, 0, 0.25F, 0.5F, 1, 1.5F, 3}, 0.75, 5.0 / 12},
    {"normal", {ForecastLoss::normal, 1}, {0.5F, 0.25F}, 1.75, 1.8727809252589918},
    {"student", {ForecastLoss::student, 1}, {0.5F, 0.25F, 0.75F}, 1.75, 1.9400551745760544},
    {"mixture", {ForecastLoss::mixture, 3}, {0.5F, -0.25F, 1, -1, 0.5F, 2, 0.25F, -1, 0.5F}, 1.75, 1.5606709533232987},
};

class ForecastLosses : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(All, ForecastLosses, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(ForecastLosses, AreThoseOfTheFormulas) {
  const Case& c = GetParam();
  ASSERT_EQ(c.p.size(), c.kind.outputs());
  std::vector<double> gradient(c.p.size());
  EXPECT_NEAR(forecast_loss(c.kind, c.p, c.y, gradient), c.loss, 1e-12);
}

// A step of a power of two is exact in float.
TEST_P(ForecastLosses, HaveTheGradientOfTheirDifferences) {
  const Case& c = GetParam();
  std::vector<double> gradient(c.p.size()), ignored(c.p.size());
  for (const double y : {c.y, c.y - 4, c.y + 3}) {
    forecast_loss(c.kind, c.p, y, gradient);
    for (std::size_t i = 0; i < c.p.size(); ++i) {
      constexpr float kStep = 0x1p-13F;
      std::vector<float> above = c.p, below = c.p;
      above[i] += kStep;
      below[i] -= kStep;
      const double difference =
          (forecast_loss(c.kind, above, y, ignored) - forecast_loss(c.kind, below, y, ignored)) / (2.0 * kStep);
      EXPECT_NEAR(gradient[i], difference, 1e-6 * (1 + std::abs(difference))) << i << " at " << y;
    }
  }
}

TEST_P(ForecastLosses, OfFarNumbersAreFinite) {
  const Case& c = GetParam();
  std::vector<double> gradient(c.p.size());
  for (const float size : {20.0F, 100.0F, 1000.0F}) {
    for (const float sign : {-1.0F, 1.0F}) {
      const std::vector<float> p(c.p.size(), sign * size);
      EXPECT_TRUE(std::isfinite(forecast_loss(c.kind, p, 1, gradient)));
      for (const double one : gradient) EXPECT_TRUE(std::isfinite(one));
    }
  }
}

// Two rows of two steps; one target is not known.
TEST_P(ForecastLosses, AddUpOnTheTapeOverWhatIsKnown) {
  const Case& c = GetParam();
  const std::size_t outputs = c.p.size();
  std::vector<float> values;
  for (int i = 0; i < 4; ++i) values.insert(values.end(), c.p.begin(), c.p.end());
  const auto y = static_cast<float>(c.y);
  const std::vector<float> targets = {y, std::numeric_limits<float>::quiet_NaN(), y, y};
  Tape tape;
  const Var x = tape.add(values.data(), 2, 2 * outputs);
  EXPECT_NEAR(forecast_loss(tape, x, targets, c.kind, 0.5F), 3 * c.loss, 1e-9);
  tape.backward();
  std::vector<double> gradient(outputs);
  forecast_loss(c.kind, c.p, c.y, gradient);
  const float* d = tape.gradient(x).data;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double wanted = i / outputs == 1 ? 0 : 0.5 * gradient[i % outputs];
    EXPECT_NEAR(static_cast<double>(d[i]), wanted, 1e-6 * (1 + std::abs(wanted))) << i;
  }
}

// Draws are those of the density: the share below each of some numbers is its integral up to there.
TEST_P(ForecastLosses, AreDrawnFrom) {
  const Case& c = GetParam();
  if (!c.kind.is_distribution()) return;
  constexpr std::size_t kDraws = 40'000;
  const Random random(7, RandomPurpose::test);
  std::vector<double> draws, gradient(c.p.size());
  for (std::size_t i = 0; i < kDraws; ++i) draws.push_back(forecast_draw(c.kind, c.p, random.block(i)));
  std::ranges::sort(draws);
  constexpr double kStep = 0.01;
  double integral = 0;
  for (double x = -60; x < 60; x += kStep) {
    integral += kStep * std::exp(-forecast_loss(c.kind, c.p, x + kStep / 2, gradient));
    const auto below = std::ranges::lower_bound(draws, x + kStep) - draws.begin();
    ASSERT_NEAR(static_cast<double>(below) / kDraws, integral, 0.012) << x;
  }
}

}  // namespace
}  // namespace recur::forecast_loss_test
