// ROUGE, BLEU and CIDEr of the texts of tests/golden/texts.json.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "measures/captions.h"
#include "measures/rouge.h"
#include "support/golden.h"

namespace recur::texts_golden_test {
namespace {

using Strings = std::vector<std::string>;

constexpr double kTolerance = 1e-13;  // relative, of sums of some hundred doubles

nlohmann::json golden_texts() {
  std::ifstream file(golden_folder() + "/texts.json");
  return nlohmann::json::parse(file);
}

void expect_score(const RougeScore& score, const nlohmann::json& expected) {
  EXPECT_NEAR(score.precision, expected[0].get<double>(), kTolerance);
  EXPECT_NEAR(score.recall, expected[1].get<double>(), kTolerance);
  EXPECT_NEAR(score.f1, expected[2].get<double>(), kTolerance);
}

TEST(GoldenTexts, Rouge) {
  const nlohmann::json golden = golden_texts()["rouge"];
  ASSERT_GT(golden.size(), 50U);
  for (const nlohmann::json& text : golden) {
    SCOPED_TRACE(text.dump());
    Rouge rouge;
    rouge.add(text["wanted"].get<Strings>(), text["got"].get<std::string>());
    const RougeScores scores = rouge.result();
    expect_score(scores.rouge_1, text["scores"]["rouge_1"]);
    expect_score(scores.rouge_2, text["scores"]["rouge_2"]);
    expect_score(scores.rouge_l, text["scores"]["rouge_l"]);
    expect_score(scores.rouge_lsum, text["scores"]["rouge_lsum"]);
  }
}

TEST(GoldenTexts, RougeOfASetIsTheMean) {
  double sum = 0;
  Rouge rouge;
  const nlohmann::json golden = golden_texts()["rouge"];
  for (const nlohmann::json& text : golden) {
    rouge.add(text["wanted"].get<Strings>(), text["got"].get<std::string>());
    sum += text["scores"]["rouge_2"][2].get<double>();
  }
  EXPECT_EQ(rouge.texts(), golden.size());
  EXPECT_NEAR(rouge.result().rouge_2.f1, sum / static_cast<double>(golden.size()), kTolerance);
}

TEST(GoldenTexts, Captions) {
  const nlohmann::json golden = golden_texts()["captions"];
  ASSERT_EQ(golden.size(), 5U);
  for (const nlohmann::json& set : golden) {
    SCOPED_TRACE(set["name"].get<std::string>());
    std::vector<OutputGroup> groups;
    std::vector<std::vector<Cider::Words>> references;
    std::vector<Cider::Words> outputs;
    for (const nlohmann::json& picture : set["pictures"]) {
      groups.push_back({"", picture["references"].get<Strings>(), picture["caption"].get<std::string>()});
      auto& of_picture = references.emplace_back();
      for (const std::string& text : groups.back().wanted) of_picture.push_back(caption_words(text));
      outputs.push_back(caption_words(groups.back().output));
    }
    const CaptionScores scores(groups);
    const Bleu bleu = scores.bleu();
    for (std::size_t n = 1; n <= Bleu::kLongest; ++n) {
      EXPECT_NEAR(bleu.score(n), set["bleu"][n - 1].get<double>(), 100 * kTolerance) << n;
    }
    EXPECT_NEAR(scores.rouge_l(), set["rouge_l"].get<double>(), 100 * kTolerance);
    const Cider cider(references);
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_NEAR(cider.of(i, outputs[i]), set["cider"][i].get<double>(), 10 * kTolerance) << i;
      sum += set["cider"][i].get<double>();
    }
    EXPECT_NEAR(scores.cider(), sum / static_cast<double>(outputs.size()), 10 * kTolerance);
  }
}

TEST(CaptionWords, AreWithoutMarks) {
  EXPECT_EQ(caption_words("  A Dog's \"ball\" , (red) -- it IS well-known ... -LRB- \xC3\x89t\xC3\xA9! "),
            (Strings{"a", "dog's", "ball", "red", "it", "is", "well-known", "\xC3\xA9t\xC3\xA9"}));
  EXPECT_EQ(caption_words(" . "), Strings());
}

TEST(RougeWords, OfBytesThatAreNoText) {
  EXPECT_EQ(rouge_words("A\xFF"
                        "b\xE2\x82"),
            (Strings{"a", "b"}));
}

// Each reference is tried for all pictures; the first picture's is like most of the others.
TEST(CaptionScores, TheBestConstantIsTheMostTypicalReference) {
  const std::vector<OutputGroup> groups = {{"", {"two cats sleep", "a dog runs"}, "x"},
                                           {"", {"a dog runs far"}, "x"},
                                           {"", {"a dog sits"}, "x"},
                                           {"", {"the moon"}, "x"}};
  const CaptionScores scores(groups);
  const CaptionScores::Constant constant = scores.best_constant();
  std::string best;
  double highest = -1;
  for (const OutputGroup& from : groups) {
    for (const std::string& text : from.wanted) {
      std::vector<OutputGroup> all = groups;
      for (OutputGroup& group : all) group.output = text;
      const CaptionScores of_all(all);
      if (of_all.cider() <= highest) continue;
      highest = of_all.cider();
      best = text;
      EXPECT_EQ(constant.bleu_1 == of_all.bleu().score(1), text == constant.caption) << text;
    }
  }
  EXPECT_EQ(constant.caption, best);
  EXPECT_DOUBLE_EQ(constant.cider, highest);
}

}  // namespace
}  // namespace recur::texts_golden_test
