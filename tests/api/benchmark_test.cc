#include "recur/benchmark.h"

#include <gtest/gtest.h>

#include <array>

#include "recur/types/error.h"

namespace recur::benchmark_test {
namespace {

void expect_five_times(const std::vector<double>& seconds) {
  EXPECT_EQ(seconds.size(), 5U);
  for (const double time : seconds) EXPECT_GT(time, 0);
}

TEST(RecurrentBenchmark, TimesEveryRun) {
  const Steps steps = Steps::from_lengths(std::array<std::size_t, 3>{4, 2, 1});
  for (const char* cell : {"elman", "lstm", "gru", "sru"}) {
    RecurrentOptions network;
    network.cell = cell;
    network.hidden = 5;
    expect_five_times(time_recurrent_training(network, steps, 0));
    expect_five_times(time_recurrent_inference(network, steps, 0));
    expect_five_times(time_streaming(network, 1, 0));
    expect_five_times(time_streaming(network, 7, 0));
  }
}

TEST(RecurrentBenchmark, OptionsThatMakeNoSenseAreErrors) {
  RecurrentOptions network;
  EXPECT_THROW(time_recurrent_training(network, Steps(), 0), Error);
  EXPECT_THROW(time_streaming(network, 0, 0), Error);
  EXPECT_THROW(measure_peak(0, 0), Error);
  network.layers = 0;
  EXPECT_THROW(time_recurrent_training(network, Steps::rectangle(1, 1), 0), Error);
  EXPECT_THROW(time_streaming(network, 1, 0), Error);
  EXPECT_THROW(recurrent_product_operations(network), Error);
  network.layers = 1;
  network.cell = "lstn";
  EXPECT_THROW(time_recurrent_inference(network, Steps::rectangle(1, 1), 0), Error);
}

// Two products of each gate in each layer.
TEST(RecurrentBenchmark, CountsTheOperationsOfProducts) {
  EXPECT_EQ(recurrent_product_operations({.cell = "lstm", .layers = 2, .hidden = 8}), 2 * 2 * (32 * 8 + 32 * 8));
  EXPECT_EQ(recurrent_product_operations({.cell = "gru", .layers = 1, .hidden = 8}), 2 * (24 * 8 + 24 * 8));
  EXPECT_EQ(recurrent_product_operations({.cell = "elman", .layers = 1, .hidden = 8, .bidirectional = true}),
            2 * 2 * (8 * 8 + 8 * 8));
}

TEST(PeakBenchmark, IsARate) {
  const std::vector<double> rates = measure_peak(2, 0);
  EXPECT_EQ(rates.size(), 5U);
  for (const double rate : rates) EXPECT_GT(rate, 0);
}

}  // namespace
}  // namespace recur::benchmark_test
