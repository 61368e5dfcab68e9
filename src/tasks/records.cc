#include "tasks/records.h"

namespace recur {

void write_in_order(const Records& records, const std::vector<std::string>& predictions, const WriteText& write) {
  std::size_t empty = 0;
  for (std::size_t i = 0; i <= predictions.size(); ++i) {
    for (; empty < records.empty_before.size() && records.empty_before[empty] == i; ++empty) write("\n");
    if (i < predictions.size()) write(predictions[i]);
  }
}

}  // namespace recur
