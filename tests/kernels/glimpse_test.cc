// Glimpses and strokes against the equations of the paper in double, and their gradients against differences of those.
#include "kernels/glimpse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "support/random.h"
#include "support/settings.h"

namespace recur::glimpse_test {
namespace {

using Doubles = std::vector<double>;

// F [N, length], as in the paper: places from 1 on.
Doubles filters(std::size_t n, std::size_t length, double centre, double distance, double variance) {
  Doubles f(n * length);
  for (std::size_t j = 0; j < n; ++j) {
    const double middle = centre + (static_cast<double>(j) - 0.5 * static_cast<double>(n - 1)) * distance;
    double sum = 1e-8;
    for (std::size_t a = 0; a < length; ++a) {
      const double away = static_cast<double>(a + 1) - middle;
      f[j * length + a] = std::exp(-away * away / (2 * variance));
      sum += f[j * length + a];
    }
    for (std::size_t a = 0; a < length; ++a) f[j * length + a] /= sum;
  }
  return f;
}

struct Filters {
  Filters(const GlimpseShape& s, const Doubles& numbers) {
    const auto most = static_cast<double>(std::max(s.width, s.height) - 1);
    const double distance =
        most / static_cast<double>(std::max<std::size_t>(s.size - 1, 1)) * std::exp(std::clamp(numbers[3], -15., 15.));
    const double variance = std::exp(std::clamp(numbers[2], -15., 15.));
    x = filters(s.size, s.width, 0.5 * static_cast<double>(s.width + 1) * (numbers[0] + 1), distance, variance);
    y = filters(s.size, s.height, 0.5 * static_cast<double>(s.height + 1) * (numbers[1] + 1), distance, variance);
    gamma = std::exp(std::clamp(numbers[4], -15., 15.));
  }
  Doubles x, y;
  double gamma;
};

Doubles see(const GlimpseShape& s, const Doubles& numbers, const Doubles& x, const Doubles& canvas) {
  const Filters f(s, numbers);
  Doubles seen(2 * s.patch());
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t c = 0; c < s.channels; ++c)
      for (std::size_t i = 0; i < s.size; ++i)
        for (std::size_t j = 0; j < s.size; ++j) {
          double sum = 0;
          for (std::size_t b = 0; b < s.height; ++b)
            for (std::size_t a = 0; a < s.width; ++a) {
              const std::size_t p = (c * s.height + b) * s.width + a;
              const double pixel = k == 0 ? x[p] : x[p] - 1 / (1 + std::exp(-canvas[p]));
              sum += f.y[i * s.height + b] * pixel * f.x[j * s.width + a];
            }
          seen[((k * s.channels + c) * s.size + i) * s.size + j] = f.gamma * sum;
        }
  return seen;
}

Doubles stroke(const GlimpseShape& s, const Doubles& numbers, const Doubles& patch, const Doubles& before) {
  const Filters f(s, numbers);
  Doubles after = before;
  for (std::size_t c = 0; c < s.channels; ++c)
    for (std::size_t b = 0; b < s.height; ++b)
      for (std::size_t a = 0; a < s.width; ++a)
        for (std::size_t i = 0; i < s.size; ++i)
          for (std::size_t j = 0; j < s.size; ++j) {
            after[(c * s.height + b) * s.width + a] +=
                f.y[i * s.height + b] * patch[(c * s.size + i) * s.size + j] * f.x[j * s.width + a] / f.gamma;
          }
  return after;
}

// By each element of `at`, of the sum of weights times what `compute` makes.
Doubles slopes(const std::function<Doubles(const Doubles&)>& compute, Doubles at, const Doubles& weights) {
  constexpr double kStep = 1e-5;
  const auto number = [&] {
    const Doubles y = compute(at);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += weights[i] * y[i];
    return sum;
  };
  Doubles result;
  for (double& value : at) {
    const double kept = value;
    value = kept + kStep;
    const double above = number();
    value = kept - kStep;
    result.push_back((above - number()) / (2 * kStep));
    value = kept;
  }
  return result;
}

std::vector<float> floats(const Doubles& x) { return {x.begin(), x.end()}; }
Doubles rounded(const Doubles& x) {
  const std::vector<float> f = floats(x);
  return {f.begin(), f.end()};
}

void expect_close(const std::vector<float>& got, const Doubles& expected, double tolerance, const char* what) {
  ASSERT_EQ(got.size(), expected.size());
  double largest = 0;
  for (const double e : expected) largest = std::max(largest, std::abs(e));
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], tolerance * (largest + 1e-3)) << what << " " << i;
  }
}

struct Case {
  GlimpseShape shape;
  Doubles numbers;
};
const std::vector<Case> kCases = {
    {{1, 28, 28, 2}, {0.1, -0.2, 0.3, -1.1, 0.2}},    // as the paper's glimpses of digits
    {{1, 28, 28, 5}, {-0.4, 0.3, -0.5, -1.6, -0.3}},  // and its strokes
    {{3, 5, 7, 3}, {0.2, 0.1, -0.2, -0.4, 0.1}},      // colours, and no square
    {{1, 33, 17, 4}, {0.6, -0.7, 1.2, 0.2, 0}},       // some places beside the picture
    {{1, 16, 32, 1}, {0.05, 0.1, 1, 0.5, 0.4}},       // one place
    {{1, 1, 1, 2}, {0, 0, 0.5, 0, 0.1}},              // one pixel
    {{1, 9, 9, 3}, {0, 0, 0.5, -0.5, 15.5}},          // beyond the largest gamma
};

