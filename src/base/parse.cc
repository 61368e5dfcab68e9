#include "base/parse.h"

#include <algorithm>

#include "base/error.h"
#include "base/show.h"

namespace recur {

std::vector<std::string> parse_names(std::string_view names, const char* flag) {
  std::vector<std::string> list;
  if (names.empty()) return list;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    list.emplace_back(names.substr(begin, end - begin));
    if (list.back().empty()) fail("--{}: expected names of columns with commas between, got {}", flag, quote(names));
    begin = end + 1;
  }
  return list;
}

}  // namespace recur
