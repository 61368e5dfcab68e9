#include "measures/output_measures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/text_field.h"
#include "measures/captions.h"
#include "measures/error_rate.h"
#include "measures/outputs.h"
#include "measures/rouge.h"
#include "measures/summary_baselines.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

// What all have that are made of a source, a picture or other numbers.
class TextMeasures : public Measures {
 public:
  TextMeasures(const DecoderSpec& spec, const Fields& fields)
      : spec_(spec), fields_(fields), field_(field_named(fields, spec.field, "measures")) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& input) override {
    const TextPrediction& text = std::get<TextPrediction>(prediction);
    if (!text.outputs.front().ended) ++cut_;
    groups_.add(input, std::get<std::string>(wanted), text.text());
  }
  std::string_view input_field() const override { return spec_.source.empty() ? spec_.input : spec_.source; }
  std::uint64_t cut_outputs() const override { return cut_; }

 protected:
  const DecoderSpec& spec() const { return spec_; }
  const std::vector<OutputGroup>& groups() const { return groups_.all(); }
  // What stands behind the figures of the outputs.
  void add_rest(const LossSum& loss, const Records& records, ordered_json& metrics) const {
    metrics["nats_per_token"] = loss.mean();
    metrics["perplexity"] = std::exp(loss.mean());
    const std::uint64_t missing = unknown_of(records);
    if (missing > 0) metrics["unknown"] = missing;
    if (cut_ > 0) metrics["cut_outputs"] = cut_;
  }

 private:
  // Tokens that the model can write in no way: what it may copy from the source is none.
  std::uint64_t unknown_of(const Records& records) const {
    const Column& wanted = records.columns[field_];
    if (!spec_.pointer || wanted.keys.total() == 0) return wanted.missing;
    const std::optional<int> unknown = field_as<TextField>(fields_, spec_.field, "measures").codec().unknown();
    const Column& source = records.columns[field_named(fields_, spec_.source, "measures")];
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::span<const int> ids = wanted.ids[i];
      for (std::size_t t = 0; t < ids.size(); ++t) {
        if (ids[t] != unknown) continue;
        const std::span<const std::uint64_t> keys = source.keys[i];
        if (std::ranges::find(keys, wanted.keys[i][t]) == keys.end()) ++count;
      }
    }
    return count;
  }

  DecoderSpec spec_;
  const Fields& fields_;
  std::size_t field_;
  OutputGroups groups_;
  std::uint64_t cut_ = 0;
};

class OutputMeasures : public TextMeasures {
 public:
  OutputMeasures(const DecoderSpec& spec, const Fields& fields)
      : TextMeasures(spec, fields), codec_(field_as<TextField>(fields, spec.field, "measures").codec()) {}

  std::optional<Measure> decisive() const override {
    if (spec().measure == OutputMeasure::loss) return {};
    const OutputScores result = output_scores(groups(), codec_);
    return spec().measure == OutputMeasure::bleu ? Measure{"bleu", result.bleu} : Measure{"exact", result.exact};
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const OutputScores result = output_scores(groups(), codec_);
    ordered_json metrics = {{"records", records.size()}, {"sources", result.sources},
                            {"bleu", result.bleu},       {"chrf", result.chrf},
                            {"exact", result.exact},     {"error_rate", result.error_rate}};
    add_rest(loss, records, metrics);
    return metrics;
  }

 private:
  const TextCodec& codec_;
};

// The three kinds that decide.
ordered_json rouge_json(const Rouge& rouge) {
  const RougeScores scores = rouge.result();
  const auto percent = [&](const RougeScore& score) { return or_null(rouge.texts() > 0, 100 * score.f1); };
  return {
      {"rouge_1", percent(scores.rouge_1)}, {"rouge_2", percent(scores.rouge_2)}, {"rouge_l", percent(scores.rouge_l)}};
}

class SummaryMeasures : public TextMeasures {
 public:
  using TextMeasures::TextMeasures;

  std::optional<Measure> decisive() const override {
    const Rouge rouge = rouge_of([](const OutputGroup& group) { return group.output; });
    if (rouge.texts() == 0) return {};
    const RougeScores scores = rouge.result();
    return Measure{"rouge", 100 * (scores.rouge_1.f1 + scores.rouge_2.f1 + scores.rouge_l.f1) / 3};
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    ordered_json metrics = {{"records", records.size()}, {"sources", groups().size()}};
    const Rouge rouge = rouge_of([](const OutputGroup& group) { return group.output; });
    metrics.update(rouge_json(rouge));
    const RougeScores scores = rouge.result();
    const auto percent = [&](double share) { return or_null(rouge.texts() > 0, 100 * share); };
    metrics["rouge_lsum"] = percent(scores.rouge_lsum.f1);
    metrics["rouge_1_recall"] = percent(scores.rouge_1.recall);
    metrics["rouge_2_recall"] = percent(scores.rouge_2.recall);
    metrics["rouge_l_recall"] = percent(scores.rouge_l.recall);
    if (!spec().source.empty()) add_baselines(metrics);
    add_rest(loss, records, metrics);
    return metrics;
  }

