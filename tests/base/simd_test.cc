#include "recur/simd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/settings.h"

namespace recur {
namespace {

constexpr std::size_t kMostLanes = 16;

// Applies F::of to `count` numbers, a multiple of kMostLanes.
template <class F>
struct Map {
  template <class V>
  static void run(const float* in, float* out, std::size_t count) {
    for (std::size_t k = 0; k < count; k += V::kLanes) V(F::of(V::load(in + k))).store(out + k);
  }
};

struct Tanh {
  static auto of(auto a) { return tanh(a); }
};
struct Sigmoid {
  static auto of(auto a) { return sigmoid(a); }
};
struct Exp {
  static auto of(auto a) { return exp(a); }
};
struct Relu {
  static auto of(auto a) { return relu(a); }
};
struct Arithmetic {
  static auto of(auto a) { return min(sqrt(a * a), fma(a, a, -a) / a) - positive(a) + 2.0F; }
};

template <class F>
std::vector<float> apply(std::vector<float> in) {
  const std::size_t count = in.size();
  in.resize((count + kMostLanes - 1) / kMostLanes * kMostLanes, 1.0F);
  std::vector<float> out(in.size());
  dispatch<Map<F>>(in.data(), out.data(), in.size());
  out.resize(count);
  return out;
}

// [-limit, limit] in even steps, and both signs of every size of number below.
std::vector<float> sweep(float limit) {
  constexpr int kSteps = 400000;
  std::vector<float> x;
  for (int k = -kSteps; k <= kSteps; ++k) x.push_back(limit * static_cast<float>(k) / kSteps);
  for (float size = limit; size > 1e-30F; size *= 0.97F) x.insert(x.end(), {size, -size});
  return x;
}

class Simd : public testing::TestWithParam<SimdLevel> {
  const WithSimdLevel set_{GetParam()};
};
std::string level_test_name(const testing::TestParamInfo<SimdLevel>& info) {
  return info.param == SimdLevel::avx512 ? "Avx512" : info.param == SimdLevel::avx2 ? "Avx2" : "Baseline";
}
INSTANTIATE_TEST_SUITE_P(Levels, Simd, testing::ValuesIn(simd_levels()), level_test_name);

TEST_P(Simd, TanhIsWithinItsBound) {
  const std::vector<float> x = sweep(12), y = apply<Tanh>(x);
  double worst = 0, worst_relative = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double expected = std::tanh(static_cast<double>(x[k]));
    worst = std::max(worst, std::abs(y[k] - expected));
    if (x[k] != 0) worst_relative = std::max(worst_relative, std::abs(y[k] - expected) / std::abs(expected));
  }
  EXPECT_LE(worst, 5e-7);
  EXPECT_LE(worst_relative, 5e-7);
}

TEST_P(Simd, TanhIsOddAndExactAtZero) {
  std::vector<float> x = sweep(12);
  const std::vector<float> y = apply<Tanh>(x);
  for (float& value : x) value = -value;
  const std::vector<float> mirrored = apply<Tanh>(x);
  for (std::size_t k = 0; k < x.size(); ++k) ASSERT_EQ(mirrored[k], -y[k]) << x[k];
  EXPECT_EQ(apply<Tanh>({0.0F, -0.0F}), (std::vector<float>{0, 0}));
}

TEST_P(Simd, SigmoidIsWithinItsBound) {
  const std::vector<float> x = sweep(24), y = apply<Sigmoid>(x);
  double worst = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    worst = std::max(worst, std::abs(y[k] - 1 / (1 + std::exp(-static_cast<double>(x[k])))));
  }
  EXPECT_LE(worst, 3e-7);
  EXPECT_EQ(apply<Sigmoid>({0.0F}), (std::vector<float>{0.5F}));
}

TEST_P(Simd, SquashingFunctionsStayInTheirRange) {
  std::vector<float> x = sweep(30);
  const float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
  x.insert(x.end(), {infinity, -infinity, largest, -largest, 1e4F, -1e4F});
  for (const float y : apply<Tanh>(x)) ASSERT_LE(std::abs(y), 1.0F);
  for (const float y : apply<Sigmoid>(x)) ASSERT_TRUE(y >= 0 && y <= 1) << y;
}

TEST_P(Simd, ExpIsWithinTwoUnitsInTheLastPlace) {
  const std::vector<float> x = sweep(87), y = apply<Exp>(x);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double expected = std::exp(static_cast<double>(x[k]));
    const float rounded = static_cast<float>(expected);
    const double unit = std::nextafter(rounded, std::numeric_limits<float>::infinity()) - rounded;
    ASSERT_LE(std::abs(y[k] - expected), 2 * unit) << "exp(" << x[k] << ")";
  }
}

TEST_P(Simd, ExpIsClampedToFiniteNumbers) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> ends = apply<Exp>({-87, 88});
  EXPECT_GT(ends[0], 0);
  EXPECT_LT(ends[1], infinity);
  EXPECT_EQ(apply<Exp>({-88, -1000, -infinity}), std::vector<float>(3, ends[0]));
  EXPECT_EQ(apply<Exp>({89, 1000, infinity}), std::vector<float>(3, ends[1]));
}

TEST_P(Simd, ArithmeticIsPerLane) {
  const std::vector<float> x = {-3, -0.5F, 0.25F, 1, 2, 3, 5, 7};
  std::vector<float> expected;
  for (const float a : x) expected.push_back(std::min(std::abs(a), a - 1) - (a > 0 ? 1.0F : 0.0F) + 2);
  EXPECT_EQ(apply<Arithmetic>(x), expected);
  EXPECT_EQ(apply<Relu>({-2, -0.5F, 0, 0.5F, 2}), (std::vector<float>{0, 0, 0, 0.5F, 2}));
}

TEST_P(Simd, NotANumberDoesNoHarm) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1, nan, 2, nan};
  for (const auto& function : {&apply<Tanh>, &apply<Sigmoid>, &apply<Exp>, &apply<Relu>}) {
    const std::vector<float> y = function(x), alone = function({1, 1, 2, 2});
    EXPECT_EQ(y[0], alone[0]);
    EXPECT_EQ(y[2], alone[2]);
  }
}

TEST(SimdLevel, StartsWithTheBestAndCanBeLowered) {
  const std::vector<SimdLevel> levels = simd_levels();
  EXPECT_EQ(simd_level(), levels.back());
  {
    const WithSimdLevel set(SimdLevel::baseline);
    EXPECT_EQ(simd_level(), SimdLevel::baseline);
  }
  EXPECT_EQ(simd_level(), levels.back());
}

}  // namespace
}  // namespace recur
