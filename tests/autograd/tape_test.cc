#include "autograd/tape.h"

#include <gtest/gtest.h>

#include <memory>

namespace recur::tape_test {
namespace {

TEST(Tape, KeepsWhatItIsGivenUntilTheRewind) {
  const auto watched = std::make_shared<int>(7);
  Tape tape;
  const std::shared_ptr<int>& first = tape.keep(std::shared_ptr<int>(watched));
  for (int i = 0; i < 100; ++i) tape.keep(i);
  EXPECT_EQ(*first, 7);  // where it was, whatever else came
  EXPECT_EQ(watched.use_count(), 2);
  tape.rewind();
  EXPECT_EQ(watched.use_count(), 1);
}

}  // namespace
}  // namespace recur::tape_test
