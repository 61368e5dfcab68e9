// The only batch layout: sequences of unequal length, longest first, their rows concatenated by time step. Step t holds
// rows(t) active rows, those of the sequences longer than t, from row offset(t) of [total, width] arrays. There is no
// padding and no mask; a rectangle is the special case.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

class Steps {
 public:
  Steps() = default;
  // Rows of each step; throws Error unless they are positive and never grow.
  explicit Steps(std::span<const std::size_t> rows) { assign(rows); }

  static Steps rectangle(std::size_t batch, std::size_t length);
  // Throws Error unless lengths are positive and never grow: sort the sequences longest first.
  static Steps from_lengths(std::span<const std::size_t> lengths);

  std::size_t length() const { return rows_.size(); }
  std::size_t batch() const { return rows_.empty() ? 0 : rows_.front(); }
  std::size_t total() const { return total_; }
  std::size_t rows(std::size_t step) const { return rows_[step]; }
  std::size_t offset(std::size_t step) const { return offset_[step]; }
  bool is_rectangle() const { return rows_.empty() || rows_.front() == rows_.back(); }
  // How many steps row `row` lasts.
  std::size_t length_of(std::size_t row) const;

 private:
  void assign(std::span<const std::size_t> rows);

  std::vector<std::size_t> rows_, offset_;
  std::size_t total_ = 0;
};

}  // namespace recur
