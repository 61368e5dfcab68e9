// Gradients of operations on a tape against central differences.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "autograd/tape.h"
#include "base/threads.h"
#include "support/random.h"

namespace recur {

inline std::vector<float> random_floats(std::size_t count, double scale, std::uint64_t seed) {
  const std::vector<double> values = random_values(count, scale, seed);
  return {values.begin(), values.end()};
}

// What an operation on a tape computes from `arrays`, and leaves the gradients of: it returns the number and puts each
// array's gradient into `gradients`, which start as zeros.
using Computation = std::function<double(Tape& tape, std::vector<std::vector<float>>& arrays,
                                         std::vector<std::vector<float>>& gradients)>;

struct Computed {
  double number;
  std::vector<std::vector<float>> gradients;
};

inline Computed compute(const Computation& computation, std::vector<std::vector<float>>& arrays,
                        bool recording = true) {
  Tape tape(recording);
  Computed result{0, arrays};
  for (std::vector<float>& gradient : result.gradients) std::fill(gradient.begin(), gradient.end(), 0.0F);
  result.number = computation(tape, arrays, result.gradients);
  return result;
}

// The gradient of `scale` times the number by each element of each array.
inline void expect_gradients(const Computation& computation, std::vector<std::vector<float>> arrays, double tolerance,
                             double scale = 1, float step = 0x1p-7F) {
  const Computed computed = compute(computation, arrays);
  for (std::size_t a = 0; a < arrays.size(); ++a) {
    for (std::size_t i = 0; i < arrays[a].size(); ++i) {
      const float kept = arrays[a][i];
      // Four points: what is left out is of the fourth order.
      double at[4];
      const float places[4] = {-2, -1, 1, 2};
      for (std::size_t p = 0; p < 4; ++p) {
        arrays[a][i] = kept + places[p] * step;
        at[p] = compute(computation, arrays, false).number;
      }
      arrays[a][i] = kept;
      const double slope = scale * (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * static_cast<double>(step));
      EXPECT_NEAR(static_cast<double>(computed.gradients[a][i]), slope, tolerance * (1 + std::abs(slope)))
          << "array " << a << ", element " << i;
    }
  }
}

// The same bits whatever the number of threads.
inline void expect_same_on_any_threads(const Computation& computation, std::vector<std::vector<float>> arrays) {
  const std::size_t threads = thread_count();
  set_thread_count(1);
  const Computed expected = compute(computation, arrays);
  for (const std::size_t count : {2U, 3U, 5U}) {
    set_thread_count(count);
    const Computed computed = compute(computation, arrays);
    EXPECT_EQ(computed.number, expected.number) << count << " threads";
    EXPECT_EQ(computed.gradients, expected.gradients) << count << " threads";
  }
  set_thread_count(threads);
}

}  // namespace recur
