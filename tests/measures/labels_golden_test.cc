// Measures of sets of labels and of calibration: those of tests/golden/labels.json, and of scikit-learn's user guide.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "measures/calibration_error.h"
#include "measures/label_sets.h"
#include "support/golden.h"

namespace recur::labels_golden_test {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-13;  // of sums of some hundred doubles

json golden_labels() {
  std::ifstream file(golden_folder() + "/labels.json");
  return json::parse(file);
}

LabelSets::Result result_of(const json& right, const json& chosen, const json& scores) {
  LabelSets sets(right[0].size());
  for (std::size_t record = 0; record < right.size(); ++record) {
    std::vector<LabelSets::Judged> labels;
    for (std::size_t i = 0; i < right[record].size(); ++i) {
      labels.push_back({scores[record][i].get<float>(), chosen[record][i] == 1, right[record][i] == 1});
    }
    sets.add(labels);
  }
  return sets.result();
}

TEST(GoldenLabels, OfSetsAreWhatTheirDefinitionsSay) {
  const json golden = golden_labels();
  ASSERT_EQ(golden["sets"].size(), 6U);
  for (const json& set : golden["sets"]) {
    SCOPED_TRACE(set["true"].dump());
    const LabelSets::Result r = result_of(set["true"], set["chosen"], set["scores"]);
    const json& expected = set["measures"];
    const auto expect = [&](const std::string& name, double value) {
      EXPECT_NEAR(value, expected[name].get<double>(), kTolerance) << name;
    };
    for (const auto& [name, rates] :
         {std::pair<std::string, LabelSets::Rates>{"micro_", r.micro}, {"macro_", r.macro}, {"sample_", r.sample}}) {
      expect(name + "precision", rates.precision);
      expect(name + "recall", rates.recall);
      expect(name + "f1", rates.f1);
    }
    expect("subset_accuracy", r.subset_accuracy);
    expect("hamming_loss", r.hamming_loss);
    expect("coverage_error", r.coverage_error);
    expect("ranking_average_precision", r.ranking_average_precision);
    expect("ranking_loss", r.ranking_loss);
  }
}

// The examples of coverage_error, label_ranking_average_precision_score and label_ranking_loss.
TEST(GoldenLabels, AreRankedAsInScikitLearnsUserGuide) {
  const json right = {{1, 0, 0}, {0, 0, 1}}, scores = {{0.75, 0.5, 1}, {1, 0.2, 0.1}};
  const LabelSets::Result r = result_of(right, right, scores);
  EXPECT_DOUBLE_EQ(r.coverage_error, 2.5);
  EXPECT_NEAR(r.ranking_average_precision, 0.416, 1e-3);
  EXPECT_DOUBLE_EQ(r.ranking_loss, 0.75);
  const LabelSets::Result better = result_of(right, right, {{1.0, 0.1, 0.2}, {0.1, 0.2, 0.9}});
  EXPECT_DOUBLE_EQ(better.ranking_loss, 0);
}

TEST(LabelSets, OfLabelsThatHaveNoScoreAreNotRanked) {
  LabelSets sets(2);
  const LabelSets::Judged known[] = {{0.75F, true, true}, {0.25F, false, false}, {0, false, true}};
  sets.add(known);
  sets.add(std::span(known).first(2));
  const LabelSets::Result r = sets.result();
  EXPECT_EQ(sets.of(2).expected, 1U);
  EXPECT_DOUBLE_EQ(r.micro.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(r.subset_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(r.hamming_loss, 1.0 / 6);
  EXPECT_DOUBLE_EQ(r.coverage_error, 1);
  EXPECT_DOUBLE_EQ(LabelSets(3).result().hamming_loss, 0);
}

TEST(GoldenLabels, OfCalibrationAreWhatTheirDefinitionSays) {
  const json golden = golden_labels();
  ASSERT_EQ(golden["calibration"].size(), 4U);
  for (const json& one : golden["calibration"]) {
    CalibrationError error;
    for (std::size_t i = 0; i < one["right"].size(); ++i) {
      error.add(one["probabilities"][i].get<double>(), one["right"][i] == 1);
    }
    EXPECT_NEAR(error.value(), one["error"].get<double>(), kTolerance);
  }
  EXPECT_EQ(CalibrationError().value(), 0);
}

}  // namespace
}  // namespace recur::labels_golden_test
