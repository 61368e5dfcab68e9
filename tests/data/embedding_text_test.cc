#include "data/embedding_text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/letter_ngrams.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur::embedding_text_test {
namespace {

constexpr int kEnd = EmbeddingText::kSentenceEnd;

std::vector<int> all_ids(const EmbeddingText& text) {
  std::vector<int> ids;
  EmbeddingText::Slice slice;
  for (std::size_t i = 0; i < text.slices(); ++i) {
    text.read(i, slice);
    ids.insert(ids.end(), slice.ids.begin(), slice.ids.end());
  }
  return ids;
}

TEST(EmbeddingText, CountsWordsAndLeavesOutRareOnes) {
  const TextFile file(
      "\xEF\xBB\xBF"
      "b a b <unk> c\nb a\n\nd a");
  const EmbeddingText text(file.path(), TokenizerKind::word, {.min_count = 2});
  EXPECT_EQ(text.vocabulary().tokens(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(text.counts(), (std::vector<std::uint64_t>{3, 3}));
  EXPECT_EQ(text.words(), 6U);
  EXPECT_EQ(text.rare(), 3U) << "<unk>, c, d";
  EXPECT_EQ(all_ids(text), (std::vector<int>{0, 1, 0, kEnd, 0, 1, kEnd, kEnd, 1, kEnd}));
  const EmbeddingText few(file.path(), TokenizerKind::word, {.max_vocab = 3});
  EXPECT_EQ(few.vocabulary().tokens(), (std::vector<std::string>{"b", "a", "c"}));
}

TEST(EmbeddingText, AWordThatIsSpelledLikeALineEndEndsNoSentence) {
  const TextFile file("a <eos> b\nb a\n");
  const EmbeddingText text(file.path(), TokenizerKind::word, {});
  EXPECT_EQ(all_ids(text), (std::vector<int>{0, 1, kEnd, 1, 0, kEnd, kEnd}));
}

TEST(EmbeddingText, SlicesAreTheWholeText) {
  std::string lines;
  for (int i = 0; i < 30'000; ++i) {
    lines += i % 3 == 0 ? "x Don't" : "y x";
    if (i % 7 == 0) lines += " y";
    lines += i % 5 == 0 ? "\n" : " ";
  }
  const TextFile file(lines);
  const EmbeddingText text(file.path(), TokenizerKind::token, {.lowercase = true});
  EXPECT_GT(text.slices(), 4U);
  EXPECT_EQ(text.share_before(0), 0);
  EXPECT_EQ(text.share_before(text.slices()), 1);
  const std::vector<int> ids = all_ids(text);
  std::vector<std::uint64_t> counts(text.counts().size());
  for (const int id : ids) {
    if (id != kEnd) ++counts[static_cast<std::size_t>(id)];
  }
  EXPECT_EQ(counts, text.counts());
  EXPECT_TRUE(text.vocabulary().id("don't"));
}

TEST(EmbeddingText, ASentenceWithoutAnEndIsCut) {
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += i % 2 == 0 ? "a " : "b ";
  const TextFile file(words);
  const EmbeddingText text(file.path(), TokenizerKind::word, {});
  EXPECT_EQ(text.slices(), 3U);
  const std::vector<int> ids = all_ids(text);
  EXPECT_EQ(ids[1000], kEnd);
  EXPECT_EQ(std::ranges::count(ids, kEnd), 20 + 3) << "20 sentences, three slices";
}

TEST(EmbeddingText, RefusesATextOfOneWord) {
  const auto message = [](std::string_view text, const TokenizerOptions& options) {
    const TextFile file(text);
    const std::string error = error_of([&] { EmbeddingText(file.path(), TokenizerKind::word, options); });
    return error.starts_with(file.path()) ? error.substr(file.path().size()) : error;
  };
  EXPECT_EQ(message("a a a\na", {}),
            ": expected at least two different words that occur 1 times or more, got 1; give a longer text or a "
            "smaller --min-count");
  EXPECT_TRUE(contains(message("", {}), "got 0"));
  EXPECT_TRUE(contains(message("\n\n", {}), "got 0"));
  EXPECT_TRUE(contains(message("a b b", {.min_count = 2}), "2 times or more, got 1"));
  EXPECT_TRUE(contains(message("a b b", {.max_vocab = 1}), "a larger --max-vocab"));
  EXPECT_TRUE(contains(message("a b \xFF", {}), "line 1"));
}

TEST(LetterNgrams, AreThoseOfTheWordBetweenItsMarks) {
  const auto count = [](std::string_view word, LetterRange letters) { return letter_ngrams(word, letters).size(); };
  EXPECT_EQ(count("cat", {0, 6}), 0U);
  EXPECT_EQ(count("cat", {3, 6}), 3U + 2U) << "<ca cat at> <cat cat>, not <cat>";
  EXPECT_EQ(count("cat", {1, 1}), 3U) << "not < and >";
  EXPECT_EQ(count("漢字", {3, 3}), 2U) << "letters, not bytes";
  EXPECT_EQ(count("a", {3, 6}), 0U);
  // FNV-1a, 64 bits, as published: of "a".
  EXPECT_EQ(letter_ngrams("a", {1, 1}), std::vector<std::uint64_t>{0xAF63DC4C8601EC8CU});
  EXPECT_EQ(letter_ngrams("cat", {3, 3})[1], letter_ngrams("scatter", {3, 3})[2]) << "cat";
  EXPECT_NE(letter_ngrams("cat", {3, 3})[0], letter_ngrams("scatter", {3, 3})[1]) << "<ca and sca";
}

}  // namespace
}  // namespace recur::embedding_text_test
