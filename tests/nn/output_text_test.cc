// Outputs of a decoder as text, and how long they may be, on examples worked by hand.
#include "nn/heads/output_text.h"

#include <gtest/gtest.h>

#include "nn/heads/output_bound.h"
#include "support/codecs.h"

namespace recur::output_text_test {
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
  EXPECT_EQ(OutputBound::of(std::span<const std::pair<std::size_t, std::size_t>>()).most_tokens(7), 34U);
}

using Strings = std::vector<std::string>;

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
  EXPECT_EQ(output_text(h, {codec}, Strings{"das", "von", "Müller"}), "house of Müller");
  EXPECT_EQ(output_text(h, {codec}, {}), "house of <unk>");
  h.most_seen.clear();
  EXPECT_EQ(output_text(h, {codec}, Strings{"das", "von", "Müller"}), "house of <unk>");
}

TEST(OutputText, CharactersAreJoinedByNothing) {
  const TextCodec codec = codec_of(TokenizerKind::character, {"ab"});
  Hypothesis h;
  h.tokens = codec.encode("aéb");
  h.most_seen = {0, 1, 0};
  EXPECT_EQ(output_text(h, {codec}, Strings{"x", "ß"}), "aßb");
}

// Tokens behind those of the codec are pieces that the source has.
TEST(OutputText, WritesCopiedPieces) {
  const TextCodec words = codec_of(TokenizerKind::word, {"the house of"});
  const Strings others = {"Müller", "Otto"};
  Hypothesis h;
  h.tokens = words.encode("house of");
  h.tokens.insert(h.tokens.end(), {words.size(), words.size() + 1, *words.unknown()});
  EXPECT_EQ(output_text(h, {words, others}, {}), "house of Müller Otto <unk>");
  h.most_seen = {0, 0, 0, 0, 1};
  EXPECT_EQ(output_text(h, {words, others}, Strings{"das", "Haus"}), "house of Müller Otto Haus");
  h.attention = {{1}, {1}, {1}, {1}, {1}, {1}};
  EXPECT_EQ(alignment_of(h, {words, others}, {"x"}, false).target,
            (Strings{"house", "of", "Müller", "Otto", "<unk>", "</s>"}));

  const TextCodec letters = codec_of(TokenizerKind::character, {"ab"});
  h.tokens = letters.encode("ab");
  h.tokens.insert(h.tokens.begin() + 1, letters.size());
  EXPECT_EQ(OutputPieces({letters, Strings{"ß"}}).decode(h.tokens), "aßb");
}

// Subwords bring their blanks.
TEST(OutputText, WritesCopiedSubwords) {
  CodecOptions options{TokenizerKind::subword, {}};
  options.subwords = 20;
  TextCodec::Builder builder(options);
  for (const char* text : {"the cat the hat", "a cat at a hat"}) builder.add(text);
  const TextCodec codec = builder.build();
  const Strings others = {" dog", "s"};
  std::vector<int> tokens = codec.encode("the cat");
  tokens.insert(tokens.end(), {codec.size() + 1, codec.size()});
  const std::vector<int> more = codec.encode("hat");
  tokens.insert(tokens.end(), more.begin(), more.end());
  EXPECT_EQ(OutputPieces({codec, others}).decode(tokens), "the cats dog hat");
  EXPECT_EQ(OutputPieces({codec, others}).decode(std::span(tokens).last(more.size() + 1)), "dog hat");
}

TEST(AlignmentOf, NamesTokensAndTurnsAReversedSource) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  const Hypothesis h = hypothesis_of(codec, "b", {{0.25F, 0.75F}, {1, 0}});
  const Alignment straight = alignment_of(h, {codec}, {"x", "y"}, false);
  EXPECT_EQ(straight.source, (Strings{"x", "y"}));
  EXPECT_EQ(straight.target, (Strings{"b", "</s>"}));
  EXPECT_EQ(straight.weights, (std::vector<float>{0.25F, 0.75F, 1, 0}));
  const Alignment turned = alignment_of(h, {codec}, {"y", "x"}, true);
  EXPECT_EQ(turned.source, (Strings{"x", "y"}));
  EXPECT_EQ(turned.weights, (std::vector<float>{0.75F, 0.25F, 0, 1}));
}

TEST(AlignmentOf, HasNoEndWhereTheOutputHasNone) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  EXPECT_EQ(alignment_of(hypothesis_of(codec, "b", {{1}}), {codec}, {"x"}, false).target, Strings{"b"});
}

// Of a source that was cut only the beginning was read.
TEST(AlignmentOf, ShowsWhatWasReadOfACutSource) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"b"});
  EXPECT_EQ(alignment_of(hypothesis_of(codec, "", {{0.5F, 0.5F}}), {codec}, {"x", "y", "z"}, false).source,
            (Strings{"x", "y"}));
}

}  // namespace
}  // namespace recur::output_text_test
