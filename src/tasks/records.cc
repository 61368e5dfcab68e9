#include "tasks/records.h"

#include "base/error.h"

namespace recur {

void fail_all_long(const InputFile& file, const Records& records, const LengthLimit& limit) {
  fail("{}: all {} records are over --max-length {}; give a larger one, or no --drop-long", file.name(),
       records.dropped, limit.most);
}

void write_in_order(const Records& records, const std::vector<std::string>& predictions, const WriteText& write) {
  std::size_t empty = 0;
  for (std::size_t i = 0; i <= predictions.size(); ++i) {
    for (; empty < records.empty_before.size() && records.empty_before[empty] == i; ++empty) write("\n");
    if (i < predictions.size()) write(predictions[i]);
  }
}

}  // namespace recur
