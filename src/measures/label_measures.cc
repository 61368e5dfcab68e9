#include "measures/label_measures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "data/label_field.h"
#include "measures/calibration_error.h"
#include "measures/confusion_matrix.h"
#include "measures/label_sets.h"
#include "measures/ranking.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

// The labels of a model, and behind them those that only the data has, which it never predicts.
class LabelTable {
 public:
  explicit LabelTable(const NamesField& labels) : labels_(labels) {}

  std::size_t place_of(const std::string& label) {
    if (const std::optional<int> known = labels_.id(label)) return static_cast<std::size_t>(*known);
    const auto [place, is_new] = place_of_.try_emplace(label, names().size() + others_.size());
    if (is_new) others_.push_back(label);
    return place->second;
  }
  const std::vector<std::string>& names() const { return labels_.names(); }
  std::vector<std::string> all() const {
    std::vector<std::string> all = names();
    all.insert(all.end(), others_.begin(), others_.end());
    return all;
  }
  // Of each label, by its name.
  template <class Of>
  ordered_json rates(const Of& of) const {
    ordered_json rates = ordered_json::object();
    const std::vector<std::string> labels = all();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const RightCounts& counts = of(i);
      rates[labels[i]] = {{"precision", counts.precision()},
                          {"recall", counts.recall()},
                          {"f1", counts.f1()},
                          {"support", counts.expected}};
    }
    return rates;
  }

 private:
  const NamesField& labels_;
  std::vector<std::string> others_;
  std::unordered_map<std::string, std::size_t> place_of_;  // of the others
};

void add_unknown(const Records& records, ordered_json& metrics) {
  for (const Column& column : records.columns) {
    if (!column.unknown.empty()) metrics["unknown_labels"] = column.unknown.size();
  }
}

class OneLabelMeasures : public Measures {
 public:
  explicit OneLabelMeasures(const LabelField& labels) : labels_(labels), confusion_(labels.names().size()) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const Probability& best = std::get<LabelPrediction>(prediction).labels.front();
    const std::size_t target = labels_.place_of(std::get<std::string>(wanted)), got = labels_.place_of(best.label);
    confusion_.add(static_cast<int>(target), static_cast<int>(got));
    calibration_.add(static_cast<double>(best.probability), target == got);
  }
  std::optional<Measure> decisive() const override { return Measure{"accuracy", confusion_.accuracy()}; }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    ordered_json metrics = {{"records", records.size()},
                            {"accuracy", confusion_.accuracy()},
                            {"macro_f1", confusion_.macro_f1()},
                            {"nats_per_record", loss.mean()},
                            {"calibration_error", calibration_.value()},
                            {"labels", labels_.all()}};
    add_matrix(metrics);
    metrics["per_label"] = labels_.rates([this](std::size_t i) { return confusion_.of(i); });
    add_unknown(records, metrics);
    return metrics;
  }

 private:
  void add_matrix(ordered_json& metrics) const {
    constexpr std::size_t kMostInMatrix = 1000;  // labels, of which each pair is counted
    const std::size_t labels = confusion_.classes();
    if (labels > kMostInMatrix) return;
    ordered_json matrix = ordered_json::array();
    for (std::size_t i = 0; i < labels; ++i) {
      ordered_json row = ordered_json::array();
      for (std::size_t j = 0; j < labels; ++j) row.push_back(confusion_.count(i, j));
      matrix.push_back(row);
    }
    metrics["confusion"] = matrix;
  }

  LabelTable labels_;
  ConfusionMatrix confusion_;
  CalibrationError calibration_;
};

