// What is said of written texts, by the measure of their decoder.
#include "measures/output_measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/numbers_field.h"
#include "data/text_field.h"
#include "measures/captions.h"
#include "measures/rouge.h"
#include "support/codecs.h"

namespace recur::output_measures_test {
namespace {

using nlohmann::ordered_json;

TextPrediction output(const std::string& text, bool ended = true) { return {{{text, 0, ended}}, {}, {}}; }
Cell picture(double a, double b) { return Numbers{{a, b}, 2}; }

struct Case {
  explicit Case(const DecoderSpec& spec) {
    const TextCodec codec = codec_of(TokenizerKind::word, {"a b c"});
    fields.push_back(std::make_unique<TextField>(FieldSpec{"target", TextSpec{}, true}, codec));
    fields.push_back(std::make_unique<TextField>(FieldSpec{"source", TextSpec{}}, codec));
    fields.push_back(
        std::make_unique<NumbersField>(FieldSpec{"picture", NumbersSpec{}}, NumbersField::Moments{{0, 0}, {1, 1}}));
    records.columns.resize(fields.size());
    measures = make_measures(spec, fields);
  }
  // What may be printed and read again.
  ordered_json metrics() const {
    return ordered_json::parse(measures->metrics(LossSum{std::log(2.0) * 6, 6}, records).dump());
  }

