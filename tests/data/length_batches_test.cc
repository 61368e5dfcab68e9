#include "data/length_batches.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::length_batches_test {
namespace {

using Lengths = std::vector<std::uint32_t>;
using Batches = std::vector<std::vector<std::size_t>>;

Batches all_of(const LengthBatches& batches) {
  Batches all;
  for (std::size_t i = 0; i < batches.count(); ++i) all.emplace_back(batches[i].begin(), batches[i].end());
  return all;
}

// 200 records with many ties, lengths 0 to 11 and 0 to 2.
Lengths many(std::uint32_t below) {
  Lengths lengths(200);
  for (std::uint32_t i = 0; i < lengths.size(); ++i) lengths[i] = (i * 2654435761U >> 8) % below;
  return lengths;
}

TEST(LengthBatches, UnshuffledIsLongestFirstByBothLengths) {
  const Lengths lengths = {3, 5, 0, 5, 3}, others = {1, 2, 9, 7, 1};
  EXPECT_EQ(all_of(LengthBatches::unshuffled(lengths, others, {.records = 2})), (Batches{{3, 1}, {0, 4}, {2}}));
  EXPECT_EQ(all_of(LengthBatches::unshuffled(lengths, {}, {.records = 9})), (Batches{{1, 3, 0, 4, 2}}));
}

TEST(LengthBatches, TokensCountBothLengthsButARecordAlwaysFits) {
  const Lengths lengths = {9, 4, 2, 2, 1, 0}, others = {1, 0, 1, 0, 0, 0};
  EXPECT_EQ(all_of(LengthBatches::unshuffled(lengths, others, {.records = 9, .tokens = 7})),
            (Batches{{0}, {1, 2}, {3, 4, 5}}));
  EXPECT_EQ(all_of(LengthBatches::unshuffled(lengths, {}, {.records = 2, .tokens = 6})),
            (Batches{{0}, {1, 2}, {3, 4}, {5}}));
}

TEST(LengthBatches, EveryEpochHasEveryRecordOnceWithinTheLimits) {
  const Lengths lengths = many(12), others = many(3);
  const BatchLimits limits{.records = 7, .tokens = 40};
  LengthBatches batches(lengths, others, limits, 1);
  const std::size_t count = batches.count();
  for (std::uint64_t epoch = 0; epoch < 5; ++epoch) {
    batches.begin_epoch(epoch);
    ASSERT_EQ(batches.count(), count);
    std::vector<int> seen(lengths.size());
    for (const std::vector<std::size_t>& batch : all_of(batches)) {
      ASSERT_FALSE(batch.empty());
      EXPECT_LE(batch.size(), limits.records);
      std::size_t tokens = 0;
      for (const std::size_t record : batch) {
        ++seen[record];
        tokens += lengths[record] + others[record];
      }
      EXPECT_TRUE(tokens <= limits.tokens || batch.size() == 1);
      EXPECT_TRUE(std::ranges::is_sorted(batch, std::ranges::greater{}, [&](std::size_t record) {
        return std::pair(lengths[record], others[record]);
      }));
    }
    EXPECT_EQ(std::ranges::count(seen, 1), 200);
  }
}

TEST(LengthBatches, SeedAndEpochDecideTheOrder) {
  const Lengths lengths = many(12);
  LengthBatches one(lengths, {}, {.records = 7}, 1), same(lengths, {}, {.records = 7}, 1);
  const LengthBatches other_seed(lengths, {}, {.records = 7}, 2);
  const Batches first = all_of(one);
  EXPECT_EQ(first, all_of(same));
  EXPECT_NE(first, all_of(other_seed));
  one.begin_epoch(3);
  same.begin_epoch(2);
  same.begin_epoch(3);
  EXPECT_EQ(all_of(one), all_of(same));
  EXPECT_NE(all_of(one), first);
  one.begin_epoch(0);
  EXPECT_EQ(all_of(one), first);
  Batches sorted = first, unshuffled = all_of(LengthBatches::unshuffled(lengths, {}, {.records = 7}));
  std::ranges::sort(sorted);
  std::ranges::sort(unshuffled);
  EXPECT_NE(sorted, unshuffled) << "ties have not been drawn";
}

TEST(LengthBatches, TheDrawnOrderIsTheSameOnEveryMachine) {
  const Lengths lengths = {1, 1, 1, 2, 2, 3};
  EXPECT_EQ(all_of(LengthBatches(lengths, {}, {.records = 2}, 7)), (Batches{{0, 2}, {3, 1}, {5, 4}}));
}

TEST(LengthBatches, EdgeCases) {
  EXPECT_EQ(LengthBatches({}, {}, {}, 1).count(), 0u);
  EXPECT_EQ(all_of(LengthBatches(Lengths{0}, {}, {.records = 1, .tokens = 1}, 1)), Batches{{0}});
  EXPECT_EQ(error_of([] { LengthBatches({}, {}, {.records = 0}, 1); }), "--batch: expected at least 1, got 0");
}

}  // namespace
}  // namespace recur::length_batches_test
