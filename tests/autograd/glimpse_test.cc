#include "autograd/glimpse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "autograd/arrange.h"
#include "autograd/readout.h"
#include "kernels/noise.h"
#include "support/gradient_check.h"

namespace recur::glimpse_test {
namespace {

constexpr std::size_t kRows = 19;  // more than a slice of work
constexpr GlimpseShape kShape{2, 5, 6, 3};

std::vector<float> probabilities(std::size_t count) {
  std::vector<float> p = random_floats(count, 0.5, 7);
  for (float& one : p) one += 0.5F;
  return p;
}

// The squared distance from random targets of what an operation makes of rows of arrays.
struct Problem {
  std::vector<std::size_t> widths;  // of the arrays
  std::function<Var(Tape&, const std::vector<Var>&)> operation;

  std::vector<std::vector<float>> arrays(std::size_t rows) const {
    std::vector<std::vector<float>> all;
    for (std::size_t i = 0; i < widths.size(); ++i) all.push_back(random_floats(rows * widths[i], 0.5, i + 1));
    return all;
  }
  Computation computation(std::size_t rows) const {
    return [this, rows](Tape& tape, std::vector<std::vector<float>>& all, std::vector<std::vector<float>>& gradients) {
      std::vector<Var> vars;
      for (std::size_t i = 0; i < widths.size(); ++i) vars.push_back(tape.add(all[i].data(), rows, widths[i]));
      const Var y = operation(tape, vars);
      const Matrix value = tape.value(y);
      const std::vector<float> targets = random_floats(value.rows * value.columns, 1, 20);
      const double number = squared_error(tape, y, targets, 1);
      if (!tape.recording()) return number;
      tape.backward();
      for (std::size_t i = 0; i < vars.size(); ++i) {
        std::copy_n(tape.gradient(vars[i]).data, gradients[i].size(), gradients[i].begin());
      }
      return number;
    };
  }
};

std::vector<float>& pictures() {
  static std::vector<float> x = probabilities(kRows * kShape.pixels());
  return x;
}
Var picture_rows(Tape& tape, std::size_t rows) { return tape.add(pictures().data(), rows, kShape.pixels()); }

const std::vector<std::pair<std::string, Problem>> kProblems = {
    {"see",
     {{5, kShape.pixels()},
      [](Tape& t, const std::vector<Var>& v) {
        return see(t, kShape, v[0], picture_rows(t, t.value(v[0]).rows), v[1]);
      }}},
    {"stroke",
     {{5 + kShape.patch(), kShape.pixels()},
      [](Tape& t, const std::vector<Var>& v) {
        // The canvas is kept: on a tape that does not record it is drawn upon.
        const Matrix before = t.value(v[1]);
        const Var canvas = t.recording() ? v[1] : t.add(before.rows, before.columns);
        std::copy_n(before.data, before.rows * before.columns, t.value(canvas).data);
        return stroke(t, kShape, v[0], canvas);
      }}},
    {"see whole",
     {{kShape.pixels()},
      [](Tape& t, const std::vector<Var>& v) { return see_whole(t, picture_rows(t, t.value(v[0]).rows), v[0]); }}},
};

TEST(DrawingOperations, HaveTheRightGradients) {
  for (const auto& [name, problem] : kProblems) {
    SCOPED_TRACE(name);
    expect_gradients(problem.computation(2), problem.arrays(2), 1e-3);
  }
}

TEST(DrawingOperations, AreTheSameOnAnyThreads) {
  for (const auto& [name, problem] : kProblems) {
    SCOPED_TRACE(name);
    expect_same_on_any_threads(problem.computation(kRows), problem.arrays(kRows));
  }
}

TEST(DrawingOperations, SeeingTheWholeIsThePictureAndWhatTheCanvasLacks) {
  Tape tape;
  std::vector<float> x = {0, 1, 0.5F}, canvas = {0, std::log(3.0F), -80};
  const Matrix y = tape.value(see_whole(tape, tape.add(x.data(), 1, 3), tape.add(canvas.data(), 1, 3)));
  const std::vector<float> expected = {0, 1, 0.5F, -0.5F, 0.25F, 0.5F};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(y.data[i], expected[i], 1e-6F) << i;
}

TEST(DrawingOperations, ARowThatIsRepeatedGathersItsGradients) {
  Tape tape;
  const std::vector<float> row = {1, -2};
  std::vector<float> gradient = {100, 200};
  const Var y = repeat_row(tape, {row.data(), gradient.data(), 1, 2}, 3);
  const float* value = tape.value(y).data;
  EXPECT_EQ(std::vector<float>(value, value + 6), (std::vector<float>{1, -2, 1, -2, 1, -2}));
  const std::vector<float> d = {1, 10, 2, 20, 3, 30};
  std::copy(d.begin(), d.end(), tape.gradient(y).data);
  tape.backward();
  EXPECT_EQ(gradient, (std::vector<float>{106, 260}));
}

// Odd widths, so that vectors do not fit.
TEST(DrawnLatents, FollowTheirDistributionAndItsDivergence) {
  constexpr std::size_t kNumbers = 21;
  std::vector<float> q = random_floats(2 * 2 * kNumbers, 1, 3);
  const std::vector<float> noise = random_floats(2 * kNumbers, 2, 4);
  Tape tape;
  std::vector<double> nats = {1, 2};
  const Matrix z = tape.value(draw_latent(tape, tape.add(q.data(), 2, 2 * kNumbers), noise.data(), 1, nats));
  for (std::size_t row = 0; row < 2; ++row) {
    double expected = static_cast<double>(row + 1);
    for (std::size_t i = 0; i < kNumbers; ++i) {
      const double mean = q[row * 2 * kNumbers + i], log_deviation = q[(row * 2 + 1) * kNumbers + i];
      const double deviation = std::exp(log_deviation);
      const std::size_t place = row * kNumbers + i;
      expected += 0.5 * (mean * mean + deviation * deviation - 2 * log_deviation - 1);
      EXPECT_NEAR(z.data[place], mean + deviation * noise[place], 1e-5);
    }
    EXPECT_NEAR(nats[row], expected, 1e-5 * expected);
  }
}

TEST(DrawnLatents, HaveTheRightGradients) {
  constexpr std::size_t kNumbers = 5, kLatentRows = 3;
  const std::vector<float> noise = random_floats(kLatentRows * kNumbers, 2, 4);
  const std::vector<float> targets = random_floats(kLatentRows * kNumbers, 1, 5);
  const Computation computation = [&](Tape& tape, std::vector<std::vector<float>>& arrays,
                                      std::vector<std::vector<float>>& gradients) {
    const Var q = tape.add(arrays[0].data(), kLatentRows, 2 * kNumbers);
    std::vector<double> nats(kLatentRows);
    const Var z = draw_latent(tape, q, noise.data(), 0.5F, nats);
    double number = 2 * squared_error(tape, z, targets, 1);
    for (const double one : nats) number += one;
    if (!tape.recording()) return number;
    tape.backward();
    std::copy_n(tape.gradient(q).data, gradients[0].size(), gradients[0].begin());
    return number;
  };
  // squared_error is by 1, the divergence by 0.5: both are half of the number's.
  expect_gradients(computation, {random_floats(kLatentRows * 2 * kNumbers, 1, 6)}, 1e-4, 0.5);
}

TEST(BernoulliLoss, IsACrossEntropyWithTheRightGradient) {
  constexpr std::size_t kPixels = 37, kPictures = 2;
  std::vector<float> x = probabilities(kPictures * kPixels);
  x[0] = 0;
  x[1] = 1;
  const Computation computation = [&](Tape& tape, std::vector<std::vector<float>>& arrays,
                                      std::vector<std::vector<float>>& gradients) {
    const Var logits = tape.add(arrays[0].data(), kPictures, kPixels);
    std::vector<double> nats(kPictures);
    bernoulli_loss(tape, logits, tape.add(x.data(), kPictures, kPixels), 3, nats);
    if (tape.recording()) {
      tape.backward();
      std::copy_n(tape.gradient(logits).data, gradients[0].size(), gradients[0].begin());
    }
    return nats[0] + nats[1];
  };
  std::vector<std::vector<float>> arrays = {random_floats(kPictures * kPixels, 4, 6)};
  expect_gradients(computation, arrays, 1e-3, 3);
  arrays[0][0] = 100;
  arrays[0][1] = -100;
  double expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = arrays[0][i], p = x[i];
    expected += p * std::log1p(std::exp(-a)) + (1 - p) * std::log1p(std::exp(a));
  }
  EXPECT_NEAR(compute(computation, arrays).number, expected, 1e-6 * expected);
}

// (1 - p)^focal * -log p of each element, p the probability of what is right, in double.
TEST(BernoulliLoss, IsFocused) {
  const std::vector<float> right = {0, 1, 1, 0, 1, 0};
  for (const float focal : {0.5F, 1.0F, 2.0F, 5.0F}) {
    const Computation computation = [&](Tape& tape, std::vector<std::vector<float>>& arrays,
                                        std::vector<std::vector<float>>& gradients) {
      std::vector<float> x = right;
      const Var logits = tape.add(arrays[0].data(), 2, 3);
      std::vector<double> nats(2);
      bernoulli_loss(tape, logits, tape.add(x.data(), 2, 3), 3, nats, focal);
      if (tape.recording()) {
        tape.backward();
        std::copy_n(tape.gradient(logits).data, gradients[0].size(), gradients[0].begin());
        return nats[0] + nats[1];
      }
      double loss = 0;
      for (std::size_t i = 0; i < right.size(); ++i) {
        const double logit = static_cast<double>(arrays[0][i]);
        const double p = 1 / (1 + std::exp(right[i] > 0 ? -logit : logit));
        loss -= std::pow(1 - p, static_cast<double>(focal)) * std::log(p);
      }
      return loss;
    };
    expect_gradients(computation, {random_floats(6, 4, 7)}, 1e-6, 3);
    // Surely right, and surely wrong.
    std::vector<std::vector<float>> sure = {{-100, 100, 20, -20, -100, 100}};
    const std::vector<float> d = compute(computation, sure).gradients[0];
    for (const std::size_t i : {0U, 1U}) EXPECT_EQ(d[i], 0);
    EXPECT_NEAR(d[4], -3, 1e-5);
    EXPECT_NEAR(d[5], 3, 1e-5);
  }
}

TEST(NormalNoise, IsStandardNormalAndAFunctionOfItsPosition) {
  const Random random(3, RandomPurpose::test);
  std::vector<float> all(40'000);
  draw_normal(random, 8, all);
  double mean = 0, square = 0, cube = 0, fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double x = all[i];
    mean += x;
    square += x * x;
    cube += x * x * x;
    fourth += x * x * x * x;
    neighbours += x * static_cast<double>(all[i ^ 1U]);
  }
  const auto count = static_cast<double>(all.size());
  // Within 4.5 deviations of each.
  EXPECT_NEAR(mean / count, 0, 4.5 / std::sqrt(count));
  EXPECT_NEAR(square / count, 1, 4.5 * std::sqrt(2 / count));
  EXPECT_NEAR(cube / count, 0, 4.5 * std::sqrt(15 / count));
  EXPECT_NEAR(fourth / count, 3, 4.5 * std::sqrt(96 / count));
  EXPECT_NEAR(neighbours / count, 0, 4.5 * std::sqrt(2 / count));
  std::vector<float> part(7);
  draw_normal(random, 8 + 12, part);
  for (std::size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], all[12 + i]) << i;
}

}  // namespace
}  // namespace recur::glimpse_test
