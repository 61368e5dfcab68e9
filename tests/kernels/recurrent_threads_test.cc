// Layers so large that threads share the units of every step.
#include <gtest/gtest.h>

#include "kernels/recurrent_rows.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_threads_test {
namespace {

void expect_same_bits_with_threads(const LayerShape& shape, const Steps& steps, const WithNoise& noise = {}) {
  const LayerCase c = random_case(shape, steps, 1, noise);
  Results one;
  for (const std::size_t threads : {1, 2, 3}) {
    SCOPED_TRACE(testing::Message() << shape.cell->name << ", " << threads << " threads");
    const WithThreads set(threads);
    EXPECT_EQ(Shares(shape, steps).unit_parts(), threads);
    if (threads == 1) one = run_engine(c);
    expect_same_bits(run_engine(c), one);
  }
}

const Steps kRagged = Steps::from_lengths(std::vector<std::size_t>{3, 3, 2, 1});

TEST(LargeLayers, ThreadsThatShareUnitsGiveTheSameBits) {
  LayerShape lstm{&find_cell("lstm"), 20, 640};
  expect_same_bits_with_threads(lstm, kRagged);
  lstm.reverse = true;
  expect_same_bits_with_threads(lstm, kRagged);
  expect_same_bits_with_threads({&find_cell("gru-reset-before"), 20, 740}, kRagged);
}

TEST(LargeLayers, ThreadsThatShareUnitsGiveTheSameBitsWithZoneoutAndDroppedStates) {
  LayerShape shape{&find_cell("lstm"), 20, 640};
  shape.state_clip = 1;
  expect_same_bits_with_threads(shape, kRagged, {true, true});
}

// So many steps that both ways of sharing them are tried.
TEST(LongSequences, WhateverThreadsTryGivesTheSameBits) {
  for (const char* cell : {"lstm", "gru-reset-before"}) {
    for (const bool reverse : {false, true}) {
      for (const auto& lengths : {std::vector<std::size_t>{150}, std::vector<std::size_t>{150, 130}}) {
        LayerShape shape{&find_cell(cell), 5, 200};
        shape.reverse = reverse;
        const LayerCase c = random_case(shape, Steps::from_lengths(lengths), 1);
        Results one;
        for (const std::size_t threads : {1, 2, 3}) {
          SCOPED_TRACE(testing::Message() << cell << ", " << threads << " threads, " << lengths.size() << " sequences");
          const WithThreads set(threads);
          if (threads == 1) one = run_engine(c);
          expect_same_bits(run_engine(c), one);
        }
      }
    }
  }
}

}  // namespace
}  // namespace recur::recurrent_threads_test