struct Arrays {
  explicit Arrays(const GlimpseShape& s)
      : x(rounded(random_values(s.pixels(), 0.5, 1))),
        canvas(rounded(random_values(s.pixels(), 2, 2))),
        patch(rounded(random_values(s.patch(), 1, 3))),
        of_seen(rounded(random_values(2 * s.patch(), 1, 4))),
        of_canvas(rounded(random_values(s.pixels(), 1, 5))) {}
  Doubles x, canvas, patch, of_seen, of_canvas;
};

constexpr double kTolerance = 2e-5;

void for_each_simd_level(const std::function<void()>& check) {
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    SCOPED_TRACE(simd_name(level));
    check();
  }
}

TEST(Glimpse, SeesAsInThePaper) {
  for_each_simd_level([&] {
    for (const Case& c : kCases) {
      const GlimpseShape& s = c.shape;
      const Arrays a(s);
      const Doubles numbers = rounded(c.numbers);
      std::vector<float> kept(s.kept()), scratch(s.scratch()), seen(2 * s.patch()), d_numbers(5), d_canvas(s.pixels());
      see(s, floats(numbers).data(), floats(a.x).data(), floats(a.canvas).data(), kept.data(), scratch.data(),
          seen.data());
      expect_close(seen, see(s, numbers, a.x, a.canvas), kTolerance, "seen");
      see_backward(s, floats(numbers).data(), floats(a.x).data(), floats(a.canvas).data(), kept.data(), seen.data(),
                   floats(a.of_seen).data(), scratch.data(), d_numbers.data(), d_canvas.data());
      expect_close(d_numbers, slopes([&](const Doubles& n) { return see(s, n, a.x, a.canvas); }, numbers, a.of_seen),
                   kTolerance, "by number");
      expect_close(d_canvas, slopes([&](const Doubles& n) { return see(s, numbers, a.x, n); }, a.canvas, a.of_seen),
                   kTolerance, "by pixel of the canvas");
    }
  });
}

TEST(Glimpse, DrawsAsInThePaper) {
  for_each_simd_level([&] {
    for (const Case& c : kCases) {
      const GlimpseShape& s = c.shape;
      const Arrays a(s);
      const Doubles numbers = rounded(c.numbers);
      std::vector<float> kept(s.kept()), scratch(s.scratch()), after = floats(a.canvas), d_numbers(5),
                                                               d_patch(s.patch());
      stroke(s, floats(numbers).data(), floats(a.patch).data(), after.data(), kept.data(), scratch.data(),
             after.data());
      expect_close(after, stroke(s, numbers, a.patch, a.canvas), kTolerance, "canvas");
      stroke_backward(s, floats(numbers).data(), floats(a.patch).data(), kept.data(), floats(a.of_canvas).data(),
                      scratch.data(), d_numbers.data(), d_patch.data());
      expect_close(d_numbers,
                   slopes([&](const Doubles& n) { return stroke(s, n, a.patch, a.canvas); }, numbers, a.of_canvas),
                   kTolerance, "by number");
      expect_close(d_patch,
                   slopes([&](const Doubles& n) { return stroke(s, numbers, n, a.canvas); }, a.patch, a.of_canvas),
                   kTolerance, "by place of the patch");
    }
  });
}

TEST(Glimpse, StaysFiniteWhereNumbersAreExtreme) {
  const GlimpseShape s{1, 7, 9, 3};
  const Arrays a(s);
  for (const double size : {20., 1000., 1e6}) {
    for (std::size_t signs = 0; signs < 32; ++signs) {
      std::vector<float> numbers(5);
      for (std::size_t i = 0; i < 5; ++i) numbers[i] = static_cast<float>((signs >> i & 1U) != 0 ? size : -size);
      std::vector<float> kept(s.kept()), scratch(s.scratch()), seen(2 * s.patch()), d_numbers(5), d_canvas(s.pixels());
      see(s, numbers.data(), floats(a.x).data(), floats(a.canvas).data(), kept.data(), scratch.data(), seen.data());
      see_backward(s, numbers.data(), floats(a.x).data(), floats(a.canvas).data(), kept.data(), seen.data(),
                   floats(a.of_seen).data(), scratch.data(), d_numbers.data(), d_canvas.data());
      for (const auto& array : {seen, d_numbers, d_canvas}) {
        EXPECT_TRUE(std::ranges::all_of(array, [](float x) { return std::isfinite(x); })) << size << ", " << signs;
      }
    }
  }
}

TEST(Glimpse, SaysWhereItLies) {
  const std::vector<float> numbers = {0, 0.5F, std::log(4.0F), std::log(0.5F), 0};
  const GlimpsePlace place = place_of({1, 9, 19, 3}, numbers.data());
  // Pixel a covers a - 1 to a: of 19 the middle one, the 10th, ends at 10.
  EXPECT_FLOAT_EQ(place.x, 9.5F);
  EXPECT_FLOAT_EQ(place.y, 7);
  EXPECT_FLOAT_EQ(place.distance, 4.5F);
  EXPECT_FLOAT_EQ(place.deviation, 2);
}

}  // namespace
}  // namespace recur::glimpse_test