 private:
  // Of a text for each group.
  template <class TextOf>
  Rouge rouge_of(const TextOf& text_of) const {
    Rouge rouge;
    for (const OutputGroup& group : groups()) rouge.add(group.wanted, text_of(group));
    return rouge;
  }
  void add_baselines(ordered_json& metrics) const {
    metrics["first_sentence"] = rouge_json(rouge_of([](const OutputGroup& g) { return first_sentence(g.source); }));
    const SourceSpan span = best_span(groups());
    metrics["best_span"] = {{"start", span.start}, {"words", span.words}};
    metrics["best_span"].update(rouge_json(rouge_of([&](const OutputGroup& g) { return cut_span(g.source, span); })));
  }
};

class CaptionMeasures : public TextMeasures {
 public:
  using TextMeasures::TextMeasures;

  std::optional<Measure> decisive() const override {
    if (spec().measure == OutputMeasure::loss || groups().empty()) return {};
    const CaptionScores scores(groups());
    if (spec().measure == OutputMeasure::bleu) return Measure{"bleu", scores.bleu().score()};
    return scores.pictures() > 1 ? std::optional(Measure{"cider", scores.cider()}) : std::nullopt;
  }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const CaptionScores scores(groups());
    const bool any = scores.pictures() > 0, several = scores.pictures() > 1;
    ordered_json metrics = {{"records", records.size()}, {"pictures", scores.pictures()}};
    const Bleu bleu = scores.bleu();
    for (std::size_t n = 1; n <= Bleu::kLongest; ++n) {
      metrics["bleu_" + std::to_string(n)] = or_null(any, bleu.score(n));
    }
    metrics["rouge_l"] = or_null(any, scores.rouge_l());
    metrics["cider"] = or_null(several, scores.cider());
    metrics["constant"] = nullptr;
    if (several) {
      const CaptionScores::Constant constant = scores.best_constant();
      metrics["constant"] = {{"caption", constant.caption},
                             {"bleu_1", constant.bleu_1},
                             {"bleu_4", constant.bleu_4},
                             {"cider", constant.cider}};
    }
    add_rest(loss, records, metrics);
    return metrics;
  }
};

// Of texts of what is no text itself. Words decide, whatever the tokens are: that is what people count, and what models
// of different tokens can be compared by. Where two are as good, as before the first word is right, the loss does.
class ErrorMeasures : public Measures {
 public:
  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const TextPrediction& text = std::get<TextPrediction>(prediction);
    if (!text.outputs.front().ended) ++cut_;
    rates_.add(std::get<std::string>(wanted), text.text());
  }
  std::uint64_t cut_outputs() const override { return cut_; }
  std::optional<Measure> decisive() const override { return Measure{"wer", rates_.words().rate(), false}; }
  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    const EditCounts& words = rates_.words();
    ordered_json metrics = {{"records", records.size()},
                            {"words", words.hits + words.substitutions + words.deletions},
                            {"wer", words.rate()},
                            {"substitutions", words.substitutions},
                            {"deletions", words.deletions},
                            {"insertions", words.insertions},
                            {"cer", rates_.character_rate()},
                            {"ser", rates_.sentence_rate()},
                            {"loss", loss.mean()}};
    if (cut_ > 0) metrics["cut_outputs"] = cut_;
    metrics["worst"] = ordered_json::array();
    for (const ErrorRates::Text& text : rates_.worst()) {
      metrics["worst"].push_back({{"wanted", text.wanted}, {"got", text.got}, {"edits", text.edits}});
    }
    return metrics;
  }

 private:
  ErrorRates rates_;
  std::uint64_t cut_ = 0;
};

}  // namespace

std::unique_ptr<Measures> make_error_measures() { return std::make_unique<ErrorMeasures>(); }

std::unique_ptr<Measures> make_output_measures(const DecoderSpec& spec, const Fields& fields) {
  const bool sees = spec.source.empty() && !spec.input.empty();  // what is no text
  switch (spec.measure) {
    case OutputMeasure::wer:
      return make_error_measures();
    case OutputMeasure::rouge:
      return std::make_unique<SummaryMeasures>(spec, fields);
    case OutputMeasure::cider:
      return std::make_unique<CaptionMeasures>(spec, fields);
    case OutputMeasure::bleu:
    case OutputMeasure::loss:
      if (sees) return std::make_unique<CaptionMeasures>(spec, fields);
      [[fallthrough]];
    case OutputMeasure::exact:
      break;
  }
  return std::make_unique<OutputMeasures>(spec, fields);
}

}  // namespace recur
