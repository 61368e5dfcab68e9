#include "base/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/concurrent.h"
#include "support/settings.h"

namespace recur::threads_test {
namespace {

// Checks, for a piece of work, that no other runs under the same number at that time.
class Workers {
 public:
  explicit Workers(std::size_t count) : busy_(count) {}

  void run(std::size_t worker) {
    if (worker >= busy_.size() || busy_[worker].exchange(true)) {
      ++wrong_;
      return;
    }
    for (int i = 0; i < 10; ++i) std::this_thread::yield();
    busy_[worker] = false;
  }
  int wrong() const { return wrong_; }

 private:
  std::vector<std::atomic<bool>> busy_;
  std::atomic<int> wrong_ = 0;
};

// Both ways to cut work, each piece once and by a worker of its own: "" or what is wrong.
std::string check_workers() {
  Workers workers(thread_count());
  std::vector<int> done(100), covered(1000);
  parallel_for(done.size(), [&](std::size_t slice, std::size_t worker) {
    workers.run(worker);
    ++done[slice];
  });
  parallel_slices(covered.size(), 30, [&](std::size_t first, std::size_t last, std::size_t worker) {
    workers.run(worker);
    for (std::size_t i = first; i < last; ++i) ++covered[i];
  });
  for (const std::vector<int>& counts : {done, covered}) {
    for (const int count : counts) {
      if (count != 1) return "not done once";
    }
  }
  return workers.wrong() == 0 ? "" : "a worker's number is too large, or is used twice at once";
}

// All members come to wait as often: "" or what is wrong.
std::string check_team(std::size_t most) {
  const std::size_t threads = std::min(most, thread_count());
  std::atomic<int> wrong = 0;
  std::vector<int> rounds(most);
  parallel_team(most, [&](const TeamMember& member) {
    if (member.part >= member.parts || member.parts > threads) ++wrong;
    for (int round = 1; round <= 20; ++round) {
      rounds[member.part] = round;
      member.wait();
      for (std::size_t part = 0; part < member.parts; ++part) {
        if (rounds[part] != round) ++wrong;
      }
      member.wait();
    }
  });
  return wrong == 0 ? "" : "a member went on before another had come";
}

TEST(Threads, EachWorkerHasANumberOfItsOwn) {
  for (const std::size_t threads : {1U, 2U, 3U, 5U}) {
    const WithThreads set(threads);
    EXPECT_EQ(check_workers(), "") << threads;
    for (const std::size_t most : {1U, 2U, 4U}) EXPECT_EQ(check_team(most), "") << threads << ", " << most;
  }
}

TEST(Threads, NoSlicesAreNoWork) {
  parallel_slices(0, 30, [](std::size_t, std::size_t) { ADD_FAILURE(); });
  parallel_for(0, [](std::size_t) { ADD_FAILURE(); });
}

TEST(Threads, AttemptsThrowWhatAWorkerThrew) {
  for (const std::size_t threads : {1U, 3U}) {
    const WithThreads set(threads);
    std::atomic<int> done = 0;
    const auto work = [&](std::size_t slice) {
      if (slice % 7 == 6) throw std::bad_alloc();
      ++done;
    };
    EXPECT_THROW(parallel_attempts(50, work), std::bad_alloc);
    EXPECT_LT(done, 43);
    done = 0;
    parallel_attempts(6, work);
    EXPECT_EQ(done, 6);
  }
}

TEST(Threads, SettingsHoldForTheNextCall) {
  const WithThreads set(4);
  check_team(4);
  const WithThreads fewer(2);
  std::atomic<std::size_t> most = 0;
  parallel_team(4, [&](const TeamMember& member) {
    if (member.part == 0) most = member.parts;
  });
  EXPECT_LE(most, 2U);
  EXPECT_EQ(check_workers(), "");
}

TEST(Threads, UsersShareNothing) {
  expect_the_same_at_once([](std::size_t user) { return check_workers() + check_team(1 + user % 3); });
}

TEST(Threads, WithinARegionEachThreadWorksAlone) {
  const Results counts = in_a_region([](std::size_t) {
    std::size_t members = 0;
    parallel_team(4, [&](const TeamMember& member) { members = member.parts; });
    return std::to_string(omp_in_parallel() != 0 ? thread_count() * members : 1);
  });
  for (const std::string& count : counts) EXPECT_EQ(count, "1");
}

}  // namespace
}  // namespace recur::threads_test
