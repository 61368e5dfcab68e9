#include "measures/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace recur {

CommonEnds common_ends(std::span<const std::string> a, std::span<const std::string> b) {
  CommonEnds same;
  const std::size_t most = std::min(a.size(), b.size());
  while (same.front < most && a[same.front] == b[same.front]) ++same.front;
  while (same.front + same.back < most && a[a.size() - 1 - same.back] == b[b.size() - 1 - same.back]) ++same.back;
  return same;
}

std::size_t edit_distance(std::span<const std::string> a, std::span<const std::string> b) {
  const CommonEnds same = common_ends(a, b);
  a = a.subspan(same.front, a.size() - same.front - same.back);
  b = b.subspan(same.front, b.size() - same.front - same.back);
  std::vector<std::size_t> row(b.size() + 1);  // from the first i tokens of a to the first j of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace recur