// Of any number of labels a record.
class LabelsMeasures : public Measures {
 public:
  explicit LabelsMeasures(const LabelsField& labels) : labels_(labels), sets_(labels.names().size()) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const auto& said = std::get<LabelsPrediction>(prediction);
    judged_.assign(said.labels.size(), {});
    // The likeliest comes first; that two are alike is known only where they are not rounded to 0 or 1.
    float score = 0, before = 0;
    for (const Probability& one : said.labels) {
      if (one.probability != before || before == 0 || before == 1) --score;
      judged_[labels_.place_of(one.label)].score = score;
      before = one.probability;
    }
    for (const std::string& label : said.chosen) judged_[labels_.place_of(label)].chosen = true;
    for (const std::string& label : std::get<std::vector<std::string>>(wanted)) {
      const std::size_t place = labels_.place_of(label);
      judged_.resize(std::max(judged_.size(), place + 1));
      judged_[place].right = true;
    }
    sets_.add(judged_);
    for (const Probability& one : said.labels) {
      calibration_.add(static_cast<double>(one.probability), judged_[labels_.place_of(one.label)].right);
    }
  }
  std::optional<Measure> decisive() const override { return Measure{"micro_f1", sets_.result().micro.f1}; }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const LabelSets::Result r = sets_.result();
    ordered_json metrics = {{"records", records.size()}};
    const std::pair<std::string, LabelSets::Rates> means[] = {
        {"micro", r.micro}, {"macro", r.macro}, {"sample", r.sample}};
    for (const auto& [name, rates] : means) {
      metrics[name + "_f1"] = rates.f1;
      metrics[name + "_precision"] = rates.precision;
      metrics[name + "_recall"] = rates.recall;
    }
    metrics["subset_accuracy"] = r.subset_accuracy;
    metrics["hamming_loss"] = r.hamming_loss;
    metrics["coverage_error"] = r.coverage_error;
    metrics["ranking_average_precision"] = r.ranking_average_precision;
    metrics["ranking_loss"] = r.ranking_loss;
    metrics["nats_per_record"] = loss.mean();
    metrics["calibration_error"] = calibration_.value();
    metrics["per_label"] = labels_.rates([this](std::size_t i) { return sets_.of(i); });
    add_unknown(records, metrics);
    return metrics;
  }

 private:
  LabelTable labels_;
  LabelSets sets_;
  CalibrationError calibration_;  // of every label of every record
  std::vector<LabelSets::Judged> judged_;
};

// How candidates are ranked: each record is one, right or wrong, and those with the same input belong together.
class RankMeasures : public Measures {
 public:
  RankMeasures(const LabelHeadSpec& spec, const LabelField& labels) : spec_(spec), labels_(labels) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& input) override {
    const std::string& right = labels_.right();
    double odds = 0;  // of the candidate being right, as a logarithm: probabilities near 1 are alike as floats
    for (const Probability& one : std::get<LabelPrediction>(prediction).labels) {
      const double log_p = std::log(static_cast<double>(one.probability));
      odds += one.label == right ? log_p : -log_p;
    }
    ranking_.add(std::get<std::string>(input), odds, std::get<std::string>(wanted) == right);
  }
  std::string_view input_field() const override { return spec_.rank_by; }
  std::optional<Measure> decisive() const override {
    const Ranking::Result r = ranking_.result();
    return r.questions > 0 ? std::optional(Measure{"map", r.mean_average_precision}) : std::nullopt;
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const Ranking::Result r = ranking_.result();
    const auto known = [&](double value) { return or_null(r.questions > 0, value); };
    ordered_json metrics = {{"records", records.size()},
                            {"questions", r.questions},
                            {"without_right", r.without_right},
                            {"map", known(r.mean_average_precision)},
                            {"mrr", known(r.mean_reciprocal_rank)},
                            {"accuracy_at_1", known(r.right_first)},
                            {"nats_per_record", loss.mean()},
                            {"right_label", labels_.right()}};
    add_unknown(records, metrics);
    return metrics;
  }

 private:
  LabelHeadSpec spec_;
  const LabelField& labels_;
  Ranking ranking_;
};

}  // namespace

std::unique_ptr<Measures> make_label_measures(const LabelHeadSpec& spec, const Fields& fields) {
  const LabelField& labels = field_as<LabelField>(fields, spec.field, "measures");
  if (!spec.rank_by.empty()) return std::make_unique<RankMeasures>(spec, labels);
  return std::make_unique<OneLabelMeasures>(labels);
}

std::unique_ptr<Measures> make_label_measures(const LabelsHeadSpec& spec, const Fields& fields) {
  return std::make_unique<LabelsMeasures>(field_as<LabelsField>(fields, spec.field, "measures"));
}

}  // namespace recur
