#include "data/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::corpus_test {
namespace {

constexpr TokenizerKind kKinds[] = {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word,
                                    TokenizerKind::token, TokenizerKind::subword};

std::vector<int> read_from(const Corpus& corpus, std::uint64_t first, std::size_t count) {
  std::vector<int> ids(count);
  ids.resize(corpus.reader(first).next(ids));
  return ids;
}

std::vector<int> all_of(const Corpus& corpus) { return read_from(corpus, 0, corpus.size() + 1); }

Corpus with_vocabulary_of(std::string_view training_text, TokenizerKind kind, const TextFile& file,
                          TokenizerOptions options = {}) {
  const TextFile training_file(training_text);
  return Corpus(file.path(), Tokenizer::build(InputFile(training_file.path()), kind, options));
}

// Words of changing length and script, a few line ends; many chunks and several index entries long.
std::string long_text(std::size_t words) {
  const std::string letters[] = {"a", "é", "漢", "😀", "bc"};
  std::string text;
  unsigned state = 1;
  for (std::size_t i = 0; i < words; ++i) {
    state = state * 1664525u + 1013904223u;
    for (unsigned k = 0; k <= (state >> 24) % 4; ++k) text += letters[(state >> (8 + 3 * k)) % 5];
    text += (state >> 28) == 0 ? "\r\n" : " ";
  }
  return text + "end";
}

TEST(Corpus, ReadsTheSameFromEveryPlace) {
  const TextFile file(long_text(200000));
  for (const TokenizerKind kind : kKinds) {
    const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), kind));
    const std::vector<int> all = all_of(corpus);
    ASSERT_EQ(all.size(), corpus.size());
    ASSERT_GT(corpus.size(), 200000u);
    EXPECT_EQ(corpus.unseen(), 0u);
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{65535}, std::uint64_t{65536},
                                      std::uint64_t{65537}, std::uint64_t{196609}, corpus.size() - 1, corpus.size()}) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
      const auto end = begin + std::min<std::ptrdiff_t>(all.end() - begin, 70000);
      EXPECT_EQ(read_from(corpus, first, 70000), std::vector<int>(begin, end)) << to_string(kind) << " " << first;
    }
  }
}

TEST(Corpus, AgreesWithTheWholeTextInMemory) {
  const std::string text = long_text(50000);
  const TextFile file(text);
  for (const TokenizerKind kind : kKinds) {
    const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), kind));
    std::vector<int> expected = corpus.tokenizer().encode_prompt(text);
    if (has_words(kind)) expected.push_back(*corpus.tokenizer().vocabulary().id("<eos>"));
    EXPECT_EQ(all_of(corpus), expected) << to_string(kind);
  }
}

TEST(Corpus, ALineEndThatEndsAnIndexStride) {
  // 65,535 words and the <eos> that the file itself does not write: the index then has a place at the very end.
  std::string text;
  for (int i = 0; i < 65535; ++i) text += "a ";
  const TextFile file(text);
  const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), TokenizerKind::word));
  EXPECT_EQ(corpus.size(), 65536u);
  EXPECT_EQ(read_from(corpus, 65535, 2), std::vector<int>{1});
  EXPECT_EQ(read_from(corpus, 65536, 2), std::vector<int>{});
}

TEST(Corpus, SkipsAndCountsWhatTheVocabularyLacks) {
  const TextFile file("xaxxbé");
  const Corpus characters = with_vocabulary_of("ab", TokenizerKind::character, file);
  EXPECT_EQ(all_of(characters), (std::vector<int>{0, 1}));
  EXPECT_EQ(characters.unseen(), 4u);
  EXPECT_EQ(with_vocabulary_of("ab", TokenizerKind::byte, file).unseen(), 5u);
  EXPECT_EQ(all_of(with_vocabulary_of("z", TokenizerKind::character, file)), std::vector<int>{});
}

