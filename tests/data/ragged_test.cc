#include "data/ragged.h"

#include <gtest/gtest.h>

namespace recur::ragged_test {
namespace {

TEST(Ragged, HoldsArraysOfEveryLength) {
  const std::vector<std::vector<int>> arrays = {{}, {1, 2, 3}, {}, {4}, {}};
  Ragged<int> ragged;
  EXPECT_EQ(ragged.size(), 0u);
  for (const std::vector<int>& array : arrays) ragged.add(array);
  ASSERT_EQ(ragged.size(), arrays.size());
  EXPECT_EQ(ragged.total(), 4u);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ(std::vector<int>(ragged[i].begin(), ragged[i].end()), arrays[i]) << "array " << i;
  }
}

}  // namespace
}  // namespace recur::ragged_test
