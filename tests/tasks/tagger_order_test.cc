// Taggers that choose tags only in orders that their scheme allows, what schemes become of each other, and how probable
// tags are.
#include <gtest/gtest.h>

#include <cmath>

#include "data/chunk_tags.h"
#include "data/text_file.h"
#include "support/error_of.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::tagger_order_test {
namespace {

constexpr const char* kSentences = "the O\nold B-x\ncats I-x\n\nthe O\ncat B-x\n\nold B-y\ncat I-y\n";

TagOptions small(bool crf, bool constrain, TagScheme scheme = TagScheme::as_they_are) {
  TagOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.words.min_count = 1;
  o.embedding = 2;
  o.letter_cell = "none";
  o.crf = crf;
  o.constrain = constrain;
  o.scheme = scheme;
  return o;
}

// All sequences of so many tags of a model.
std::vector<std::vector<std::string>> sequences(const RecordsCase& c, std::size_t length) {
  const std::vector<std::string>& names = dynamic_cast<const NamesField&>(*c.network->fields()[1]).names();
  std::vector<std::vector<std::string>> all = {{}};
  for (std::size_t t = 0; t < length; ++t) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& sequence : all) {
      for (const std::string& name : names) {
        longer.push_back(sequence);
        longer.back().push_back(name);
      }
    }
    all = longer;
  }
  return all;
}

bool is_legal(TagScheme scheme, const std::vector<std::string>& tags) { return in_scheme(tags, scheme) == tags; }

std::string sentence(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += "cat " + tag + "\n";
  return text;
}

class OrderedTaggers : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Kinds, OrderedTaggers, testing::Bool(),
                         [](const auto& test) { return test.param ? "crf" : "each"; });

TEST_P(OrderedTaggers, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  RecordsCase t(small(GetParam(), true), kSentences);
  expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, 0x1p-7F);
}

// With a CRF a loss is -log of a sequence's share of all that are allowed; with another order it is none.
TEST(TagOrder, OnlyRightOrdersHaveAProbability) {
  for (const TagScheme scheme : {TagScheme::iob1, TagScheme::bio, TagScheme::bioes, TagScheme::bmes}) {
    RecordsCase c(small(true, true, scheme), kSentences, 2);
    double sum = 0;
    for (const auto& tags : sequences(c, 3)) {
      const auto records = c.read(sentence(tags) + "\ncat O\n");  // data of unknown tags alone are refused
      // What is read is made into the scheme.
      const auto converted = std::get<std::vector<std::string>>(c.network->fields()[1]->cell(records->columns[1], 0));
      EXPECT_TRUE(is_legal(scheme, converted));
      if (converted == tags) sum += std::exp(-c.nats(*records, {0}));
    }
    EXPECT_NEAR(sum, 1, 1e-5) << to_string(scheme);
  }
}

TEST(TagOrder, SentencesInAnotherOrderTeachNothing) {
  RecordsCase c(small(true, true), kSentences, 2);
  const auto records = c.read("cat O\ncat I-x\n\ncat B-x\ncat I-x\n\ncat B-x\ncat I-y\n\ncat NEW\ncat I-x\n");
  EXPECT_EQ(c.network->head().unlearnable(*records, 0),
            "\"I-x\" after \"O\", which --constrain leaves out: the tags are bio");
  EXPECT_EQ(c.network->head().unlearnable(*records, 1), "");
  EXPECT_EQ(c.network->head().unlearnable(*records, 2),
            "\"I-y\" after \"B-x\", which --constrain leaves out: the tags are bio");
  EXPECT_EQ(c.network->head().unlearnable(*records, 3), "") << "what is unknown may be any";
  Tape tape(false);
  const LossSum some = c.loss_on(tape, *records, {0, 1, 2}, Noise::silent());
  EXPECT_EQ(some.predictions, 2U);
  EXPECT_NEAR(some.nats, c.nats(*records, {1}), 1e-6);
  // The unknown tag is B-x or I-x, which stands behind nothing but a B-x: so it is B-x.
  EXPECT_NEAR(std::exp(-c.nats(*records, {3})), std::exp(-c.nats(*records, {1})), 1e-6);
}

TEST(TagOrder, OfTagsForThemselvesEverySentenceTeaches) {
  RecordsCase c(small(false, true), kSentences, 2);
  const auto records = c.read("cat O\ncat I-x\n");
  EXPECT_EQ(c.network->head().unlearnable(*records, 0), "");
  RecordsCase free(small(false, false), kSentences, 2);
  EXPECT_EQ(c.nats(*records, {0}), free.nats(*free.read("cat O\ncat I-x\n"), {0}));
}

