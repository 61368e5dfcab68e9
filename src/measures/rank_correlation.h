// How far two rankings agree.
#pragma once

#include <span>

namespace recur {

// Spearman's rho (1904): Pearson's correlation of ranks, equal numbers having the mean of their ranks. From -1 to 1;
// NaN where one side is all equal, or there are fewer than two. Both have the same length and no NaN.
double rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace recur
