// The same work on many threads at once: those of a program, and those of an OpenMP region of its own.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <cstddef>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace recur {

inline constexpr std::size_t kUsers = 8;

// What work(user) returned or threw, of each user.
using Results = std::array<std::string, kUsers>;

template <class Work>
std::string result_of(const Work& work, std::size_t user) {
  try {
    return work(user);
  } catch (const std::exception& error) {
    return std::string("threw: ") + error.what();
  }
}

// On a thread each, all at once.
template <class Work>
Results on_threads(const Work& work) {
  Results results;
  std::barrier start(static_cast<std::ptrdiff_t>(kUsers));
  std::vector<std::jthread> threads;
  for (std::size_t user = 0; user < kUsers; ++user) {
    threads.emplace_back([&, user] {
      start.arrive_and_wait();
      results[user] = result_of(work, user);
    });
  }
  threads.clear();  // waits
  return results;
}

// Shared by the threads of an OpenMP region, if that gets more than one.
template <class Work>
Results in_a_region(const Work& work) {
  Results results;
#pragma omp parallel for num_threads(kUsers) schedule(static, 1)
  for (std::size_t user = 0; user < kUsers; ++user) results[user] = result_of(work, user);
  return results;
}

// Expects of both what work(user) returns alone. All that it returns is compared: bits written as text.
template <class Work>
void expect_the_same_at_once(const Work& work) {
  Results alone;
  for (std::size_t user = 0; user < kUsers; ++user) {
    alone[user] = result_of(work, user);
    EXPECT_FALSE(alone[user].starts_with("threw: ")) << alone[user];
  }
  EXPECT_EQ(on_threads(work), alone);
  EXPECT_EQ(in_a_region(work), alone);
}

}  // namespace recur