// The best sequences, their probabilities and those of the tags of the best, against all sequences.
TEST_P(OrderedTaggers, SaysHowProbableSequencesAre) {
  for (const bool constrain : {false, true}) {
    RecordsCase c(small(GetParam(), constrain), kSentences, 2);
    std::vector<std::pair<double, std::vector<std::string>>> all;
    double sum = 0;
    for (const auto& tags : sequences(c, 3)) {
      if (constrain && !is_legal(TagScheme::bio, tags)) continue;
      all.emplace_back(std::exp(-c.nats(*c.read(sentence(tags)), {0})), tags);
      sum += all.back().first;
    }
    std::ranges::sort(all, std::greater<>());
    const auto records = c.read("cat\ncat\ncat\n", false);
    PredictOptions options;
    options.decode.n_best = all.size() + 1;
    const auto predicted = [&](const PredictOptions& how) {
      TagsPrediction result;
      predict(*c.network, *records, how,
              [&](std::size_t, Prediction&& p) { result = std::get<TagsPrediction>(std::move(p)); });
      return result;
    };
    const TagsPrediction several = predicted(options);
    EXPECT_TRUE(several.probabilities.empty());
    ASSERT_EQ(several.best.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(several.best[i].tags, all[i].second) << i;
      EXPECT_NEAR(std::exp(several.best[i].log_probability), all[i].first / sum, 1e-6) << i;
    }
    EXPECT_EQ(several.tags, several.best[0].tags);
    options = {};
    options.probabilities = true;
    const TagsPrediction one = predicted(options);
    EXPECT_TRUE(one.best.empty());
    for (std::size_t t = 0; t < 3; ++t) {
      double expected = 0;
      for (const auto& [probability, tags] : all) expected += tags[t] == one.tags[t] ? probability / sum : 0;
      EXPECT_NEAR(one.probabilities[t], expected, 1e-6) << t;
    }
  }
}

TEST(TagOrder, WritesProbabilitiesAndTheBestSequences) {
  RecordsCase c(small(true, true), kSentences, 2);
  PredictOptions options;
  options.probabilities = true;
  const std::string line = c.predict(*c.read("cat\n", false), options).at(0);
  EXPECT_EQ(std::ranges::count(line, '\t'), 2);
  EXPECT_GT(std::stod(line.substr(line.rfind('\t'))), 0.25);
  options.probabilities = false;
  options.decode.n_best = 2;
  const std::vector<std::string> lines = c.predict(*c.read("cat\nold\n", false), options, OutputLines::numbered);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_TRUE(lines[0].starts_with("# 1\t-")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("cat\t")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("old\t")) << lines[2];
  EXPECT_EQ(lines[3], "");
  EXPECT_TRUE(lines[4].starts_with("# 2\t-")) << lines[4];
}

TEST(TagOrder, IsOfTagsThatMarkChunks) {
  const auto message = [](const TagOptions& options, const std::string& text) {
    return error_of([&] { RecordsCase(options, text); });
  };
  EXPECT_EQ(message(small(true, true), "a X\nb Y\n"),
            "--constrain: expected tags that mark chunks, such as B-NAME, I-NAME and O, got \"X\", \"Y\"");
  EXPECT_EQ(message(small(true, true), "a B-x\nb E-x\n"),
            "--constrain: expected tags of which one can stand alone, O or S-NAME, got \"B-x\", \"E-x\"");
  EXPECT_TRUE(message(small(true, false, TagScheme::bioes), "a O\nb NN\n")
                  .ends_with("line 1: --scheme bioes: expected tags that mark chunks, such as B-NAME, I-NAME and O, "
                             "got \"NN\""));
}

// The model's tags and what a file has are of different schemes; chunks and accuracy are compared all the same.
TEST(TagScheme, EvaluatesFilesOfAnyScheme) {
  RecordsCase c(small(true, true, TagScheme::bioes), kSentences, 2);
  const auto metrics = c.metrics(*c.read("the O\nold I-x\ncats I-x\ncat B-x\nold I-y\n"));
  EXPECT_EQ(metrics, c.metrics(*c.read("the O\nold B-x\ncats E-x\ncat S-x\nold S-y\n")));
  EXPECT_EQ(metrics["per_type"]["x"]["expected"], 2);
}

}  // namespace
}  // namespace recur::tagger_order_test
