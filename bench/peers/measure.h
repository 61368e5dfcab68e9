// What the drivers of peers written in C++ share: the cases, how they are timed, and the lines that they print:
// peer, case, threads, metric, value. Cases, metrics and timing are those of recur bench.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

struct Case {
  std::string cell;  // rnn, lstm, gru
  int hidden, batch, steps, layers;

  std::string name(const std::string& kind) const {
    return kind + "_" + cell + "_H" + std::to_string(hidden) + "_B" + std::to_string(batch) + "_T" +
           std::to_string(steps) + "_L" + std::to_string(layers);
  }
  int gates() const { return cell == "lstm" ? 4 : cell == "gru" ? 3 : 1; }
  // Of the matrix products, forward.
  double operations() const { return 4.0 * gates() * hidden * hidden * batch * steps * layers; }
};

inline std::vector<Case> cases_of(const std::string& kind) {
  std::vector<Case> cases;
  if (kind != "stream") {
    const int grid[][4] = {{128, 32, 50, 1}, {256, 64, 64, 2}, {512, 64, 64, 2}, {1024, 64, 64, 1}, {64, 256, 100, 1}};
    for (const auto& [hidden, batch, steps, layers] : grid) {
      for (const char* cell : {"rnn", "lstm", "gru"}) cases.push_back({cell, hidden, batch, steps, layers});
    }
    return cases;
  }
  for (const char* cell : {"lstm", "gru"}) {
    for (const int layers : {1, 2}) {
      for (const int hidden : {32, 64, 128, 256, 512, 1024}) {
        cases.push_back({cell, hidden, 1, 1, layers});
        if (layers == 1) cases.push_back({cell, hidden, 1, 1000, 1});
      }
    }
  }
  return cases;
}

// How long each case is measured, times the scale that the user asked for.
inline double seconds_of(const std::string& kind) { return kind == "train" ? 1 : kind == "infer" ? 0.6 : 0.15; }

// Runs `work` twice to warm up, then at least five times and for so many seconds, but no longer than six times that;
// short work many times together. Prints the median and the least time of the case: microseconds of a step (stream) or
// milliseconds, and then billions of operations of matrix products a second.
template <class Work>
void measure(const std::string& peer, const std::string& kind, const Case& c, int threads, double scale,
             const Work& work) {
  using Clock = std::chrono::steady_clock;
  const auto now = [] { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); };
  const double seconds = seconds_of(kind) * scale;
  work();
  const double first = now();
  work();
  const double once = now() - first;
  const int together = once < 2e-4 ? static_cast<int>(2e-3 / std::max(once, 1e-7)) + 1 : 1;
  std::vector<double> times;
  for (const double begin = now(); times.size() < 5 || now() - begin < seconds;) {
    const double start = now();
    for (int i = 0; i < together; ++i) work();
    times.push_back((now() - start) / together);
    if (now() - begin > 6 * seconds) break;
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2], least = times.front();

  const auto print = [&](const char* metric, double value) {
    std::printf("%s %s %d %s %.5g\n", peer.c_str(), c.name(kind).c_str(), threads, metric, value);
  };
  if (kind == "stream") {
    print("us_med", median * 1e6 / c.steps);
    print("us_min", least * 1e6 / c.steps);
  } else {
    print("ms_med", median * 1e3);
    print("ms_min", least * 1e3);
    print("GF/s_med", c.operations() * (kind == "train" ? 3 : 1) / median * 1e-9);
  }
  std::fflush(stdout);
}

// Numbers between -scale and scale that look random and are the same in each run.
inline void fill(float* values, std::size_t count, float scale) {
  unsigned state = 12345;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525U + 1013904223U;
    values[i] = scale * (static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
  }
}
