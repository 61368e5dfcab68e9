// Where a file has what is asked of it, as its sources know it.
#pragma once

#include <utility>

#include "recur/types/record.h"

namespace recur {

struct SourceLayout : DataLayout {
  SourceLayout(DataLayout layout = {}) : DataLayout(std::move(layout)) {}

  const char* columns_flag = "--columns";  // what messages call `columns`
  bool guessed = false;                    // the format, by how the data begins
};

}  // namespace recur
