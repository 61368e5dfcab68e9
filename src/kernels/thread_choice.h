// Whether threads make a step faster, found out by trying: on a machine that does other work two threads that wait for
// each other can be a thousand times slower than one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

namespace recur {

class ThreadChoice {
 public:
  explicit ThreadChoice(std::size_t most) : most_(most), parts_(1) {}

  bool has_choice() const { return most_ > 1; }
  // With how many threads the next step runs.
  std::size_t parts() const { return parts_; }

  // Runs the next step, work(), and takes its time.
  template <class Work>
  void time(const Work& work) {
    if (!has_choice()) return work();
    const auto begin = std::chrono::steady_clock::now();
    work();
    took(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }

  // Tells how long it took. Of each period the first steps are tried with one thread, then with all; the rest goes with
  // what was faster. While one thread is, periods get longer, so that trying costs little.
  void took(double seconds) {
    double& best = parts_ == 1 ? alone_ : together_;
    best = std::min(best, seconds);
    ++step_;
    const bool hopeless = step_ > kTrials && step_ <= 2 * kTrials && seconds > 4 * alone_;
    if (hopeless) step_ = 2 * kTrials;
    if (step_ == kTrials) parts_ = most_;
    if (step_ == 2 * kTrials) {
      const bool pays = together_ < alone_ && !hopeless;
      parts_ = pays ? most_ : 1;
      period_ = pays ? kShortest : std::min(2 * period_, kLongest);
    }
    if (step_ < period_) return;
    step_ = 0;
    parts_ = 1;
    alone_ = together_ = std::numeric_limits<double>::infinity();
  }

 private:
  static constexpr std::size_t kTrials = 4, kShortest = 256, kLongest = 1U << 16;
  std::size_t most_, parts_, step_ = 0, period_ = kShortest;
  double alone_ = std::numeric_limits<double>::infinity(), together_ = alone_;
};

}  // namespace recur
