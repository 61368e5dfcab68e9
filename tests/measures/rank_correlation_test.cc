#include "measures/rank_correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace recur::rank_correlation_test {
namespace {

using Numbers = std::vector<double>;

TEST(RankCorrelation, IsSpearmans) {
  EXPECT_EQ(rank_correlation(Numbers{1, 2, 3}, Numbers{10, 100, 1000}), 1);
  EXPECT_EQ(rank_correlation(Numbers{1, 2, 3}, Numbers{3, 2, 1}), -1);
  // Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): d = 1, 1, 0, 2, 2.
  EXPECT_NEAR(rank_correlation(Numbers{1, 2, 3, 4, 5}, Numbers{2, 1, 3, 6, 4}), 1 - 6.0 * 4 / 120, 1e-12);
}

TEST(RankCorrelation, EqualNumbersShareTheirRanks) {
  // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: Pearson's correlation of these.
  EXPECT_NEAR(rank_correlation(Numbers{1, 2, 2, 3}, Numbers{1, 3, 2, 4}), 4.5 / std::sqrt(4.5 * 5), 1e-12);
  EXPECT_NEAR(rank_correlation(Numbers{1, 3, 2, 4}, Numbers{1, 2, 2, 3}), 4.5 / std::sqrt(4.5 * 5), 1e-12);
}

TEST(RankCorrelation, IsNoNumberWhereThereIsNothingToRank) {
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{}, Numbers{})));
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1}, Numbers{1})));
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1, 1}, Numbers{1, 2})));
}

}  // namespace
}  // namespace recur::rank_correlation_test
