// Ranges of a matrix's rows, read in order as if they lay together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "kernels/product.h"
#include "kernels/product_tiles.h"

namespace recur {

inline std::size_t rows_in(std::span<const RowRange> ranges) {
  std::size_t rows = 0;
  for (const RowRange& range : ranges) rows += range.count();
  return rows;
}

class RowReader {
 public:
  RowReader(const ConstMatrix& m, std::span<const RowRange> ranges) : m_(m), ranges_(ranges) {}

  void skip(std::size_t rows) {
    while (rows > 0) rows -= next(rows).rows;
  }

  // The next rows, at most `most`: those that lie together, at least one. There must be some left.
  ConstMatrix next(std::size_t most) {
    while (read_ == ranges_.front().count()) {
      ranges_ = ranges_.subspan(1);
      read_ = 0;
    }
    const std::size_t first = ranges_.front().first + read_;
    const std::size_t count = std::min(most, ranges_.front().last - first);
    read_ += count;
    return {m_.data + first * m_.stride, count, m_.columns, m_.stride};
  }

  // Has the second-level cache fetch `count` rows that come `ahead` rows after the last ones read, if they lie together
  // with them: rows that are far apart the processor does not fetch unasked.
  void fetch(std::size_t ahead, std::size_t count) const {
    const RowRange& range = ranges_.front();
    const std::size_t first = range.first + read_ + ahead;
    for (std::size_t r = first; r < std::min(range.last, first + count); ++r)
      for (std::size_t j = 0; j < m_.columns; j += tiles::kLine) __builtin_prefetch(m_.data + r * m_.stride + j, 0, 2);
  }

 private:
  ConstMatrix m_;
  std::span<const RowRange> ranges_;
  std::size_t read_ = 0;  // rows of the first range
};

}  // namespace recur
