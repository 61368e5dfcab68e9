// The library where OpenMP gives fewer threads than there are cores, or than were asked for: those settings are read
// when a process starts, so that all that is used at once runs again in others.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/run_program.h"

namespace recur::thread_limit_test {
namespace {

class ThreadLimit : public testing::TestWithParam<std::vector<std::string>> {};
INSTANTIATE_TEST_SUITE_P(Settings, ThreadLimit,
                         testing::Values(std::vector<std::string>{"OMP_NUM_THREADS=4", "OMP_THREAD_LIMIT=1"},
                                         std::vector<std::string>{"OMP_NUM_THREADS=6", "OMP_THREAD_LIMIT=3"},
                                         std::vector<std::string>{"OMP_NUM_THREADS=6", "OMP_DYNAMIC=true"},
                                         std::vector<std::string>{"OMP_NUM_THREADS=4,4", "OMP_MAX_ACTIVE_LEVELS=2"}));

TEST_P(ThreadLimit, ChangesNothing) {
  ProgramOptions options;
  options.program = "/proc/self/exe";
  options.environment = GetParam();
  const ProgramResult result =
      run_program({"--gtest_filter=Concurrent.*:Threads.*:LanguageModel.ThreadsDoNotChangeABit"}, options);
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("[  PASSED  ]"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace recur::thread_limit_test