  Fields fields;
  Records records;
  std::unique_ptr<Measures> measures;
};

DecoderSpec decoder_of(OutputMeasure measure, const std::string& source, const std::string& input) {
  DecoderSpec spec;
  spec.field = "target";
  spec.source = source;
  spec.measure = measure;
  spec.input = input;
  return spec;
}

TEST(OutputMeasures, OfTranscriptsAreErrorRates) {
  const Case c(decoder_of(OutputMeasure::wer, "", "picture"));
  EXPECT_EQ(c.measures->input_field(), "");
  c.measures->add(output("a x", false), "a b c", {});
  EXPECT_DOUBLE_EQ(c.metrics()["wer"], 2.0 / 3);
  EXPECT_STREQ(c.measures->decisive()->name, "wer");
  EXPECT_FALSE(c.measures->decisive()->higher_is_better);
  EXPECT_EQ(c.measures->cut_outputs(), 1U);
}

TEST(OutputMeasures, OfTranslationsAreBleuAndExact) {
  for (const OutputMeasure measure : {OutputMeasure::bleu, OutputMeasure::exact, OutputMeasure::loss}) {
    const Case c(decoder_of(measure, "source", ""));
    EXPECT_EQ(c.measures->input_field(), "source");
    c.measures->add(output("a b c d"), "a b c d", "one");
    c.measures->add(output("a b c d"), "a b c e", "one");
    c.measures->add(output("b"), "a b", "two");
    const ordered_json metrics = c.metrics();
    EXPECT_EQ(metrics["sources"], 2);
    EXPECT_DOUBLE_EQ(metrics["exact"], 0.5);
    const double expected = 100 * std::pow(8.0 / 9 * 5 / 6 * 3 / 4 * 1 / 2, 0.25) * std::exp(1 - 10.0 / 9);
    EXPECT_NEAR(metrics["bleu"].get<double>(), expected, 1e-12);
    EXPECT_DOUBLE_EQ(metrics["perplexity"], 2);
    const auto decisive = c.measures->decisive();
    ASSERT_EQ(decisive.has_value(), measure != OutputMeasure::loss);
    if (!decisive) continue;
    EXPECT_DOUBLE_EQ(decisive->value, metrics[decisive->name]);
  }
}

TEST(OutputMeasures, ExactOfPicturesKnowsWhatBelongsTogether) {
  const Case c(decoder_of(OutputMeasure::exact, "", "picture"));
  EXPECT_EQ(c.measures->input_field(), "picture");
  c.measures->add(output("a"), "b", picture(1, 2));
  c.measures->add(output("c"), "b", picture(1, 3));
  c.measures->add(output("a"), "a", picture(1, 2));
  EXPECT_EQ(c.metrics()["sources"], 2);
  EXPECT_DOUBLE_EQ(c.measures->decisive()->value, 0.5);
  const Case unknown(decoder_of(OutputMeasure::exact, "", ""));  // of inputs of which nothing is known
  unknown.measures->add(output("a"), "b", {});
  unknown.measures->add(output("a"), "a", {});
  EXPECT_EQ(unknown.metrics()["sources"], 2);
}

TEST(OutputMeasures, OfSummariesAreRouge) {
  Case c(decoder_of(OutputMeasure::rouge, "source", ""));
  EXPECT_EQ(c.measures->input_field(), "source");
  c.records.columns[0].missing = 3;
  c.measures->add(output("the cat"), "a cat sat", "The cat sat. It slept.");
  c.measures->add(output("a dog barks", false), "dogs", "Dogs bark. A lot!");
  c.measures->add(output("the cat"), "the cat", "The cat sat. It slept.");
  const ordered_json metrics = c.metrics();
  EXPECT_EQ(metrics["sources"], 2);
  EXPECT_DOUBLE_EQ(metrics["rouge_1"], 50);  // the better of two, and nothing
  EXPECT_DOUBLE_EQ(metrics["rouge_2"], 50);
  EXPECT_DOUBLE_EQ(metrics["rouge_l"], 50);
  EXPECT_DOUBLE_EQ(metrics["rouge_lsum"], 50);
  EXPECT_DOUBLE_EQ(metrics["rouge_1_recall"], 50);
  EXPECT_DOUBLE_EQ(c.measures->decisive()->value, 50);
  EXPECT_STREQ(c.measures->decisive()->name, "rouge");
  // "The cat sat." and "Dogs bark.": with "the cat" 2 of 3 and 2, "dogs" 1 of 2 and 1; pairs 1 of 2 and 1.
  EXPECT_NEAR(metrics["first_sentence"]["rouge_1"].get<double>(), 100 * (4.0 / 5 + 2.0 / 3) / 2, 1e-12);
  EXPECT_NEAR(metrics["first_sentence"]["rouge_2"].get<double>(), 100 * (2.0 / 3) / 2, 1e-12);
  EXPECT_NEAR(metrics["first_sentence"]["rouge_l"].get<double>(), 100 * (4.0 / 5 + 2.0 / 3) / 2, 1e-12);
  // One word: 2 of 3 ("the"; of the other text 2 / 4) and 1; two: 1 and 2 of 3. Both have the mean 5 / 6.
  EXPECT_EQ(metrics["best_span"]["start"], 0);
  EXPECT_NEAR(metrics["best_span"]["rouge_1"].get<double>(), 100 * 5.0 / 6, 1e-12);
  EXPECT_EQ(metrics["unknown"], 3);
  EXPECT_EQ(metrics["cut_outputs"], 1);
}

TEST(OutputMeasures, RougeOfWhatIsNoTextHasNoBaselines) {
  const Case c(decoder_of(OutputMeasure::rouge, "", "picture"));
  c.measures->add(output("a"), "a", picture(1, 2));
  EXPECT_DOUBLE_EQ(c.metrics()["rouge_1"], 100);
  EXPECT_FALSE(c.metrics().contains("first_sentence"));
}

TEST(OutputMeasures, OfCaptionsAreThoseOfCoco) {
  const std::vector<OutputGroup> groups = {{"", {"a dog runs on grass", "the dog runs"}, "a dog runs"},
                                           {"", {"two cats sleep on the bed"}, "two cats on the bed ."}};
  const CaptionScores scores(groups);
  for (const OutputMeasure measure : {OutputMeasure::cider, OutputMeasure::bleu, OutputMeasure::loss}) {
    const Case c(decoder_of(measure, "", "picture"));
    EXPECT_EQ(c.measures->input_field(), "picture");
    c.measures->add(output(groups[0].output), groups[0].wanted[0], picture(1, 2));
    c.measures->add(output(groups[1].output), groups[1].wanted[0], picture(1, 3));
    c.measures->add(output(groups[0].output), groups[0].wanted[1], picture(1, 2));
    const ordered_json metrics = c.metrics();
    EXPECT_EQ(metrics["pictures"], 2);
    EXPECT_DOUBLE_EQ(metrics["cider"], scores.cider());
    EXPECT_GT(metrics["cider"], 1);
    EXPECT_DOUBLE_EQ(metrics["rouge_l"], scores.rouge_l());
    EXPECT_DOUBLE_EQ(metrics["bleu_1"], scores.bleu().score(1));
    EXPECT_DOUBLE_EQ(metrics["bleu_4"], scores.bleu().score(4));
    EXPECT_GT(metrics["bleu_2"], metrics["bleu_3"]);
    EXPECT_DOUBLE_EQ(metrics["constant"]["cider"], scores.best_constant().cider);
    const auto decisive = c.measures->decisive();
    ASSERT_EQ(decisive.has_value(), measure != OutputMeasure::loss);
    if (!decisive) continue;
    EXPECT_STREQ(decisive->name, measure == OutputMeasure::bleu ? "bleu" : "cider");
    EXPECT_DOUBLE_EQ(decisive->value, metrics[measure == OutputMeasure::bleu ? "bleu_4" : "cider"]);
  }
}

TEST(OutputMeasures, AreNullWhereNothingCouldBeMeasured) {
  const Case rouge(decoder_of(OutputMeasure::rouge, "source", "")),
      cider(decoder_of(OutputMeasure::cider, "", "picture"));
  EXPECT_FALSE(rouge.measures->decisive());
  EXPECT_FALSE(cider.measures->decisive());
  for (const char* name : {"rouge_1", "rouge_2", "rouge_l", "rouge_lsum", "rouge_1_recall"}) {
    EXPECT_TRUE(rouge.metrics()[name].is_null()) << name;
  }
  EXPECT_TRUE(rouge.metrics()["first_sentence"]["rouge_1"].is_null());
  EXPECT_TRUE(rouge.metrics()["best_span"]["rouge_l"].is_null());
  for (const char* name : {"bleu_1", "bleu_4", "rouge_l", "cider", "constant"}) {
    EXPECT_TRUE(cider.metrics()[name].is_null()) << name;
  }
  cider.measures->add(output("a dog"), "a dog", picture(1, 2));  // one picture says nothing of how rare words are
  EXPECT_TRUE(cider.metrics()["cider"].is_null());
  EXPECT_DOUBLE_EQ(cider.metrics()["bleu_2"], 100);
  EXPECT_FALSE(cider.measures->decisive());
}

}  // namespace
}  // namespace recur::output_measures_test
