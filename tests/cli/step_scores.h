// What recur predict says of sequences whose steps it finds probable or not.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace recur {

// So many lines of -log p and the number of steps.
inline void expect_step_scores(const std::string& output, int records, int steps_of_each, double nats_a_step) {
  std::istringstream lines(output);
  double nats = 0;
  int steps = 0, count = 0;
  for (; lines >> nats >> steps; ++count) {
    EXPECT_EQ(steps, steps_of_each);
    EXPECT_NEAR(nats / steps, nats_a_step, 1e-4);
  }
  EXPECT_EQ(count, records);
}

}  // namespace recur
