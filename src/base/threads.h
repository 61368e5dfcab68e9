// Work over threads. Slices are numbered work items; what a slice computes must not depend on the number of threads, so
// that results are the same bits whatever it is.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "base/scratch.h"

namespace recur {

// Flushes denormal floats to zero on this thread while it lives: a decaying state would otherwise slow down a
// hundredfold.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040U); }
  ~FlushDenormals() { _mm_setcsr(saved_); }
#else
  FlushDenormals() = default;
  ~FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  unsigned saved_;
#endif
};

// How many threads share, at most, the work that the calling thread begins: it alone if it is one of a parallel region,
// whoever opened that. Each thread of a program has a count of its own.
inline std::size_t thread_count() {
  if (omp_in_parallel() != 0) return 1;
  return static_cast<std::size_t>(std::min(omp_get_max_threads(), omp_get_thread_limit()));
}
inline void set_thread_count(std::size_t count) { omp_set_num_threads(static_cast<int>(count)); }

// Calls work(item..., worker), or work(item...) if that is all it takes.
template <class Work, class... Item>
void call_work(const Work& work, std::size_t worker, Item... item) {
  if constexpr (std::is_invocable_v<const Work&, Item..., std::size_t>) {
    work(item..., worker);
  } else {
    work(item...);
  }
}

// Calls work(slice, worker) or work(slice) for every slice in [0, slices), in parallel. Workers are numbered from 0 to
// below thread_count(); one number's slices are worked through one after the other. `work` must not throw.
template <class Work>
void parallel_for(std::size_t slices, const Work& work) {
  const std::size_t threads = slices == 1 ? 1 : thread_count();
  if (threads == 1) {
    const FlushDenormals flush;
    for (std::size_t slice = 0; slice < slices; ++slice) call_work(work, 0, slice);
    return;
  }
#pragma omp parallel num_threads(static_cast <int>(threads))
  {
    const FlushDenormals flush;
    const auto worker = static_cast<std::size_t>(omp_get_thread_num());
    thread_scratch();  // now: which thread gets which slice is chance, and no later step may allocate
#pragma omp for schedule(dynamic, 1)
    for (std::size_t slice = 0; slice < slices; ++slice) call_work(work, worker, slice);
  }
}

// The same with work that may throw: what begins after that is left out, and the first exception is thrown on.
template <class Work>
void parallel_attempts(std::size_t slices, const Work& work) {
  std::exception_ptr thrown;
  std::atomic<bool> failed = false;
  parallel_for(slices, [&](std::size_t slice) {
    if (failed.load(std::memory_order_relaxed)) return;
    try {
      work(slice);
    } catch (...) {
      if (!failed.exchange(true)) thrown = std::current_exception();
    }
  });
  if (thrown) std::rethrow_exception(thrown);
}

// A thread of a team: number `part` of `parts`.
class TeamMember {
 public:
  // How often a member has come to wait for the others. Nothing shares its lines of cache.
  struct alignas(128) Arrivals {
    std::atomic<std::uint32_t> count{0};
  };

  TeamMember() = default;
  TeamMember(std::size_t number, std::size_t of, Arrivals* arrivals) : part(number), parts(of), arrivals_(arrivals) {}

  // Returns when all members have called it as often as this one. Takes a fraction of the time of OpenMP's barrier,
  // which is a tenth of a step of a layer of 128 units: only one line goes from each thread to each other.
  void wait() const {
    if (parts == 1) return;
    constexpr int kPolls = 256;  // then whoever is waited for may need this core
    const std::uint32_t now = arrivals_[part].count.load(std::memory_order_relaxed) + 1;
    arrivals_[part].count.store(now, std::memory_order_release);
    for (std::size_t other = 0; other < parts; ++other) {
      const auto behind = [&] {
        return static_cast<std::int32_t>(arrivals_[other].count.load(std::memory_order_acquire) - now) < 0;
      };
      for (int polls = 0; behind(); ++polls) polls < kPolls ? pause() : std::this_thread::yield();
    }
  }

  std::size_t part = 0, parts = 1;

 private:
  static void pause() {
#if defined(__SSE2__)
    _mm_pause();
#endif
  }

  Arrivals* arrivals_ = nullptr;
};

// Calls work(member) on as many threads as the team has members, at most `most` and thread_count(). `work` must not
// throw.
template <class Work>
void parallel_team(std::size_t most, const Work& work) {
  most = std::min(most, thread_count());
  if (most == 1) {
    const FlushDenormals flush;
    return work(TeamMember());
  }
  // Between two teams of the same size all counts are equal: nothing needs to be reset.
  static thread_local std::vector<TeamMember::Arrivals> of_this_thread;
  std::vector<TeamMember::Arrivals>& arrivals = of_this_thread;
  if (arrivals.size() != most) arrivals = std::vector<TeamMember::Arrivals>(most);
  std::size_t parts = most;
#pragma omp parallel num_threads(static_cast <int>(most))
  {
    const FlushDenormals flush;
    thread_scratch();
    const TeamMember member(static_cast<std::size_t>(omp_get_thread_num()),
                            static_cast<std::size_t>(omp_get_num_threads()), arrivals.data());
    if (member.part == 0) parts = member.parts;
    work(member);
  }
  if (parts != most) arrivals.clear();
}

// What is one slice of work: enough to be worth handing out, few enough to share evenly.
inline constexpr std::size_t kRowSlice = 96;                        // rows of some hundred numbers
inline constexpr std::size_t kElementSlice = std::size_t{1} << 14;  // numbers

// Cuts [0, total) into ranges of at most about `most` and calls work(first, last, worker) or work(first, last) for
// each, in parallel, with workers as in parallel_for. There are a multiple of eight ranges of about equal size, so that
// few threads share them evenly, unless they would get small.
template <class Work>
void parallel_slices(std::size_t total, std::size_t most, const Work& work) {
  if (total == 0) return;
  const std::size_t least = (total + most - 1) / most;
  const std::size_t even = (least + 7) / 8 * 8;
  const std::size_t count = total / even >= most / 4 ? even : least;
  parallel_for(count, [&](std::size_t slice, std::size_t worker) {
    call_work(work, worker, total * slice / count, total * (slice + 1) / count);
  });
}

}  // namespace recur
