#include "recur/types/steps.h"

#include <algorithm>

#include "base/error.h"

namespace recur {

void Steps::assign(std::span<const std::size_t> rows) {
  for (std::size_t t = 0; t < rows.size(); ++t) {
    if (rows[t] == 0) fail("step {} of the batch has no rows", t);
    if (t > 0 && rows[t] > rows[t - 1])
      fail("step {} of the batch has more rows than step {}; sort longest first", t, t - 1);
    offset_.push_back(total_);
    total_ += rows[t];
  }
  rows_.assign(rows.begin(), rows.end());
}

Steps Steps::rectangle(std::size_t batch, std::size_t length) { return Steps(std::vector<std::size_t>(length, batch)); }

Steps Steps::from_lengths(std::span<const std::size_t> lengths) {
  if (!std::is_sorted(lengths.rbegin(), lengths.rend())) fail("sequences of a batch must be sorted longest first");
  if (!lengths.empty() && lengths.back() == 0) fail("a batch holds an empty sequence; every sequence needs a step");
  std::vector<std::size_t> rows(lengths.empty() ? 0 : lengths.front());
  std::size_t active = lengths.size();
  for (std::size_t t = 0; t < rows.size(); ++t) {
    while (lengths[active - 1] <= t) --active;
    rows[t] = active;
  }
  return Steps(rows);
}

std::size_t Steps::length_of(std::size_t row) const {
  const auto end = std::partition_point(rows_.begin(), rows_.end(), [row](std::size_t rows) { return rows > row; });
  return static_cast<std::size_t>(end - rows_.begin());
}

}  // namespace recur
