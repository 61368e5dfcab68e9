// Every file zoo_* and onnx_* of tests/golden against the engine and the reference: one layer of a cell, with what its
// metadata says. A file that is added there is tested as it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/cells.h"
#include "support/golden.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::zoo_golden_test {
namespace {

// "zoo_gru_all" of "zoo_gru_all_i3_h5_forward".
std::string subject_of(const std::string& name) { return name.substr(0, name.rfind("_i")); }

std::set<std::string> subjects() {
  std::set<std::string> subjects;
  for (const char* prefix : {"zoo_", "onnx_"}) {
    for (const std::string& name : golden_names(prefix)) subjects.insert(subject_of(name));
  }
  return subjects;
}

// Calls visit(row, k, row of x k steps earlier in the layer's direction) for all places of the window within a
// sequence.
template <class Visit>
void for_each_place(const Steps& steps, std::size_t window, bool reverse, const Visit& visit) {
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    const std::size_t length = steps.length_of(b);
    for (std::size_t t = 0; t < length; ++t) {
      const std::size_t seen = reverse ? length - t : t + 1;
      for (std::size_t k = 0; k < std::min(window, seen); ++k) {
        visit(steps.offset(t) + b, k, steps.offset(reverse ? t + k : t - k) + b);
      }
    }
  }
}

// The name in the file of a tensor that for_each_tensor() visits.
std::string parameter(const std::string& tensor) {
  if (tensor == "gain") return "weight_ln_l0";
  if (tensor == "shift") return "bias_ln_l0";
  const std::string name = tensor.substr(tensor.find(' ') + 1);
  return (tensor.starts_with("bias") ? "bias_" : "weight_") + name + "_l0";
}

// A golden file as a case.
class GoldenLayer {
 public:
  explicit GoldenLayer(const GoldenFile& golden)
      : golden_(golden), input_(golden.number("input")), window_(golden.number("window")) {
    const auto options = nlohmann::json::parse(golden.text("options"));
    const bool evaluation = options.value("evaluation", false);
    LayerShape& shape = case_.shape;
    shape.cell = &find_cell(golden.text("cell"));
    shape.input = window_ * input_;
    shape.hidden = golden.number("hidden");
    shape.reverse = golden.text("reverse") == "1";
    shape.output = golden.number("projection");
    shape.layer_norm = options.value("layer_norm", false);
    shape.state_clip = options.value("state_clip", 0.0F);
    if (evaluation) {
      shape.zoneout = options.value("zoneout", 0.0F);
      shape.zoneout_cell = options.value("zoneout_cell", 0.0F);
    }
    case_.steps = Steps(golden.integers("rows"));
    case_.input.dense = unfold(golden.values("x"));
    case_.tensors = zero_tensors(shape);
    for_each_tensor(*shape.cell, case_.tensors, [&](const std::string& name, Doubles& values) {
      const Doubles given = golden.values(parameter(name));
      EXPECT_EQ(given.size(), values.size()) << name;
      values = given;
    });
    if (has_gradients()) case_.d_output = golden.values("w_y");
    for (std::size_t s = 0; s < shape.cell->states; ++s) add_state(s);
  }

  // Compares what `run` makes of the case with everything that the file has of it.
  template <class Run>
  void check(const Run& run, double tolerance, double least) const {
    const CellInfo& cell = case_.cell();
    const Results results = run(case_);
    const auto compare = [&](const std::string& name, const Doubles& values) {
      expect_close(golden_.sample(name, values), golden_.values(name), tolerance, name, least);
    };
    compare("y", results.at("output"));
    for (std::size_t s = 0; s < cell.states; ++s) compare(cell.slots[s] + "_n", results.at("last " + cell.slots[s]));
    if (!has_gradients()) return;
    compare("grad_x", fold(results.at("d input")));
    for (std::size_t s = 0; s < cell.states; ++s) {
      compare("grad_" + cell.slots[s] + "0", results.at("d initial " + cell.slots[s]));
    }
    for_each_tensor(cell, case_.tensors, [&](const std::string& name, const Doubles&) {
      compare("grad." + parameter(name), results.at("d " + name));
    });
  }

 private:
  bool has_gradients() const { return golden_.has("w_y"); }

  void add_state(std::size_t s) {
    const std::string& state = case_.cell().slots[s];
    case_.initial.push_back(golden_.values(state + "0"));
    // The name of the weights of Jordan's state is the output's.
    if (has_gradients()) case_.d_last.push_back(golden_.values(state == "y" ? "w_y_n" : "w_" + state));
    if (golden_.has("keep_" + state)) case_.input.keep[s] = golden_.values("keep_" + state);
    if (golden_.has("mask_" + state)) case_.input.mask[s] = golden_.values("mask_" + state);
  }

  // From x [total, input] to what the layer sees [total, window * input], the latest first, and back.
  Doubles unfold(const Doubles& x) const {
    Doubles seen(window_ * x.size());
    for_each_place(case_.steps, window_, case_.shape.reverse, [&](std::size_t row, std::size_t k, std::size_t past) {
      for (std::size_t i = 0; i < input_; ++i) seen[(row * window_ + k) * input_ + i] = x[past * input_ + i];
    });
    return seen;
  }
  Doubles fold(const Doubles& d_seen) const {
    Doubles d_x(d_seen.size() / window_);
    for_each_place(case_.steps, window_, case_.shape.reverse, [&](std::size_t row, std::size_t k, std::size_t past) {
      for (std::size_t i = 0; i < input_; ++i) d_x[past * input_ + i] += d_seen[(row * window_ + k) * input_ + i];
    });
    return d_x;
  }

  const GoldenFile& golden_;
  std::size_t input_, window_;
  LayerCase case_;
};

class ZooGolden : public testing::TestWithParam<std::string> {
 protected:
  // ONNX Runtime computes in float and with approximations of its own.
  static bool is_onnx() { return GetParam().starts_with("onnx_"); }

  template <class Run>
  static void check_files(const Run& run, double tolerance, double least) {
    const auto names = golden_names(GetParam() + "_i");
    EXPECT_FALSE(names.empty());
    for (const std::string& name : names) {
      SCOPED_TRACE(name);
      const GoldenFile golden(name);
      GoldenLayer(golden).check(run, tolerance, least);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Files, ZooGolden, testing::ValuesIn(subjects()), cell_test_name);

TEST_P(ZooGolden, ReferenceGivesTheSameValuesAndGradients) { check_files(run_reference, is_onnx() ? 5e-7 : 1e-7, 0); }

TEST_P(ZooGolden, EngineGivesTheSameValuesAndGradients) {
  for (const SimdLevel level : simd_levels()) {
    const WithSimdLevel set(level);
    SCOPED_TRACE(simd_name(level));
    check_files(run_engine, 3e-6, 1);
  }
}

// 34 of the zoo, 5 of ONNX; more may come.
TEST(ZooGoldenFiles, AreThere) { EXPECT_GE(subjects().size(), 39U); }

}  // namespace
}  // namespace recur::zoo_golden_test
