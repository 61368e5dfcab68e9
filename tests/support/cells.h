// Tests that run once for every cell that the library brings.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "recur/types/cell.h"

namespace recur {

class EveryCell : public testing::TestWithParam<std::string> {
 protected:
  const CellInfo& cell() const { return find_cell(GetParam()); }
};

inline auto every_cell() {
  std::vector<std::string> names;
  for (const CellInfo* cell : all_cells()) names.push_back(cell->name);
  return testing::ValuesIn(names);
}

// A name that GoogleTest allows.
inline std::string cell_test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace recur
