#include "measures/measures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/label_field.h"
#include "data/tags_field.h"
#include "measures/chunks.h"
#include "measures/forecast_measures.h"
#include "measures/image_measures.h"
#include "measures/label_measures.h"
#include "measures/note_measures.h"
#include "measures/output_measures.h"
#include "measures/root_mean_square.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

class TagMeasures : public Measures {
 public:
  explicit TagMeasures(const TagsField& tags) : are_chunks_(tags.scheme() != TagScheme::as_they_are) {}

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
    if (are_chunks_) chunks_.add(expected, tags);
  }
  std::optional<Measure> decisive() const override {
    return are_chunks_ ? Measure{"f1", chunks_.all().f1()} : Measure{"accuracy", accuracy()};
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    ordered_json metrics = {{"sentences", records.size()}, {"words", words_}, {"accuracy", accuracy()}};
    if (are_chunks_) metrics.update(rates(chunks_.all()));
    metrics["nats_per_word"] = loss.mean();
    for (const auto& [type, counts] : chunks_.types()) {
      ordered_json& of_type = metrics["per_type"][type] = rates(counts);
      of_type["correct"] = counts.right;
      of_type["predicted"] = counts.predicted;
      of_type["expected"] = counts.expected;
    }
    for (const Column& column : records.columns) {
      if (!column.unknown.empty()) metrics["unknown_tags"] = column.unknown.size();
    }
    return metrics;
  }

 private:
  double accuracy() const { return share_of(right_, words_); }
  static ordered_json rates(const RightCounts& counts) {
    return {{"f1", counts.f1()}, {"precision", counts.precision()}, {"recall", counts.recall()}};
  }

  bool are_chunks_;
  std::uint64_t right_ = 0, words_ = 0;
  ChunkTable chunks_;
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
      squares_.add(got[i] - expected[i]);
    }
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const std::size_t count = squares_.count();
    return {{"records", records.size()},
            {"numbers", count},
            {"mean_absolute_error", or_null(count > 0, absolute_ / static_cast<double>(count))},
            {"root_mean_square_error", or_null(count > 0, squares_.root())},
            {"scaled_square_error", or_null(count > 0, loss.mean())}};
  }

 private:
  double absolute_ = 0;
  RootMeanSquare squares_;
};

// Of a signal: the energy of what it is off, as a share of its own.
class SignalMeasures : public Measures {
 public:
  explicit SignalMeasures(const SignalSpec& spec) : spec_(spec) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const Numbers& got = std::get<NumbersPrediction>(prediction).numbers;
    const std::vector<double>& expected = std::get<Numbers>(wanted).values;
    const std::size_t width = got.width, first = spec_.warm_up * width;
    const double emphasis = static_cast<double>(spec_.emphasis);
    for (std::size_t i = first; i < got.values.size(); ++i) {
      error_.add(got.values[i] - expected[i]);
      energy_.add(expected[i]);
      if (i < first + width) continue;
      const double before = expected[i - width], error_before = got.values[i - width] - before;
      filtered_error_.add(got.values[i] - expected[i] - emphasis * error_before);
      filtered_energy_.add(expected[i] - emphasis * before);
    }
  }
  ordered_json metrics(const LossSum& /*loss*/, const Records& records) const override {
    return {{"records", records.size()},
            {"samples", energy_.count()},
            {"error_to_signal", share(error_, energy_)},
            {"emphasised_error_to_signal", share(filtered_error_, filtered_energy_)}};
  }

 private:
  static ordered_json share(const RootMeanSquare& error, const RootMeanSquare& energy) {
    constexpr double kSilence = 1e-8;  // below a step of 24 bits: what rounding has left of zeros
    const double ratio = error.root() / energy.root();
    return or_null(energy.root() > kSilence, ratio * ratio);
  }

  SignalSpec spec_;
  RootMeanSquare error_, energy_, filtered_error_, filtered_energy_;
};

class StrokeMeasures : public Measures {
 public:
  void add(const Prediction& /*prediction*/, const Cell& /*wanted*/, const Cell& /*input*/) override {}
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    return {{"drawings", records.size()}, {"steps", loss.predictions}, {"nats_per_step", loss.mean()}};
  }
};

}  // namespace

ordered_json or_null(bool known, double value) { return known ? ordered_json(value) : ordered_json(nullptr); }

std::unique_ptr<Measures> make_measures(const HeadSpec& head, const Fields& fields) {
  if (const auto* label = std::get_if<LabelHeadSpec>(&head)) return make_label_measures(*label, fields);
  if (const auto* labels = std::get_if<LabelsHeadSpec>(&head)) return make_label_measures(*labels, fields);
  if (const auto* tag = std::get_if<TagHeadSpec>(&head)) {
    return std::make_unique<TagMeasures>(field_as<TagsField>(fields, tag->field, "measures"));
  }
  if (const auto* decoder = std::get_if<DecoderSpec>(&head)) return make_output_measures(*decoder, fields);
  if (text_along_steps(head) != nullptr) return make_error_measures();
  if (const auto* forecast = std::get_if<ForecastSpec>(&head)) {
    return make_forecast_measures(field_as<SeriesField>(fields, forecast->field, "measures"));
  }
  if (const auto* draw = std::get_if<DrawSpec>(&head)) {
    return make_image_measures(field_as<ImageField>(fields, draw->field, "measures"));
  }
  if (const auto* notes = std::get_if<NextNotesSpec>(&head)) return make_note_measures(*notes);
  if (std::holds_alternative<NextStrokeSpec>(head)) return std::make_unique<StrokeMeasures>();
  if (const auto* token = std::get_if<NextTokenSpec>(&head)) return std::make_unique<TokenMeasures>(*token, fields);
  if (const auto* signal = std::get_if<SignalSpec>(&head)) return std::make_unique<SignalMeasures>(*signal);
  return std::make_unique<NumbersMeasures>();
}

}  // namespace recur
