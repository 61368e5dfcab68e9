// The density of a pen's next step: against formulas, differences, and what is drawn from it.
#include "autograd/stroke_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/philox.h"

namespace recur::stroke_loss_test {
namespace {

// Two components.
const std::vector<float> kOutputs = {0.5F, -0.25F, 1,    0.25F, -0.5F,  -1,   0.5F, 0.75F,
                                     2,    0.25F,  -1.0, 0.5F,  -0.25F, 0.5F, -1};

struct Case {
  std::vector<float> step;
  double loss;
};

// By a script of its own, as the normal density of x times that of y given x.
const std::vector<Case> kCases = {
    {{0.5F, 1.25F, 0}, 3.5708250928331164}, {{-1.5F, 0.25F, 1}, 3.9983086325836306}, {{0, 3, 2}, 2.968213531175358}};

TEST(StrokeLoss, IsThatOfTheFormulas) {
  ASSERT_EQ(kOutputs.size(), stroke_outputs(2));
  std::vector<double> gradient(kOutputs.size());
  for (const Case& c : kCases) EXPECT_NEAR(stroke_loss(kOutputs, c.step, gradient), c.loss, 1e-7) << c.loss;
}

TEST(StrokeLoss, HasTheGradientOfItsDifferences) {
  std::vector<double> gradient(kOutputs.size()), ignored(kOutputs.size());
  for (const Case& c : kCases) {
    stroke_loss(kOutputs, c.step, gradient);
    for (std::size_t i = 0; i < kOutputs.size(); ++i) {
      constexpr float kStep = 0x1p-13F;  // exact in float
      std::vector<float> above = kOutputs, below = kOutputs;
      above[i] += kStep;
      below[i] -= kStep;
      const double difference =
          (stroke_loss(above, c.step, ignored) - stroke_loss(below, c.step, ignored)) / (2.0 * kStep);
      EXPECT_NEAR(gradient[i], difference, 1e-6 * (1 + std::abs(difference))) << i;
    }
  }
}

TEST(StrokeLoss, OfFarNumbersIsFinite) {
  std::vector<double> gradient(kOutputs.size());
  for (const float size : {20.0F, 100.0F, 1000.0F}) {
    for (const float sign : {-1.0F, 1.0F}) {
      const std::vector<float> p(kOutputs.size(), sign * size);
      EXPECT_TRUE(std::isfinite(stroke_loss(p, std::vector<float>{1, -2, 1}, gradient)));
      for (const double one : gradient) EXPECT_TRUE(std::isfinite(one));
    }
  }
}

std::array<std::array<std::uint32_t, 4>, 2> words(std::uint64_t place) {
  const Random random(5, RandomPurpose::test);
  return {random.block(2 * place), random.block(2 * place + 1)};
}

// Shares, means, deviations, correlations and the pen, each within five of its own standard errors.
TEST(StrokeDraw, HasTheMomentsOfItsMixture) {
  constexpr int kCount = 40'000;
  const auto softplus = [](double x) { return std::log1p(std::exp(x)) + 1e-3; };
  for (const double temperature : {1.0, 0.5}) {
    std::vector<float> p = kOutputs;
    p[3] = 40;  // the first component alone
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    std::vector<int> pens(kPens);
    for (int i = 0; i < kCount; ++i) {
      const auto step = stroke_draw(p, temperature, words(static_cast<std::uint64_t>(i)));
      const double dx = step[0] + 1, dy = step[1] - 0.75;
      x += dx / kCount;
      y += dy / kCount;
      xx += dx * dx / kCount;
      yy += dy * dy / kCount;
      xy += dx * dy / kCount;
      ++pens[static_cast<std::size_t>(step[2])];
    }
    const double sx = softplus(0.25) * std::sqrt(temperature), sy = softplus(0.5) * std::sqrt(temperature);
    const double error = 5 / std::sqrt(kCount);
    EXPECT_NEAR(x / sx, 0, error);
    EXPECT_NEAR(y / sy, 0, error);
    EXPECT_NEAR(xx / (sx * sx), 1, 1.5 * error);
    EXPECT_NEAR(yy / (sy * sy), 1, 1.5 * error);
    EXPECT_NEAR(xy / (sx * sy), 0.99 * std::tanh(0.5), 1.5 * error);
    double all = 0;
    for (std::size_t i = 0; i < kPens; ++i) all += std::exp(static_cast<double>(p[i]));
    for (std::size_t i = 0; i < kPens; ++i) {
      EXPECT_NEAR(pens[i] / double{kCount}, std::exp(static_cast<double>(p[i])) / all, error / 2) << i;
    }
  }
  int first = 0;
  for (int i = 0; i < kCount; ++i) {
    std::vector<float> p = kOutputs;
    for (const std::size_t r : {9U, 10U, 11U, 12U}) p[r] = -20;
    first += stroke_draw(p, 1, words(static_cast<std::uint64_t>(i)))[0] < -0.25 ? 1 : 0;
  }
  EXPECT_NEAR(first / double{kCount}, 1 / (1 + std::exp(-0.75)), 2.5 / std::sqrt(kCount));
}

TEST(StrokeDraw, AtTemperatureZeroIsTheMiddleOfTheLargest) {
  const std::array<double, kPenNumbers> expected = {-1, 0.75, 2};
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_EQ(stroke_draw(kOutputs, 0, words(i)), expected);
}

}  // namespace
}  // namespace recur::stroke_loss_test
