#include "measures/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/threads.h"
#include "support/random.h"

namespace recur::nearest_test {
namespace {

// By hand: the mean is (2, 2); seen from there the rows are (-2, 0), (2, 0), (0, 2), (0, -2).
TEST(Nearest, IsTheHighestCosineAroundTheMean) {
  const std::vector<float> known = {0, 2, 4, 2, 2, 4, 2, 0};
  const std::vector<std::string> captions = {"west", "east", "north", "south"};
  // The mean itself is as near to all; a long way off counts as much as a short one.
  const std::vector<float> asked = {2.1F, 2, 2, 9, -50, 3, 2, 2};
  EXPECT_EQ(nearest_captions({known.data(), 4, 2, 2}, captions, {asked.data(), 4, 2, 2}),
            (std::vector<std::string>{"east", "north", "west", "west"}));
}

TEST(Nearest, OfEqualRowsTheFirst) {
  const std::vector<float> known = {5, 1, 0, 3, 0, 3, 5, 1};
  EXPECT_EQ(nearest_rows({known.data(), 4, 2, 2}, {known.data(), 4, 2, 2}), (std::vector<std::size_t>{0, 1, 1, 0}));
}

// More rows than are compared at once, against plain loops in double.
TEST(Nearest, AgreesWithPlainLoops) {
  constexpr std::size_t kKnown = 2500, kAsked = 40, kWidth = 7;
  const Random random(9, RandomPurpose::test);
  std::vector<float> numbers((kKnown + kAsked) * kWidth);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(random.word(i) % 1000) / 100;
  std::copy_n(numbers.begin(), kWidth, numbers.begin() + 2000 * kWidth);    // the first row comes again,
  std::copy_n(numbers.begin(), kWidth, numbers.begin() + kKnown * kWidth);  // and is asked for
  const ConstMatrix known{numbers.data(), kKnown, kWidth, kWidth};
  const ConstMatrix asked{numbers.data() + kKnown * kWidth, kAsked, kWidth, kWidth};
  std::vector<double> mean(kWidth);
  for (std::size_t i = 0; i < kKnown * kWidth; ++i) mean[i % kWidth] += static_cast<double>(numbers[i]) / kKnown;
  const auto cosine = [&](const float* a, const float* b) {
    double product = 0, of_a = 0, of_b = 0;
    for (std::size_t k = 0; k < kWidth; ++k) {
      const double x = static_cast<double>(a[k]) - mean[k], y = static_cast<double>(b[k]) - mean[k];
      product += x * y;
      of_a += x * x;
      of_b += y * y;
    }
    return product / std::sqrt(of_a * of_b);
  };
  const std::vector<std::size_t> nearest = nearest_rows(known, asked);
  for (std::size_t row = 0; row < kAsked; ++row) {
    const float* const question = asked.data + row * kWidth;
    double highest = -1;
    for (std::size_t i = 0; i < kKnown; ++i) highest = std::max(highest, cosine(known.data + i * kWidth, question));
    EXPECT_NEAR(cosine(known.data + nearest[row] * kWidth, question), highest, 1e-6) << row;
  }
  EXPECT_EQ(nearest[0], 0U);
  const std::size_t threads = thread_count();
  set_thread_count(1);
  EXPECT_EQ(nearest_rows(known, asked), nearest);
  set_thread_count(threads);
}

TEST(Nearest, OfNothingIsNothing) {
  const std::vector<float> known = {1, 2};
  EXPECT_TRUE(nearest_rows({known.data(), 1, 2, 2}, {nullptr, 0, 2, 2}).empty());
}

}  // namespace
}  // namespace recur::nearest_test