// The beginning of a word of which the rest is an index entry later.
TEST(Corpus, OfSubwordsIsReadFromInsideAWord) {
  std::string text = "xy";
  for (int i = 0; i < 200'000; ++i) text += i % 3 == 0 ? "ab" : "ba";
  const TextFile learned("ab ba xy\n"), file(text);
  const Corpus corpus(file.path(), Tokenizer::build(InputFile(learned.path()), TokenizerKind::subword, {}, {}, 12));
  const std::vector<int> all = all_of(corpus);
  ASSERT_GT(all.size(), 131'073U);
  EXPECT_EQ(corpus.unseen(), 0U);
  for (const std::uint64_t first : {65535, 65536, 65537, 131072, 131073}) {
    EXPECT_EQ(read_from(corpus, first, 3), std::vector<int>(all.begin() + first, all.begin() + first + 3)) << first;
  }
}

TEST(Corpus, KnowsHowMuchTextItsTokensAre) {
  const std::string text = "\uFEFFaé\n  漢z \u20AC a\n";
  const TextFile file(text);
  for (const TokenizerKind kind : kKinds) {
    const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), kind));
    const std::uint64_t mark = kind == TokenizerKind::byte ? 3 : 0;
    EXPECT_EQ(corpus.text_size().bytes, 17 + mark) << to_string(kind);
    EXPECT_EQ(corpus.text_size().characters, 12 + mark / 3) << to_string(kind);
  }
  const Corpus less = with_vocabulary_of("a\n ", TokenizerKind::character, file);
  EXPECT_EQ(less.text_size().bytes, 8U);
  EXPECT_EQ(less.text_size().characters, 8U);
}

TEST(Corpus, ReadsInTheCaseOfTheTokenizer) {
  const TextFile file("A b \u212A" + std::string(40000, 'K') + " B\n");
  const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), TokenizerKind::word, {.lowercase = true}));
  EXPECT_EQ(all_of(corpus), (std::vector<int>{1, 0, 2, 0, 3}));
}

TEST(Corpus, UnknownWordsAreTokensIfTheVocabularyHasUnk) {
  const TextFile file("a new b\n");
  const Corpus without = with_vocabulary_of("a b\n", TokenizerKind::word, file);
  EXPECT_EQ(all_of(without), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(without.unseen(), 1u);
  const Corpus with = with_vocabulary_of("a a b b c\n", TokenizerKind::word, file, {.min_count = 2});
  EXPECT_EQ(with.tokenizer().vocabulary().unknown(), 3);
  EXPECT_EQ(all_of(with), (std::vector<int>{0, 3, 1, 2}));
  EXPECT_EQ(with.unseen(), 0u);
}

TEST(Corpus, ReadsWordsLongerThanAReadersUsualBuffer) {
  const std::string longest(TokenScanner::kChunkBytes, 'x');
  const TextFile file("a " + longest + " a");
  const Corpus corpus(file.path(), Tokenizer::build(InputFile(file.path()), TokenizerKind::word));
  EXPECT_EQ(all_of(corpus), (std::vector<int>{0, 1, 0, 2}));
}

TEST(Corpus, OneCharacter) {
  const TextFile file("x");
  EXPECT_EQ(with_vocabulary_of("x", TokenizerKind::byte, file).size(), 1u);
  EXPECT_EQ(with_vocabulary_of("x", TokenizerKind::character, file).size(), 1u);
  EXPECT_EQ(with_vocabulary_of("x", TokenizerKind::word, file).size(), 2u);
}

TEST(Corpus, RefusesAnEmptyFileAndOneOfAnotherKind) {
  const TextFile empty(""), binary("ab\n\xFF");
  for (const TokenizerKind kind : kKinds) {
    EXPECT_EQ(error_of([&] { with_vocabulary_of("x", kind, empty); }),
              empty.path() + " is empty; a language model needs text");
  }
  EXPECT_EQ(
      error_of([&] { with_vocabulary_of("x", TokenizerKind::character, binary); }),
      binary.path() +
          ": line 2, byte 3: invalid UTF-8 (0xFF); give text in UTF-8; recur train lm --tokenizer byte reads anything");
}

TEST(Corpus, TellsThatTheFileHasShrunk) {
  const TextFile file(std::string(1000, 'a'));
  const Corpus corpus = with_vocabulary_of("a", TokenizerKind::byte, file);
  std::ofstream(file.path(), std::ios::trunc) << "aaa";
  EXPECT_TRUE(contains(error_of([&] { all_of(corpus); }), file.path() + ": the file has become shorter"));
}

}  // namespace
}  // namespace recur::corpus_test
