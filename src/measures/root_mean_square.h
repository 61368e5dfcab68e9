// The root of a mean of squares, of numbers of any size: each as a share of the largest so far, so that no square is
// too large or too small (Blue 1978).
#pragma once

#include <cmath>
#include <cstddef>

namespace recur {

class RootMeanSquare {
 public:
  void add(double x) {
    const double size = std::abs(x);
    ++count_;
    if (size > largest_) {
      const double share = largest_ / size;
      squares_ = squares_ * share * share + 1;
      largest_ = size;
    } else if (size > 0) {
      const double share = size / largest_;
      squares_ += share * share;
    } else if (std::isnan(x)) {
      largest_ = x;
    }
  }
  std::size_t count() const { return count_; }
  // 0 of none.
  double root() const { return count_ == 0 ? 0 : largest_ * std::sqrt(squares_ / static_cast<double>(count_)); }

 private:
  double largest_ = 0, squares_ = 0;
  std::size_t count_ = 0;
};

}  // namespace recur
