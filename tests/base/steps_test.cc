#include "recur/types/steps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recur/types/error.h"
#include "support/error_of.h"

namespace recur::steps_test {
namespace {

using Counts = std::vector<std::size_t>;

Counts rows_of(const Steps& steps) {
  Counts rows;
  for (std::size_t t = 0; t < steps.length(); ++t) rows.push_back(steps.rows(t));
  return rows;
}
Counts offsets_of(const Steps& steps) {
  Counts offsets;
  for (std::size_t t = 0; t < steps.length(); ++t) offsets.push_back(steps.offset(t));
  return offsets;
}

TEST(Steps, FromLengths) {
  const Counts lengths = {5, 3, 3, 1};
  const Steps steps = Steps::from_lengths(lengths);
  EXPECT_EQ(rows_of(steps), (Counts{4, 3, 3, 1, 1}));
  EXPECT_EQ(offsets_of(steps), (Counts{0, 4, 7, 10, 11}));
  EXPECT_EQ(steps.batch(), 4U);
  EXPECT_EQ(steps.length(), 5U);
  EXPECT_EQ(steps.total(), 12U);
  EXPECT_FALSE(steps.is_rectangle());
  for (std::size_t row = 0; row < lengths.size(); ++row) EXPECT_EQ(steps.length_of(row), lengths[row]);
}

TEST(Steps, RowsOfEachStepSayTheSame) {
  const Steps steps(Counts{4, 3, 3, 1, 1});
  EXPECT_EQ(rows_of(steps), rows_of(Steps::from_lengths(Counts{5, 3, 3, 1})));
  EXPECT_EQ(offsets_of(steps), (Counts{0, 4, 7, 10, 11}));
}

TEST(Steps, Rectangle) {
  for (const Steps& steps : {Steps::rectangle(3, 2), Steps::from_lengths(Counts{2, 2, 2})}) {
    EXPECT_EQ(rows_of(steps), (Counts{3, 3}));
    EXPECT_EQ(offsets_of(steps), (Counts{0, 3}));
    EXPECT_EQ(steps.total(), 6U);
    EXPECT_TRUE(steps.is_rectangle());
    EXPECT_EQ(steps.length_of(2), 2U);
  }
}

TEST(Steps, Empty) {
  for (const Steps& steps : {Steps(), Steps::from_lengths({}), Steps::rectangle(3, 0)}) {
    EXPECT_EQ(steps.length(), 0U);
    EXPECT_EQ(steps.batch(), 0U);
    EXPECT_EQ(steps.total(), 0U);
    EXPECT_TRUE(steps.is_rectangle());
  }
}

TEST(Steps, RefusesWhatIsNoBatch) {
  EXPECT_EQ(error_of([] { Steps::from_lengths(Counts{1, 2}); }), "sequences of a batch must be sorted longest first");
  EXPECT_EQ(error_of([] {
              Steps::from_lengths(Counts{2, 0});
            }),
            "a batch holds an empty sequence; every sequence needs a step");
  EXPECT_EQ(error_of([] { Steps(Counts{2, 0}); }), "step 1 of the batch has no rows");
  EXPECT_EQ(error_of([] {
              Steps(Counts{3, 1, 2});
            }),
            "step 2 of the batch has more rows than step 1; sort longest first");
}

}  // namespace
}  // namespace recur::steps_test
