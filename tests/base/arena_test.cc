#include "base/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace recur::arena_test {
namespace {

// Sizes in bytes that need several blocks at first: some larger than a block, some that leave a rest unused.
const std::vector<std::size_t> kSizes = {1, 0, 64, 700000, 65, 600000, 5000000, 3, 900000};

std::vector<std::span<std::byte>> take_all(Arena& arena) {
  std::vector<std::span<std::byte>> taken;
  for (const std::size_t size : kSizes) taken.push_back(arena.take<std::byte>(size));
  return taken;
}

std::vector<const std::byte*> places(const std::vector<std::span<std::byte>>& taken) {
  std::vector<const std::byte*> places;
  for (const auto& span : taken) places.push_back(span.data());
  return places;
}

TEST(Arena, PiecesAreAlignedAndDoNotOverlap) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    auto taken = take_all(arena);
    for (std::size_t k = 0; k < taken.size(); ++k) {
      EXPECT_EQ(taken[k].size(), kSizes[k]);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(taken[k].data()) % 64, 0U);
      std::ranges::fill(taken[k], static_cast<std::byte>(k));
    }
    for (std::size_t k = 0; k < taken.size(); ++k) {
      EXPECT_EQ(std::ranges::count(taken[k], static_cast<std::byte>(k)), std::ssize(taken[k]));
    }
    arena.rewind();
  }
}

// Once it is one block, the same pieces lie at the same places: nothing is allocated.
TEST(Arena, IsOneBlockAfterARewind) {
  Arena arena;
  take_all(arena);
  arena.rewind();
  const auto first = places(take_all(arena));
  for (std::size_t k = 1; k < kSizes.size(); ++k) {
    const std::size_t rounded = (kSizes[k - 1] + 63) / 64 * 64;
    EXPECT_EQ(first[k], first[k - 1] + rounded);
  }
  arena.rewind();
  EXPECT_EQ(places(take_all(arena)), first);
}

TEST(Arena, ElementsHaveTheirType) {
  Arena arena;
  arena.take<char>(1);
  const std::span<double> numbers = arena.take<double>(5);
  EXPECT_EQ(numbers.size(), 5U);
  std::ranges::fill(numbers, 1.5);
  EXPECT_EQ(numbers[4], 1.5);
}

// A part lends its own bytes, and when they are all lent, others.
TEST(Arena, APartLendsItsPieceOfTheWhole) {
  Arena arena;
  arena.take<int>(3);
  Arena part = arena.part(256);
  const std::byte* after = arena.take<std::byte>(1).data();
  const std::span<std::byte> lent = part.take<std::byte>(100);
  EXPECT_EQ(lent.data() + 256, after);
  EXPECT_EQ(part.take<std::byte>(128).data(), lent.data() + 128);
  const Arena::Mark mark = part.mark();
  const std::span<std::byte> more = part.take<std::byte>(200);
  std::ranges::fill(more, std::byte{1});
  EXPECT_TRUE(more.data() < lent.data() || more.data() >= after);
  part.release(mark);
  part.rewind();
  std::ranges::fill(part.take<std::byte>(200), std::byte{2});
}

// Sizes that no number of bytes is: their product is not what is left of it.
TEST(Arena, RefusesMoreThanThereCanBe) {
  Arena arena;
  constexpr std::size_t kHalf = std::size_t{1} << 32;
  EXPECT_THROW(arena.take<float>(kHalf, kHalf), std::bad_alloc);
  EXPECT_THROW(arena.take<float>(kHalf << 30), std::bad_alloc);
  EXPECT_THROW(arena.take<std::byte>(~std::size_t{0}), std::bad_alloc);
  EXPECT_EQ(arena.take<float>(3, 5).size(), 15U);
}

TEST(Arena, MovesWithWhatItLent) {
  Arena arena;
  const std::span<int> lent = arena.take<int>(3);
  lent[2] = 7;
  const Arena moved = std::move(arena);
  EXPECT_EQ(lent[2], 7);
}

}  // namespace
}  // namespace recur::arena_test
