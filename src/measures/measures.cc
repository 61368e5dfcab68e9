#include "measures/measures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/label_field.h"
#include "measures/chunks.h"
#include "measures/confusion_matrix.h"
#include "measures/forecast_measures.h"
#include "measures/image_measures.h"
#include "measures/output_measures.h"
#include "measures/ranking.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

class LabelMeasures : public Measures {
 public:
  explicit LabelMeasures(const LabelField& labels) : labels_(labels), confusion_(labels.names().size()) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    confusion_.add(*labels_.id(std::get<std::string>(wanted)),
                   *labels_.id(std::get<LabelPrediction>(prediction).label()));
  }
  std::optional<Measure> decisive() const override { return Measure{"accuracy", confusion_.accuracy()}; }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    constexpr std::size_t kMostInMatrix = 1000;  // labels, of which each pair is counted
    const std::vector<std::string>& labels = labels_.names();
    ordered_json metrics = {{"records", records.size()},
                            {"accuracy", confusion_.accuracy()},
                            {"macro_f1", confusion_.macro_f1()},
                            {"nats_per_record", loss.mean()},
                            {"labels", labels}};
    if (labels.size() > kMostInMatrix) return metrics;
    ordered_json matrix = ordered_json::array();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      ordered_json row = ordered_json::array();
      for (std::size_t j = 0; j < labels.size(); ++j) row.push_back(confusion_.count(i, j));
      matrix.push_back(row);
    }
    metrics["confusion"] = matrix;
    return metrics;
  }

 private:
  const LabelField& labels_;
  ConfusionMatrix confusion_;
};

// How candidates are ranked: each record is one, right or wrong, and those with the same input belong together.
class RankMeasures : public Measures {
 public:
  RankMeasures(const LabelHeadSpec& spec, const LabelField& labels) : spec_(spec), labels_(labels) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& input) override {
    const std::string& right = labels_.names().back();
    const auto& all = std::get<LabelPrediction>(prediction).labels;
    const auto score = std::ranges::find(all, right, &Probability::label);
    ranking_.add(std::get<std::string>(input), score->probability, std::get<std::string>(wanted) == right);
  }
  std::string_view input_field() const override { return spec_.rank_by; }
  std::optional<Measure> decisive() const override {
    const Ranking::Result r = ranking_.result();
    return r.questions > 0 ? std::optional(Measure{"map", r.mean_average_precision}) : std::nullopt;
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const Ranking::Result r = ranking_.result();
    const auto known = [&](double value) { return or_null(r.questions > 0, value); };
    return {{"records", records.size()},
            {"questions", r.questions},
            {"without_right", r.without_right},
            {"map", known(r.mean_average_precision)},
            {"mrr", known(r.mean_reciprocal_rank)},
            {"accuracy_at_1", known(r.right_first)},
            {"nats_per_record", loss.mean()}};
  }

 private:
  LabelHeadSpec spec_;
  const LabelField& labels_;
  Ranking ranking_;
};

class TagMeasures : public Measures {
 public:
  explicit TagMeasures(const std::vector<std::string>& tags) : are_chunks_(are_chunk_tags(tags)) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    std::vector<std::string> tags = std::get<TagsPrediction>(prediction).tags;
    std::vector<std::string> expected = std::get<std::vector<std::string>>(wanted);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (expected[i].empty()) {
        expected[i] = tags[i] = "O";  // nobody knows it
        continue;
      }
      right_ += tags[i] == expected[i] ? 1 : 0;
      ++words_;
    }
    if (are_chunks_) chunks_ += count_chunks(expected, tags);
  }
  std::optional<Measure> decisive() const override {
    return are_chunks_ ? Measure{"f1", chunks_.f1()} : Measure{"accuracy", accuracy()};
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    ordered_json metrics = {{"sentences", records.size()}, {"words", words_}, {"accuracy", accuracy()}};
    if (are_chunks_) {
      metrics["f1"] = chunks_.f1();
      metrics["precision"] = chunks_.precision();
      metrics["recall"] = chunks_.recall();
    }
    metrics["nats_per_word"] = loss.mean();
    for (const Column& column : records.columns) {
      if (!column.unknown.empty()) metrics["unknown_tags"] = column.unknown.size();
    }
    return metrics;
  }

 private:
  double accuracy() const { return words_ == 0 ? 0 : static_cast<double>(right_) / static_cast<double>(words_); }

  bool are_chunks_;
  std::uint64_t right_ = 0, words_ = 0;
  ChunkCounts chunks_;
};

