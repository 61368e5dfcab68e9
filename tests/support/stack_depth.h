// How deep a function's stack is.
#pragma once

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>

#include "base/threads.h"

namespace recur {

// Bytes of stack that work() uses, of which some were written: it runs on a thread of its own, whose stack was painted
// before, and starts no other.
template <class Work>
std::size_t stack_depth(const Work& work) {
  constexpr std::size_t kStackSize = std::size_t{4} << 20;
  constexpr unsigned char kPaint = 0xA5;
  auto* stack = static_cast<unsigned char*>(
      ::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
  std::memset(stack, kPaint, kStackSize);
  struct Call {
    const Work& work;
    const unsigned char* top = nullptr;
  } call{work};
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstack(&attributes, stack, kStackSize);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    auto& own = *static_cast<Call*>(argument);
    set_thread_count(1);
    own.top = static_cast<const unsigned char*>(__builtin_frame_address(0));
    own.work();
    return nullptr;
  };
  const bool started = ::pthread_create(&thread, &attributes, run, &call) == 0;
  EXPECT_TRUE(started);
  if (started) ::pthread_join(thread, nullptr);
  ::pthread_attr_destroy(&attributes);
  const unsigned char* deepest = stack;
  while (deepest < call.top && *deepest == kPaint) ++deepest;
  const auto depth = static_cast<std::size_t>(call.top - deepest);
  ::munmap(stack, kStackSize);
  return started ? depth : 0;
}

}  // namespace recur
