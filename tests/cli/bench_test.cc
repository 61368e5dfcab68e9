// recur bench: what it measures and what its lines look like. How long things take is nobody's promise.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "cli/bench_cases.h"
#include "cli/run_program.h"

namespace recur::bench_test {
namespace {

TEST(Bench, PrintsALineForEachMeasurement) {
  const ProgramResult bench =
      run_program({"bench", "peak", "train", "infer", "stream", "ragged", "lm", "--hidden", "8", "--layers", "1",
                   "--batch", "3", "--unroll", "20", "--seconds", "0", "--threads", "1"});
  ASSERT_EQ(bench.code, 0) << bench.err;
  std::vector<std::string> measured;
  std::istringstream lines(bench.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string peer, name, metric, more;
    std::size_t threads = 0;
    double value = 0;
    words >> peer >> name >> threads >> metric >> value;
    EXPECT_TRUE(words) << line;
    EXPECT_FALSE(words >> more) << line;
    EXPECT_EQ(peer, "recur") << line;
    EXPECT_EQ(threads, 1U) << line;
    EXPECT_GT(value, 0) << line;
    measured.push_back(name + " " + metric);
  }
  const std::vector<std::string> expected = {
      "peak_fma GF/s_med",
      "peak_fma GF/s_max",
      "train_lstm_H8_B3_T20_L1 ms_med",
      "train_lstm_H8_B3_T20_L1 ms_min",
      "train_lstm_H8_B3_T20_L1 GF/s_med",
      "infer_lstm_H8_B3_T20_L1 ms_med",
      "infer_lstm_H8_B3_T20_L1 ms_min",
      "infer_lstm_H8_B3_T20_L1 GF/s_med",
      "stream_lstm_H8_B1_T1_L1 us_med",
      "stream_lstm_H8_B1_T1_L1 us_min",
      "ragged_lstm_H8_B3_L1 ms_med",
      "ragged_lstm_H8_B3_L1 ms_min",
      "ragged_lstm_H8_B3_L1 GF/s_med",
      "rectangle_lstm_H8_B3_L1 ms_med",
      "rectangle_lstm_H8_B3_L1 ms_min",
      "rectangle_lstm_H8_B3_L1 GF/s_med",
      "lm_lstm_V65_E65_H8_L1_B3_T20_adam tok/s_med",
      "lm_lstm_V65_E65_H8_L1_B3_T20_adam ms_med",
      "lm_lstm_V65_E65_H8_L1_B3_T20_adam ms_min",
      "lm_lstm_V65_E65_H8_L1_B3_T20_adam GF/s_med",
  };
  EXPECT_EQ(measured, expected);
}

TEST(BenchCases, HaveTheNamesOfOtherProgramsCases) {
  const auto names_of = [](const auto& cases) {
    std::set<std::string> names;
    for (const auto& c : cases) names.insert(c.name);
    EXPECT_EQ(names.size(), cases.size());
    return names;
  };
  const std::set<std::string> train = names_of(recurrent_cases(BenchKind::train));
  EXPECT_EQ(train.size(), 15U);
  EXPECT_TRUE(train.contains("train_rnn_H64_B256_T100_L1"));
  EXPECT_TRUE(train.contains("train_gru_H512_B64_T64_L2"));
  EXPECT_TRUE(names_of(recurrent_cases(BenchKind::infer)).contains("infer_lstm_H1024_B64_T64_L1"));
  const std::set<std::string> stream = names_of(recurrent_cases(BenchKind::stream));
  EXPECT_EQ(stream.size(), 2U * (6 + 6 + 6));
  EXPECT_TRUE(stream.contains("stream_gru_H32_B1_T1_L2"));
  EXPECT_TRUE(stream.contains("stream_lstm_H128_B1_T1000_L1"));
  EXPECT_TRUE(names_of(language_model_cases()).contains("lm_ptb-medium_V10000_E650_H650_L2_B20_T35_sgd"));
}

TEST(BenchCases, AreWhatTheirNamesSay) {
  for (const BenchKind kind : {BenchKind::train, BenchKind::infer, BenchKind::stream}) {
    for (const RecurrentCase& c : recurrent_cases(kind)) {
      const std::string cell = c.network.cell == "elman" ? "rnn" : c.network.cell;
      EXPECT_EQ(c.name, fmt::format("{}_{}_H{}_B{}_T{}_L{}", to_string(kind), cell, c.network.hidden, c.steps.batch(),
                                    c.steps.length(), c.network.layers));
      EXPECT_TRUE(c.steps.is_rectangle());
    }
  }
}

TEST(BenchCases, RaggedSequencesHaveTheTokensOfTheRectangle) {
  const std::vector<RecurrentCase> cases = recurrent_cases(BenchKind::ragged);
  ASSERT_EQ(cases.size(), 4U);
  for (std::size_t i = 0; i < cases.size(); i += 2) {
    const Steps &ragged = cases[i].steps, &rectangle = cases[i + 1].steps;
    EXPECT_EQ(cases[i].name.substr(6), cases[i + 1].name.substr(9));
    EXPECT_EQ(ragged.batch(), 64U);
    EXPECT_EQ(ragged.length(), 100U);
    EXPECT_EQ(ragged.length_of(63), 10U);
    EXPECT_TRUE(rectangle.is_rectangle());
    EXPECT_EQ(rectangle.length(), 55U);
    EXPECT_EQ(ragged.total(), rectangle.total());
  }
}

TEST(BenchCases, LengthsLieInEvenDistances) {
  EXPECT_EQ(even_lengths(5, 2, 10), (std::vector<std::size_t>{10, 8, 6, 4, 2}));
  EXPECT_EQ(even_lengths(1, 2, 10), (std::vector<std::size_t>{10}));
}

}  // namespace
}  // namespace recur::bench_test
