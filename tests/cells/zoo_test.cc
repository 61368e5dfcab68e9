// The table of cells, and a cell of one's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "recur/types/cell.h"
#include "recur/types/error.h"
#include "support/layer_case.h"
#include "support/random.h"

namespace recur::zoo_test {
namespace {

// A cell that needs all that stages can say: three states, a result handed on, a state multiplied by two stages, a gate
// that is no product of the input, weights of its own names, and every function that equations may use.
struct Busy {
  static constexpr Names states = {"h", "c", "mean"};
  struct Gates {
    static constexpr Names gates = {"a", "b", "c"};
    static constexpr std::array products = {Product{"in", "x", {"c", "a"}}, Product{"out", "h", {"a", "b"}},
                                            Product{"cell", "c", {"b", "c"}}};
    static constexpr Names reads = {"mean"};
    static constexpr Names writes = {"mixed", "mean"};
    static auto next(auto a, auto b, auto c, auto mean) {
      auto gate = 1.0F / (exp(-a) + 1.0F);
      auto mixed = gate * tanh(b) + (1.0F - gate) * c;
      return results(mixed, 0.5F * (mean + sigmoid(mixed)) / 1.5F);
    }
  };
  struct Output {
    static constexpr Names gates = {"d"};
    static constexpr std::array products = {Product{"in", "x", {"d"}}, Product{"mix", "mixed", {"d"}},
                                            Product{"out", "h", {"d"}}};
    static constexpr Names reads = {"c", "mixed"};
    static constexpr Names writes = {"h", "c"};
    static auto next(auto d, auto c, auto mixed) {
      auto scale = 2.0F - sigmoid(mixed) * sigmoid(c);
      return results(tanh(d) / scale - 0.25F, relu(d) * 0.125F + c * 0.5F - mixed);
    }
  };
  using stages = std::tuple<Gates, Output>;
};

TEST(Zoo, ACellOfOnesOwnRunsThroughTheEngine) {
  if (std::ranges::none_of(all_cells(), [](const CellInfo* cell) { return cell->name == "busy"; })) {
    add_cell<Busy>("busy");
  }
  const CellInfo& cell = find_cell("busy");
  EXPECT_EQ(all_cells().back(), &cell);
  EXPECT_EQ(cell.states, 3U);
  for (const auto& lengths : {std::vector<std::size_t>{5, 5, 5}, {6, 4, 4, 1}}) {
    for (const std::size_t hidden : {1, 17, 70}) {
      for (const bool reverse : {false, true}) {
        for (const bool one_hot : {false, true}) {
          SCOPED_TRACE(testing::Message()
                       << "hidden " << hidden << (reverse ? ", reverse" : "") << (one_hot ? ", one-hot" : ""));
          const LayerShape shape{&cell, 5, hidden, one_hot, reverse};
          const LayerCase c = random_case_off_kinks(shape, Steps::from_lengths(lengths), 1e-5);
          expect_close(run_engine(c), run_reference(c), 5e-6);
        }
      }
    }
  }
}

// The engine and the reference share the derivatives of operations: those are checked by differences, stage by stage.
TEST(Zoo, DerivativesOfAllOperationsAgreeWithFiniteDifferences) {
  constexpr double kStep = 1e-5;
  const CellInfo cell = describe_cell<Busy>("busy");
  for (const StageInfo& stage : cell.stages) {
    Doubles in = random_values(stage.gates.size() + stage.reads.size(), 2, 1), d_in(in.size());
    for (std::size_t o = 0; o < stage.writes.size(); ++o) {
      Doubles d_out(stage.writes.size()), above(d_out.size()), below(d_out.size());
      d_out[o] = 1;
      stage.reference_backward(in.data(), d_out.data(), d_in.data());
      for (std::size_t i = 0; i < in.size(); ++i) {
        const double here = in[i];
        in[i] = here + kStep;
        stage.reference(in.data(), above.data());
        in[i] = here - kStep;
        stage.reference(in.data(), below.data());
        in[i] = here;
        EXPECT_NEAR(d_in[i], (above[o] - below[o]) / (2 * kStep), 1e-8) << "output " << o << ", input " << i;
      }
    }
  }
}

TEST(Zoo, EveryCellIsFoundByItsNameAndSaysWhereItComesFrom) {
  for (const CellInfo* cell : all_cells()) {
    EXPECT_EQ(&find_cell(cell->name), cell);
    if (cell->name == "busy" || cell->name.starts_with("concurrent-")) continue;  // which other tests have added
    EXPECT_GE(cell->year, 1986) << cell->name;
    EXPECT_FALSE(cell->source.empty()) << cell->name;
    EXPECT_FALSE(cell->equations.empty()) << cell->name;
  }
}

TEST(Zoo, WeightsHaveTheRowsOfTheirGates) {
  const CellInfo& gru = find_cell("gru");
  ASSERT_EQ(gru.weights.size(), 2U);
  EXPECT_EQ(gru.weights[0].name, "ih");
  EXPECT_TRUE(gru.weights[0].from_input);
  EXPECT_EQ(gru.weights[0].gates, 3U);
  EXPECT_EQ(gru.weights[1].name, "hh");
  EXPECT_FALSE(gru.weights[1].from_input);
  EXPECT_EQ(gru.weights[1].gates, 3U);
  // Rows of a later stage follow those of an earlier one.
  const CellInfo& before = find_cell("gru-reset-before");
  EXPECT_EQ(before.stages[1].products[1].first_row, 2U);
  EXPECT_EQ(before.weights[1].gates, 3U);
}

// What a cell whose names are wrong has in common: one stage like Elman's.
struct Plain {
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"hidden"};
  static auto next(auto z) { return results(tanh(z)); }
};
struct UnknownSource : Plain {
  static constexpr std::array products = {Product{"hh", "g", {"hidden"}}};
};
struct UnknownGate : Plain {
  static constexpr std::array products = {Product{"ih", "x", {"hiden"}}};
};
struct UnknownRead : Plain {
  static constexpr Names reads = {"c"};
  static auto next(auto z, auto c) { return results(z + c); }
};
struct GateWithoutProduct : Plain {
  static constexpr Names gates = {"hidden", "idle"};
  static constexpr std::array products = {Product{"ih", "x", {"hidden"}}};
  static auto next(auto z, auto idle) { return results(z + idle); }
};
struct SharedWeight : Plain {
  static constexpr std::array products = {Product{"w", "x", {"hidden"}}, Product{"w", "h", {"hidden"}}};
};
struct ZeroStateThatIsNone : Plain {
  static constexpr Names zero_states = {"n"};
};
struct LowestStateThatIsNone : Plain {
  static constexpr Names lowest_states = {"m"};
};
struct StateNeverWritten : Plain {
  static constexpr Names states = {"h", "c"};
  static constexpr Names writes = {"h"};
};
struct StateWrittenTwice : Plain {
  struct Again : Plain {
    static constexpr Names writes = {"h"};
  };
  using stages = std::tuple<Plain, Again>;
};
struct ResultReadTooEarly : Plain {
  struct First : Plain {
    static constexpr Names reads = {"late"};
    static constexpr Names writes = {"early"};
    static auto next(auto z, auto late) { return results(z + late); }
  };
  struct Second : Plain {
    static constexpr Names writes = {"h", "late"};
    static auto next(auto z) { return results(z, z); }
  };
  using stages = std::tuple<First, Second>;
};
struct TooManyProducts : Plain {
  static constexpr std::array products = {Product{"ih", "x", {"hidden"}}, Product{"ih2", "x", {"hidden"}},
                                          Product{"hh", "h", {"hidden"}}, Product{"hh2", "h", {"hidden"}},
                                          Product{"hh", "h", {"hidden"}}};
};
struct TooManyWeights : Plain {
  static constexpr std::array products = {Product{"a", "x", {"hidden"}}, Product{"b", "x", {"hidden"}},
                                          Product{"c", "h", {"hidden"}}};
  struct Second : Plain {
    static constexpr std::array products = {Product{"d", "x", {"hidden"}}, Product{"e", "x", {"hidden"}}};
    static constexpr Names writes = {"h"};
  };
  struct First : Plain {
    static constexpr auto products = TooManyWeights::products;
    static constexpr Names writes = {"first"};
  };
  using stages = std::tuple<First, Second>;
};

// A second stage of the output's width, and what it may not do with the first one's.
template <class Second>
struct TwoWidths : Plain {
  struct First : Plain {
    static constexpr Names writes = {"first"};
  };
  using stages = std::tuple<First, Second>;
};
struct Output : Plain {
  static constexpr Width width = Width::output;
  static constexpr std::array products = {Product{"io", "x", {"hidden"}}};
  static constexpr Names writes = {"h"};
};
struct ReadsAnotherWidth : Output {
  static constexpr Names reads = {"first"};
  static auto next(auto z, auto first) { return results(z + first); }
};
struct SharesAWeight : Output {
  static constexpr std::array products = {Product{"ih", "x", {"hidden"}}};
};
struct TooManyUnits : Plain {
  static constexpr std::array units = {UnitWeight{"a"}, UnitWeight{"b"}, UnitWeight{"c"}, UnitWeight{"d"},
                                       UnitWeight{"e"}};
  static auto next(auto z, auto... weights) { return results(tanh((z + ... + weights))); }
};

template <class Cell>
std::string refusal() {
  try {
    add_cell<Cell>("mine");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

// What happens to the gates of a cell, as it is seen from within next().
TEST(Zoo, GatesAreObserved) {
  const auto observe = [](const char* name, std::vector<double> in) {
    Observation seen;
    find_cell(name).stages[0].observe(in.data(), seen);
    return seen;
  };
  const auto sigma = [](double z) { return 1 / (1 + std::exp(-z)); };
  // Gates i f g o, c, and the peepholes of i, f and o.
  const Observation lstm = observe("lstm-peephole", {0.5, -1, 2, 3, 0.25, 2, 4, 8});
  const double c = sigma(-1 + 4 * 0.25) * 0.25 + sigma(0.5 + 2 * 0.25) * std::tanh(2);
  EXPECT_EQ(lstm.gates[0].function, GateFunction::sigmoid);
  EXPECT_DOUBLE_EQ(lstm.gates[0].value, sigma(1));
  EXPECT_DOUBLE_EQ(lstm.gates[1].value, sigma(0));
  EXPECT_EQ(lstm.gates[2].function, GateFunction::tanh);
  EXPECT_DOUBLE_EQ(lstm.gates[2].value, std::tanh(2));
  EXPECT_DOUBLE_EQ(lstm.gates[3].value, sigma(3 + 8 * c));
  EXPECT_EQ(observe("mingru", {1, 2, 3}).gates[1].function, GateFunction::none);
  EXPECT_DOUBLE_EQ(observe("mingru", {1, 2, 3}).gates[1].value, 2);
  EXPECT_EQ(observe("slstm", {1, 2, 3, 4, 5, 6, 7}).gates[1].function, GateFunction::log_sigmoid);
  EXPECT_DOUBLE_EQ(observe("elman-relu", {-0.25}).kink, 0.25);
}

TEST(Zoo, RefusesWrongNames) {
  const std::vector<std::pair<std::string, std::string>> refusals = {
      {refusal<UnknownSource>(), "'g'"},
      {refusal<UnknownGate>(), "'hiden'"},
      {refusal<UnknownRead>(), "'c'"},
      {refusal<GateWithoutProduct>(), "'idle'"},
      {refusal<SharedWeight>(), "'w'"},
      {refusal<ZeroStateThatIsNone>(), "'n' of its zero_states is no state"},
      {refusal<LowestStateThatIsNone>(), "'m' of its lowest_states is no state"},
      {refusal<StateNeverWritten>(), "'c' is written 0 times"},
      {refusal<StateWrittenTwice>(), "'h' is written 2 times"},
      {refusal<ResultReadTooEarly>(), "'late'"},
      {refusal<TooManyProducts>(), "5 products"},
      {refusal<TooManyWeights>(), "5 weights"},
      {refusal<TwoWidths<ReadsAnotherWidth>>(), "'first', which has another width"},
      {refusal<TwoWidths<SharesAWeight>>(), "'ih' differ in width"},
      {refusal<TooManyUnits>(), "5 parameters of units"},
  };
  for (const auto& [message, wrong] : refusals) {
    EXPECT_TRUE(message.starts_with("cell mine: ")) << message;
    EXPECT_NE(message.find(wrong), std::string::npos) << message << " should name " << wrong;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Zoo, RefusesANameThatIsTaken) {
  const std::size_t count = all_cells().size();
  try {
    add_cell<Plain>("lstm");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cell lstm: there is a cell of that name already");
  }
  EXPECT_EQ(all_cells().size(), count);
}

TEST(Zoo, AnUnknownCellIsToldTheKnownOnes) {
  try {
    find_cell("lstn");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_TRUE(
        std::string(error.what()).starts_with("unknown cell 'lstn'; choose one of ngram, tdnn, jordan, elman, "));
  }
}

}  // namespace
}  // namespace recur::zoo_test
