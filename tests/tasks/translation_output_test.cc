// Outputs as text and their metrics, on examples worked by hand.
#include "tasks/translation_output.h"

#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

TEST(OutputBound, HoldsAllTrainingDataAndMore) {
  const std::vector<std::pair<std::size_t, std::size_t>> lengths = {{1, 500}, {10, 10}, {40, 20}, {100, 2}};
  const OutputBound bound = OutputBound::of(lengths);
  for (const auto& [source, target] : lengths) EXPECT_GT(bound.most_tokens(source), target);
  EXPECT_LT(bound.most_tokens(100), 2000U);
}

TEST(OutputBound, IsTwiceTheMeanRatioAndTwenty) {
  EXPECT_EQ(OutputBound().most_tokens(7), 34U);
  const std::vector<std::pair<std::size_t, std::size_t>> same = {{5, 5}, {9, 9}}, longer = {{2, 7}, {4, 11}};
  EXPECT_EQ(OutputBound::of(same).most_tokens(7), 34U);
  EXPECT_EQ(OutputBound::of(longer).most_tokens(7), 62U);
  EXPECT_EQ(OutputBound::of({}).most_tokens(7), 34U);
}

using Strings = std::vector<std::string>;

TextCodec codec_of(TokenizerKind kind, const Strings& texts) {
  CodecOptions options;
  options.kind = kind;
  TextCodec::Builder builder(options);
  for (const std::string& text : texts) builder.add(text);
  return builder.build();
}

Hypothesis hypothesis_of(const TextCodec& codec, const std::string& text, std::vector<std::vector<float>> attention) {
  Hypothesis hypothesis;
  hypothesis.tokens = codec.encode(text);
  hypothesis.attention = std::move(attention);
  return hypothesis;
}

TEST(OutputText, AnUnknownWordBecomesTheOneThatWasLookedAtMost) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"the house of"});
  Hypothesis h;
  h.tokens = codec.encode("house of Nobody");
  h.most_seen = {2, 1, 2};
  EXPECT_EQ(output_text(h, codec, Strings{"das", "von", "Müller"}), "house of Müller");
  EXPECT_EQ(output_text(h, codec, {}), "house of <unk>");
  h.most_seen.clear();
  EXPECT_EQ(output_text(h, codec, Strings{"das", "von", "Müller"}), "house of <unk>");
}

TEST(OutputText, CharactersAreJoinedByNothing) {
  const TextCodec codec = codec_of(TokenizerKind::character, {"ab"});
  Hypothesis h;
  h.tokens = codec.encode("aéb");
  h.most_seen = {0, 1, 0};
  EXPECT_EQ(output_text(h, codec, Strings{"x", "ß"}), "aßb");
}

TEST(AlignmentOf, NamesTokensAndTurnsAReversedSource) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  const Hypothesis h = hypothesis_of(codec, "b", {{0.25F, 0.75F}, {1, 0}});
  const Alignment straight = alignment_of(h, codec, {"x", "y"}, false);
  EXPECT_EQ(straight.source, (Strings{"x", "y"}));
  EXPECT_EQ(straight.target, (Strings{"b", "</s>"}));
  EXPECT_EQ(straight.weights, (std::vector<float>{0.25F, 0.75F, 1, 0}));
  const Alignment turned = alignment_of(h, codec, {"y", "x"}, true);
  EXPECT_EQ(turned.source, (Strings{"x", "y"}));
  EXPECT_EQ(turned.weights, (std::vector<float>{0.75F, 0.25F, 0, 1}));
}

TEST(AlignmentOf, HasNoEndWhereTheOutputHasNone) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  EXPECT_EQ(alignment_of(hypothesis_of(codec, "b", {{1}}), codec, {"x"}, false).target, Strings{"b"});
}

// Of a source that was cut only the beginning was read.
TEST(AlignmentOf, ShowsWhatWasReadOfACutSource) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  EXPECT_EQ(alignment_of(hypothesis_of(codec, "", {{0.5F, 0.5F}}), codec, {"x", "y", "z"}, false).source,
            (Strings{"x", "y"}));
}

struct Scored {
  Strings sources, targets, outputs;
};

nlohmann::ordered_json metrics_of(const TextCodec& codec, const Scored& s) {
  TranslationScore score(codec, s.sources, s.targets);
  // In any order.
  for (std::size_t i = s.outputs.size(); i-- > 0;) score.add(i, s.outputs[i]);
  return score.metrics();
}

// "red" has two pronunciations; what comes out is one of them once, and nearest to one of them the other time.
TEST(TranslationScore, AnyListedTargetOfASourceCounts) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"r e d"});
  const auto m = metrics_of(codec, {{"read", "read", "lead", "lead", "cat"},
                                    {"R IY D", "R EH D", "L IY D", "L EH D", "K AE T"},
                                    {"R EH D", "R EH D", "L EH D D", "L EH D D", "K AE T"}});
  EXPECT_EQ(m["records"], 5);
  EXPECT_EQ(m["sources"], 3);
  EXPECT_DOUBLE_EQ(m["exact"].get<double>(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(m["error_rate"].get<double>(), 1.0 / 9);
}

TEST(TranslationScore, ErrorsAreCountedInTheCodecsPieces) {
  const Scored s{{"1", "2"}, {"abcd", "xy"}, {"abed", ""}};
  EXPECT_DOUBLE_EQ(metrics_of(codec_of(TokenizerKind::character, {"abcdxy"}), s)["error_rate"].get<double>(), 3.0 / 6);
  EXPECT_DOUBLE_EQ(metrics_of(codec_of(TokenizerKind::word, {"abcd xy"}), s)["error_rate"].get<double>(), 1.0);
}

TEST(TranslationScore, BlanksDoNotMatterToExact) {
  const auto m = metrics_of(codec_of(TokenizerKind::word, {"a b"}), {{"x"}, {"a  b "}, {"a b"}});
  EXPECT_EQ(m["exact"], 1.0);
}

// Of the output's n-grams match 5 of 6, 3 of 5, 1 of 4 and, of the other record's, 4, 3, 2, 1 of as many; 11 tokens
// were wanted, 10 came.
TEST(TranslationScore, BleuOfAllRecords) {
  const auto m =
      metrics_of(codec_of(TokenizerKind::word, {"a"}),
                 {{"1", "2"}, {"the cat sat on the mat now", "a b c d"}, {"the cat is on the mat", "a b c d"}});
  const double mean = (std::log(9.0 / 10) + std::log(6.0 / 8) + std::log(3.0 / 6) + std::log(1.0 / 4)) / 4;
  EXPECT_NEAR(m["bleu"].get<double>(), 100 * std::exp(mean + 1 - 11.0 / 10), 1e-9);
}

}  // namespace
}  // namespace recur
