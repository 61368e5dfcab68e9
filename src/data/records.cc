#include "data/records.h"

#include "base/error.h"

namespace recur {

void fail_all_long(const std::string& data, const Records& records, const LengthLimit& limit) {
  fail("{}: all {} records are over --max-length {}; give a larger one, or no --drop-long", data, records.dropped,
       limit.most);
}

}  // namespace recur
