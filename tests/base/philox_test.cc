#include "base/philox.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <set>

namespace recur::philox_test {
namespace {

// The authors' known answers for philox4x32-10. Of the counter's words the first two are the position, the third the
// index, the fourth the purpose; the key is the seed.
TEST(Philox, KnownAnswers) {
  using Words = std::array<std::uint32_t, 4>;
  const auto block = [](const Words& counter, std::uint64_t key) {
    return Random(key, static_cast<RandomPurpose>(counter[3]), counter[2])
        .block(std::uint64_t{counter[1]} << 32 | counter[0]);
  };
  EXPECT_EQ(block({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(block({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, WordsRunThroughTheBlocks) {
  const Random random(7, RandomPurpose::test, 3);
  for (std::uint64_t position = 0; position < 12; ++position) {
    EXPECT_EQ(random.word(position), random.block(position / 4)[position % 4]);
  }
}

TEST(Philox, SeedPurposeIndexAndPositionAllMatter) {
  std::set<std::array<std::uint32_t, 4>> blocks;
  for (const std::uint64_t seed : {1ULL, 2ULL, 1ULL << 32}) {
    for (const RandomPurpose purpose : {RandomPurpose::dropout, RandomPurpose::sample}) {
      for (const std::uint32_t index : {0, 1}) {
        for (const std::uint64_t position : {0ULL, 1ULL, 1ULL << 32}) {
          blocks.insert(Random(seed, purpose, index).block(position));
        }
      }
    }
  }
  EXPECT_EQ(blocks.size(), 3U * 2U * 2U * 3U);
}

constexpr std::uint64_t kDraws = 100000;

// Bounds are five standard deviations of the mean.
TEST(Philox, UniformHasItsRangeAndMoments) {
  const Random random(1, RandomPurpose::test);
  double sum = 0, sum64 = 0, squares = 0;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const double u = random.uniform(k), v = random.uniform64(k);
    ASSERT_TRUE(u >= 0 && u < 1 && v >= 0 && v < 1);
    sum += u;
    sum64 += v;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(sum64 / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
}

TEST(Philox, NormalHasItsMoments) {
  const Random random(1, RandomPurpose::test);
  double sum = 0, squares = 0;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const double z = random.normal(k);
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(1.0 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
}

}  // namespace
}  // namespace recur::philox_test
