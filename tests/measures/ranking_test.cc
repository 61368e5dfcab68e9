#include "measures/ranking.h"

#include <gtest/gtest.h>

namespace recur::ranking_test {
namespace {

// By hand: of the first question right ones are second and third of three, of the second one the first of two; of the
// third there is none.
TEST(Ranking, IsThatOfEachQuestion) {
  Ranking ranking;
  ranking.add("a", 0.9, false);
  ranking.add("b", 0.2, false);
  ranking.add("a", 0.3, true);
  ranking.add("b", 0.7, true);
  ranking.add("a", 0.5, true);
  ranking.add("c", 1, false);
  const Ranking::Result r = ranking.result();
  EXPECT_EQ(r.questions, 2U);
  EXPECT_EQ(r.without_right, 1U);
  EXPECT_DOUBLE_EQ(r.mean_average_precision, ((1 / 2.0 + 2 / 3.0) / 2 + 1) / 2);
  EXPECT_DOUBLE_EQ(r.mean_reciprocal_rank, (1 / 2.0 + 1) / 2);
  EXPECT_DOUBLE_EQ(r.right_first, 0.5);
}

TEST(Ranking, OfEqualScoresTheFirstComesFirst) {
  Ranking ranking;
  ranking.add("a", 0.5, false);
  ranking.add("a", 0.5, true);
  EXPECT_DOUBLE_EQ(ranking.result().mean_reciprocal_rank, 0.5);
}

TEST(Ranking, OfNothingIsNothing) { EXPECT_EQ(Ranking().result().mean_average_precision, 0); }

}  // namespace
}  // namespace recur::ranking_test
