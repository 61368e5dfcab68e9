// The engine and the reference against PyTorch: values and gradients of whole stacks.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "support/cells.h"
#include "support/golden.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_golden_test {
namespace {

// Columns [first, first + count) of a row-major matrix of `width` columns.
Doubles columns(const Doubles& m, std::size_t width, std::size_t first, std::size_t count) {
  Doubles part;
  for (std::size_t row = 0; row < m.size(); row += width) {
    part.insert(part.end(), &m[row + first], &m[row + first] + count);
  }
  return part;
}

// Rows of the first matrix beside those of the second, both of `width` columns.
Doubles side_by_side(const Doubles& left, const Doubles& right, std::size_t width) {
  Doubles both;
  for (std::size_t row = 0; row < left.size(); row += width) {
    both.insert(both.end(), &left[row], &left[row] + width);
    both.insert(both.end(), &right[row], &right[row] + width);
  }
  return both;
}

Doubles sum(Doubles a, const Doubles& b) {
  std::ranges::transform(a, b, a.begin(), std::plus<>());
  return a;
}

// A golden file as a stack of cases: layer after layer, for each the direction forwards and, if there is one,
// backwards.
class Stack {
 public:
  explicit Stack(const GoldenFile& golden)
      : golden_(golden),
        cell_(find_cell(golden.text("cell") == "elman_relu" ? "elman-relu" : golden.text("cell"))),
        hidden_(golden.number("hidden")),
        width_(golden.number(cell_.has_output_width() ? "projection" : "hidden")),
        directions_(golden.text("bidirectional") == "1" ? 2 : 1),
        steps_(golden.integers("rows")) {
    for (std::size_t layer = 0; layer < golden.number("layers"); ++layer) {
      for (std::size_t direction = 0; direction < directions_; ++direction) add_case(layer, direction == 1);
    }
  }

  // Runs all layers by `run`, forward and then backward, and compares with everything in the file.
  template <class Run>
  void check(const Run& run, double tolerance, double least) const {
    std::vector<LayerCase> cases = cases_;
    Doubles y = golden_.values("x");
    for (std::size_t i = 0; i < cases.size(); i += directions_) {
      const Doubles x = y;
      for (std::size_t d = 0; d < directions_; ++d) cases[i + d].input.dense = x;
      y = run(cases[i]).at("output");
      if (directions_ == 2) y = side_by_side(y, run(cases[i + 1]).at("output"), width_);
    }
    std::vector<Results> results(cases.size());
    Doubles d_y = golden_.values("w_y");
    for (std::size_t i = cases.size(); i > 0;) {
      i -= directions_;
      for (std::size_t d = 0; d < directions_; ++d) {
        cases[i + d].d_output = columns(d_y, directions_ * width_, d * width_, width_);
        results[i + d] = run(cases[i + d]);
      }
      d_y = results[i].at("d input");
      if (directions_ == 2) d_y = sum(d_y, results[i + 1].at("d input"));
    }

    const auto compare = [&](const std::string& name, const Doubles& whole) {
      expect_close(golden_.sample(name, whole), golden_.values(name), tolerance, name, least);
    };
    compare("y", y);
    compare("grad_x", d_y);
    for (std::size_t s = 0; s < cell_.states; ++s) {
      const std::string& state = cell_.slots[s];
      Doubles last, d_initial;
      for (const Results& result : results) append(last, result.at("last " + state));
      for (const Results& result : results) append(d_initial, result.at("d initial " + state));
      compare(state + "_n", last);
      compare("grad_" + state + "0", d_initial);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      for_each_tensor(cell_, cases[i].tensors, [&](const std::string& name, const Doubles&) {
        compare("grad." + parameter(name, i / directions_, i % directions_ == 1), results[i].at("d " + name));
      });
    }
  }

 private:
  // PyTorch's name of "weight ih".
  static std::string parameter(std::string name, std::size_t layer, bool reverse) {
    std::ranges::replace(name, ' ', '_');
    return name + "_l" + std::to_string(layer) + (reverse ? "_reverse" : "");
  }
  static void append(Doubles& to, const Doubles& more) { to.insert(to.end(), more.begin(), more.end()); }

  void add_case(std::size_t layer, bool reverse) {
    LayerCase c;
    c.shape = {&cell_, layer == 0 ? golden_.number("input") : directions_ * width_, hidden_, false, reverse};
    c.shape.output = width_;
    c.steps = steps_;
    c.tensors = zero_tensors(c.shape);
    for_each_tensor(cell_, c.tensors, [&](const std::string& name, Doubles& values) {
      values = golden_.values(parameter(name, layer, reverse));
    });
    for (std::size_t s = 0; s < cell_.states; ++s) {
      // [layers * directions, batch, width]
      const auto part = [&](const std::string& name) {
        const std::size_t size = steps_.batch() * c.width(s);
        const Doubles all = golden_.values(name);
        return Doubles(&all[cases_.size() * size], &all[cases_.size() * size] + size);
      };
      c.initial.push_back(part(cell_.slots[s] + "0"));
      c.d_last.push_back(part("w_" + cell_.slots[s]));
    }
    cases_.push_back(c);
  }

  const GoldenFile& golden_;
  const CellInfo& cell_;
  std::size_t hidden_, width_, directions_;  // width_: of a direction's output
  Steps steps_;
  std::vector<LayerCase> cases_;
};

class RecurrentGolden : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(PyTorch, RecurrentGolden,
                         testing::Values("elman_l", "elman_bidirectional", "elman_relu_l", "elman_relu_bidirectional",
                                         "lstm_l", "lstm_bidirectional", "gru_l", "gru_bidirectional",
                                         "lstm-projection_l", "lstm-projection_bidirectional"),
                         cell_test_name);

TEST_P(RecurrentGolden, ReferenceGivesTheSameValuesAndGradients) {
  for (const std::string& name : golden_names(GetParam())) {
    SCOPED_TRACE(name);
    const GoldenFile golden(name);
    Stack(golden).check(run_reference, 1e-7, 0);
  }
}

TEST_P(RecurrentGolden, EngineGivesTheSameValuesAndGradients) {
  const auto names = golden_names(GetParam());
  const bool projection = GetParam().starts_with("lstm-projection");
  EXPECT_EQ(names.size(), projection ? 6U : GetParam().ends_with("_l") ? 18U : 2U);
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    for (const std::string& name : names) {
      SCOPED_TRACE(name + ", " + simd_name(level));
      const GoldenFile golden(name);
      Stack(golden).check(run_engine, 4e-6, 1);
    }
  }
}

}  // namespace
}  // namespace recur::recurrent_golden_test
