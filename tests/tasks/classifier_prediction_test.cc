// What a classifier predicts, and that neither threads nor company change it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/records.h"

namespace recur::classifier_prediction_test {
namespace {

constexpr const char* kTexts = "a\tx y z\nb\ty\na\tz x\nc\ty y x z\nb\tw\n";
ClassifyOptions small(Pooling pooling) {
  ClassifyOptions o;
  o.network = {.layers = 1, .hidden = 3, .bidirectional = true};
  o.embedding = 2;
  o.pooling = pooling;
  return o;
}

TEST(ClassifierLoss, TheNumberOfThreadsChangesNoBit) {
  for (const Pooling pooling : {Pooling::last, Pooling::mean, Pooling::max, Pooling::attention}) {
    SCOPED_TRACE(to_string(pooling));
    ClassifyOptions options = small(pooling);
    options.network.hidden = 37;
    options.embedding = 19;
    std::string texts;
    for (int i = 0; i < 60; ++i) {
      texts += std::string(1, "abc"[i % 3]) + "\t";
      for (int word = 0; word <= i % 13; ++word) texts += std::string(1, static_cast<char>('k' + i * word % 11)) + " ";
      texts += "end\n";
    }
    RecordsCase c(options, texts);
    expect_same_on_any_threads(c.mean_loss(), c.values());
  }
}

TEST(ClassifierPredictions, AreAlikeInAnyCompany) {
  const RecordsCase c(small(Pooling::attention), kTexts);
  const std::vector<std::string> together = c.predict("x y z\n\ny\na\tz x\n\n");
  ASSERT_EQ(together.size(), 5U);
  EXPECT_EQ(together[1], "");
  EXPECT_EQ(together[4], "");
  const char* texts[] = {"x y z", "", "y", "z x"};
  for (const std::size_t i : {0U, 2U, 3U}) EXPECT_EQ(c.predict(texts[i]), (std::vector<std::string>{together[i]})) << i;
  EXPECT_NE(together[0], together[2]);
}

TEST(ClassifierPredictions, AreInOrderOfProbability) {
  const RecordsCase c(small(Pooling::last), kTexts, 3);
  for (const std::string& line : c.predict("x y z\ny\nw w\n")) {
    std::istringstream fields(line);
    std::string best, field;
    std::getline(fields, best, '\t');
    double sum = 0, before = 1;
    std::size_t count = 0;
    for (; std::getline(fields, field, '\t'); ++count) {
      EXPECT_TRUE(count > 0 || field.starts_with(best + "="));
      const double probability = std::stod(field.substr(field.find('=') + 1));
      EXPECT_LE(probability, before);
      before = probability;
      sum += probability;
    }
    EXPECT_EQ(count, 3U);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

// Three sequences of one column: steps of `step` from `from` on.
std::vector<float> scaled(double from, double step) {
  std::string text;
  for (const char* label : {"a", "b", "a"}) {
    std::string numbers;
    for (int i = 0; i < 5; ++i) numbers += fmt::format("{}[{:.17g}]", i > 0 ? "," : "", from + step * (i * i % 7));
    text += fmt::format("{{\"label\":\"{}\",\"sequence\":[{}]}}\n", label, numbers);
  }
  const RecordsCase c(small(Pooling::mean), text);
  const std::span<const float> all = c.column(1).numbers[0];
  return {all.begin(), all.end()};
}

TEST(ClassifierPredictions, AreOfColumnsOfAnySizeAndMean) {
  const std::vector<float> usual = scaled(0, 1);
  EXPECT_NE(usual[0], usual[1]);
  for (const double step : {1e-7, 1e-30, 1e-200, 1e30}) {
    const std::vector<float> other = scaled(0, step);
    for (std::size_t i = 0; i < usual.size(); ++i) EXPECT_NEAR(other[i], usual[i], 1e-6) << step;
  }
  const std::vector<float> far = scaled(1.7e9, 1e-3);  // a double there is exact to 2.4e-7
  for (std::size_t i = 0; i < usual.size(); ++i) EXPECT_NEAR(far[i], usual[i], 1e-3);
}

// Scores that differ by hundreds: the loss is their difference.
TEST(ClassifierPredictions, OfNoProbabilityLoseWhatTheyLose) {
  const RecordsCase c(small(Pooling::mean), kTexts);
  Parameters& parameters = c.network->parameters();
  std::ranges::fill(parameters.values(), 0.0F);
  for (const Parameters::Declaration& d : parameters.declarations()) {
    if (d.name == "output.bias") parameters.values()[d.offset] = 300;
  }
  EXPECT_EQ(c.metrics(*c.read("b\tx\nc\ty\n"))["nats_per_record"], 300);
}

// What never changes in the training data is 0 for the layers, and what does later is not scaled.
TEST(ClassifierPredictions, TakeConstantColumnsAsTheyCome) {
  const RecordsCase c(small(Pooling::mean),
                      "{\"label\":\"a\",\"sequence\":[[5,1]]}\n{\"label\":\"b\",\"sequence\":[[5,3]]}\n");
  const auto records = c.read(R"({"label":"a","sequence":[[7,2]]})");
  const std::span<const float> numbers = records->columns[1].numbers[0];
  EXPECT_FLOAT_EQ(numbers[0], 2);
  EXPECT_FLOAT_EQ(numbers[1], 0);
}

}  // namespace
}  // namespace recur::classifier_prediction_test
