#include "recur/types/simd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/settings.h"

namespace recur::simd_test {
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
struct LogSigmoid {
  static auto of(auto a) { return log_sigmoid(a); }
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

// Calls check(x, F(x), F(-x)) for every 11th float x from 2^-12 to 24, then for each one near where the functions or
// their arithmetic change: near 7, 9, 16, 16.8 and 24. Each part goes upwards.
template <class F, class Check>
void for_floats(Check check) {
  struct Part {
    std::uint32_t first, last, step;
  };
  const auto bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
  std::vector<Part> parts = {{bits(0x1p-12F), bits(24.0F), 11}};
  for (const float x : {0x1p-12F, 1.0F, 7.0F, 9.0F, 16.0F, 16.7990799F, 24.0F})
    parts.push_back({bits(x) - 2000, bits(x) + 2000, 1});
  constexpr std::size_t kBlock = 4096;
  std::vector<float> x(kBlock), mirrored(kBlock), y(kBlock), z(kBlock);
  for (const Part& part : parts) {
    for (std::uint32_t next = part.first; next <= part.last;) {
      for (std::size_t k = 0; k < kBlock; ++k, next += part.step) {
        x[k] = std::bit_cast<float>(std::min(next, part.last));
        mirrored[k] = -x[k];
      }
      dispatch<Map<F>>(static_cast<const float*>(x.data()), y.data(), kBlock);
      dispatch<Map<F>>(static_cast<const float*>(mirrored.data()), z.data(), kBlock);
      for (std::size_t k = 0; k < kBlock; ++k) check(x[k], y[k], z[k]);
    }
  }
}

// How far a function that should rise falls below its highest value so far, over one run of rising arguments above 7.
class Falls {
 public:
  void add(float x, float y) {
    if (x <= 7) return;
    highest_ = x < last_ ? y : std::max(highest_, y);
    last_ = x;
    most_ = std::max(most_, highest_ - y);
  }
  float most() const { return most_; }

 private:
  float last_ = 0, highest_ = -std::numeric_limits<float>::infinity(), most_ = 0;
};

class Simd : public testing::TestWithParam<SimdLevel> {
  const WithSimdLevel set_{GetParam()};
};
std::string level_test_name(const testing::TestParamInfo<SimdLevel>& info) {
  return info.param == SimdLevel::avx512 ? "Avx512" : info.param == SimdLevel::avx2 ? "Avx2" : "Baseline";
}
INSTANTIATE_TEST_SUITE_P(Levels, Simd, testing::ValuesIn(simd_levels()), level_test_name);

TEST_P(Simd, TanhIsWithinItsBoundAtEverySizeOfNumber) {
  double worst = 0, worst_relative = 0;
  Falls falls;
  std::size_t not_odd = 0, outside = 0, not_saturated = 0;
  for_floats<Tanh>([&](float x, float y, float mirrored) {
    const double expected = std::tanh(static_cast<double>(x)), error = std::abs(y - expected);
    worst = std::max(worst, error);
    worst_relative = std::max(worst_relative, error / expected);
    falls.add(x, y);
    not_odd += mirrored != -y;
    outside += y > 1;
    not_saturated += x >= 9 && y != 1;
  });
  EXPECT_LE(worst, 1.8e-7);
  EXPECT_LE(worst_relative, 3.6e-7);
  EXPECT_LE(falls.most(), 0x1p-23F);
  EXPECT_EQ(not_odd, 0U);
  EXPECT_EQ(outside, 0U);
  EXPECT_EQ(not_saturated, 0U);
}

TEST_P(Simd, TanhOfSmallNumbers) {
  const std::vector<float> x = sweep(0.01F), y = apply<Tanh>(x);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double expected = std::tanh(static_cast<double>(x[k]));
    ASSERT_LE(std::abs(y[k] - expected), 3.6e-7 * std::abs(expected)) << x[k];
  }
  const std::vector<float> zeros = apply<Tanh>({0.0F, -0.0F});
  EXPECT_EQ(zeros, (std::vector<float>{0, 0}));
  EXPECT_FALSE(std::signbit(zeros[0]));
  EXPECT_TRUE(std::signbit(zeros[1]));
}

TEST_P(Simd, SigmoidIsWithinItsBound) {
  double worst = 0;
  Falls falls, mirrored_falls;
  std::size_t outside = 0, not_saturated = 0;
  for_floats<Sigmoid>([&](float x, float y, float mirrored) {
    const double expected = 1 / (1 + std::exp(-static_cast<double>(x)));
    worst = std::max({worst, std::abs(y - expected), std::abs(mirrored - (1 - expected))});
    falls.add(x, y);
    mirrored_falls.add(x, -mirrored);
    outside += !(y >= 0 && y <= 1 && mirrored >= 0 && mirrored <= 1);
    not_saturated += x >= 16.8F && (y != 1 || mirrored != 0);
  });
  EXPECT_LE(worst, 2e-7);
  EXPECT_LE(falls.most(), 0x1p-23F);
  EXPECT_LE(mirrored_falls.most(), 0x1p-27F);
  EXPECT_EQ(outside, 0U);
  EXPECT_EQ(not_saturated, 0U);
  EXPECT_EQ(apply<Sigmoid>({0.0F, -0.0F}), (std::vector<float>{0.5F, 0.5F}));
}

TEST_P(Simd, SquashingFunctionsStayInTheirRange) {
  std::vector<float> x = sweep(30);
  const float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
  x.insert(x.end(), {infinity, -infinity, largest, -largest, 1e4F, -1e4F});
  for (const float y : apply<Tanh>(x)) ASSERT_LE(std::abs(y), 1.0F);
  for (const float y : apply<Sigmoid>(x)) ASSERT_TRUE(y >= 0 && y <= 1) << y;
  EXPECT_EQ(apply<Tanh>({infinity, -infinity, largest, -largest}), (std::vector<float>{1, -1, 1, -1}));
  EXPECT_EQ(apply<Sigmoid>({infinity, -infinity, largest, -largest}), (std::vector<float>{1, 0, 1, 0}));
}

TEST_P(Simd, LogSigmoidIsWithinItsBound) {
  const std::vector<float> x = sweep(80), y = apply<LogSigmoid>(x);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double a = x[k], expected = std::min(a, 0.0) - std::log1p(std::exp(-std::abs(a)));
    ASSERT_LE(std::abs(y[k] - expected), 3e-7 * std::abs(expected)) << x[k];
  }
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
    EXPECT_TRUE(std::isnan(y[1]) && std::isnan(y[3]));
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
}  // namespace recur::simd_test