// Of language models: the loss.
class TokenMeasures : public Measures {
 public:
  TokenMeasures(const NextTokenSpec& spec, const Fields& fields)
      : field_(field_named(fields, spec.field, "measures")) {}

  void add(const Prediction& /*prediction*/, const Cell& /*wanted*/, const Cell& /*input*/) override {}
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const double nats = loss.mean();
    ordered_json metrics = {{"records", records.size()},
                            {"tokens", loss.predictions},
                            {"nats_per_token", nats},
                            {"bits_per_token", nats / std::log(2.0)},
                            {"perplexity", std::exp(nats)}};
    const std::uint64_t missing = records.columns[field_].missing;
    if (missing > 0) metrics["unknown"] = missing;
    return metrics;
  }

 private:
  std::size_t field_;
};

// Of numbers, as they are in the data.
class NumbersMeasures : public Measures {
 public:
  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const std::vector<double>& got = std::get<NumbersPrediction>(prediction).numbers.values;
    const std::vector<double>& expected = std::get<Numbers>(wanted).values;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (std::isnan(expected[i])) continue;
      absolute_ += std::abs(got[i] - expected[i]);
      squares_ += (got[i] - expected[i]) * (got[i] - expected[i]);
      ++count_;
    }
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const auto count = static_cast<double>(count_);
    return {{"records", records.size()},
            {"numbers", count_},
            {"mean_absolute_error", or_null(count_ > 0, absolute_ / count)},
            {"root_mean_square_error", or_null(count_ > 0, std::sqrt(squares_ / count))},
            {"scaled_square_error", or_null(count_ > 0, loss.mean())}};
  }

 private:
  double absolute_ = 0, squares_ = 0;
  std::uint64_t count_ = 0;
};

// Of a signal: the energy of what it is off, as a share of its own.
class SignalMeasures : public Measures {
 public:
  explicit SignalMeasures(const SignalSpec& spec) : spec_(spec) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const Numbers& got = std::get<NumbersPrediction>(prediction).numbers;
    const std::vector<double>& expected = std::get<Numbers>(wanted).values;
    for (std::size_t i = spec_.warm_up * got.width; i < got.values.size(); ++i) {
      error_ += (got.values[i] - expected[i]) * (got.values[i] - expected[i]);
      energy_ += expected[i] * expected[i];
      ++count_;
    }
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    return {{"records", records.size()},
            {"samples", count_},
            {"error_to_signal", or_null(energy_ > 0, error_ / energy_)},
            {"emphasised_error_to_signal", loss.mean()}};
  }

 private:
  SignalSpec spec_;
  double error_ = 0, energy_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

ordered_json or_null(bool known, double value) { return known ? ordered_json(value) : ordered_json(nullptr); }

std::unique_ptr<Measures> make_measures(const HeadSpec& head, const Fields& fields) {
  if (const auto* label = std::get_if<LabelHeadSpec>(&head)) {
    const LabelField& labels = field_as<LabelField>(fields, label->field, "measures");
    if (!label->rank_by.empty()) return std::make_unique<RankMeasures>(*label, labels);
    return std::make_unique<LabelMeasures>(labels);
  }
  if (const auto* tag = std::get_if<TagHeadSpec>(&head)) {
    return std::make_unique<TagMeasures>(field_as<TagsField>(fields, tag->field, "measures").names());
  }
  if (const auto* decoder = std::get_if<DecoderSpec>(&head)) return make_output_measures(*decoder, fields);
  if (std::holds_alternative<CtcSpec>(head)) return make_error_measures();
  if (const auto* forecast = std::get_if<ForecastSpec>(&head)) {
    return make_forecast_measures(field_as<SeriesField>(fields, forecast->field, "measures"));
  }
  if (const auto* draw = std::get_if<DrawSpec>(&head)) {
    return make_image_measures(field_as<ImageField>(fields, draw->field, "measures"));
  }
  if (const auto* token = std::get_if<NextTokenSpec>(&head)) return std::make_unique<TokenMeasures>(*token, fields);
  if (const auto* signal = std::get_if<SignalSpec>(&head)) return std::make_unique<SignalMeasures>(*signal);
  return std::make_unique<NumbersMeasures>();
}

}  // namespace recur
