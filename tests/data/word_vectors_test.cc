#include "data/word_vectors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::word_vectors_test {
namespace {

using Floats = std::vector<float>;

int row_of(std::string_view word) {
  constexpr std::string_view kWords[] = {"the", "漢", "a b", "7"};
  for (int row = 0; row < 4; ++row) {
    if (word == kWords[row]) return row;
  }
  return -1;
}

// The four rows, -9 where nothing was filled in.
Floats read(std::string_view text, std::size_t expected_rows, std::size_t width = 2, std::uint64_t skipped = 0,
            const std::string& first_skipped = "") {
  const TextFile file(text);
  Floats table(4 * width, -9.0F);
  const WordVectorCounts counts = read_word_vectors(file.path(), width, row_of, table);
  EXPECT_EQ(counts.filled, expected_rows) << text;
  EXPECT_EQ(counts.skipped, skipped) << text;
  EXPECT_EQ(counts.first_skipped, first_skipped) << text;
  return table;
}

std::string message(std::string_view text, std::size_t width = 2) {
  const TextFile file(text);
  Floats table(4 * width);
  const std::string error = error_of([&] { read_word_vectors(file.path(), width, row_of, table); });
  return error.starts_with(file.path()) ? error.substr(file.path().size()) : error;
}

std::string bytes_of(const Floats& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

TEST(WordVectors, FillsTheRowsThatAreWanted) {
  const Floats expected = {0.5F, -2.0F, 1e-3F, 0.0F, -9.0F, -9.0F, -9.0F, -9.0F};
  EXPECT_EQ(read("the 0.5 -2\ncat 1 1\n漢 1e-3 1e-60\n", 2), expected);
  EXPECT_EQ(read("3 2\r\nthe +0.5 -2 \r\ncat 1 x \r\n漢 1e-3 -0\r\n\r\n", 2), expected) << "of word2vec";
  EXPECT_EQ(read("\xEF\xBB\xBFthe 0.5 -2\n漢 1e-3 0", 2), expected)
      << "with a byte-order mark, without the last line end";
}

TEST(WordVectors, OfARowTheFirstVectorCounts) {
  EXPECT_EQ(read("the 1 2\nthe 3 4\n", 1), (Floats{1, 2, -9, -9, -9, -9, -9, -9}));
}

TEST(WordVectors, AWordMayHoldBlanksOrBeANumber) {
  EXPECT_EQ(read("a b 1 2\n7 3 4\n", 2), (Floats{-9, -9, -9, -9, 1, 2, 3, 4}));
  EXPECT_EQ(read("a b 1\n7 3\n", 2, 1), (Floats{-9, -9, 1, 3}));
}

// Files of millions of words have words that are a tab or a blank, and lines that are cut.
TEST(WordVectors, SkipsAndCountsBadLines) {
  const Floats the = {1, 2, -9, -9, -9, -9, -9, -9};
  const std::string good = "the 1 2\ncat 1 2\ndog 1 2\n";
  const std::pair<const char*, const char*> lines[] = {
      {"\t 1 2", "no word before its numbers"},
      {"  1 2", "no word before its numbers"},
      {" 1 2", "no word before its numbers"},
      {"x 1", "expected 2 numbers, as --embedding says, got 1"},
      {"x 1 2 3", "expected 2 numbers, as --embedding says, got 3"},
      {"x", "expected a word and its vector, got one word"},
      {"\xFF 1 2", "its word is not text in UTF-8"},
      {"\x01 1 2", "its word is not text in UTF-8"},
  };
  for (const auto& [line, problem] : lines) {
    EXPECT_EQ(read(good + line + "\n", 1, 2, 1, std::string("line 4: ") + problem), the);
    EXPECT_EQ(read(std::string(line) + "\n" + good, 1, 2, 1, std::string("line 1: ") + problem), the);
    EXPECT_EQ(read("4 2\n" + std::string(line) + "\n" + good, 1, 2, 1, std::string("line 2: ") + problem), the);
  }
  for (const std::string bad : {"x", "1,5", "nan", "inf", "1e99", "0x1", "--1", "+"}) {
    read(good + "漢 3 " + bad + "\nx x\n\t\n7 3 4\n", 2, 2, 2,
         "line 4: number 2 of 2 is \"" + bad + "\"; expected a finite number");
  }
  EXPECT_EQ(read(good + "漢 3 x\n漢 3 4\n", 2, 2, 1, "line 4: number 2 of 2 is \"x\"; expected a finite number"),
            (Floats{1, 2, 3, 4, -9, -9, -9, -9}))
      << "the second vector counts where the first is none";
}

TEST(WordVectors, ReadsTheBinaryFormatOfWord2vec) {
  const Floats numbers = {0.5F, -2.0F}, others = {1e-3F, 0.0F};
  const Floats expected = {0.5F, -2.0F, 1e-3F, 0.0F, -9.0F, -9.0F, -9.0F, -9.0F};
  for (const std::string end : {"\n", ""}) {
    const std::string file = "3 2\nthe " + bytes_of(numbers) + end + "cat " + bytes_of({7, 7}) + end;
    EXPECT_EQ(read(file + "漢 " + bytes_of(others) + end, 2), expected);
    EXPECT_EQ(read(file + "漢 " + bytes_of(others) + end + "7 " + bytes_of({7}), 2, 2, 1,
                   "vector 4: the file ends within it"),
              expected);
    EXPECT_EQ(read(file + " " + bytes_of({1, 2}) + end + "\xFF " + bytes_of({1, 2}) + end + "漢 " + bytes_of(others), 2,
                   2, 2, "vector 3: no word before its numbers"),
              expected);
    EXPECT_EQ(read(file + "7 " + bytes_of({1, std::nanf("")}) + end + "漢 " + bytes_of(others), 2, 2, 1,
                   "vector 3: number 2 of 2 is nan; expected a finite number"),
              expected);
  }
  // The bytes of a float may look like a blank, a line end or digits.
  const std::string digits = " \n ?1.5?";
  Floats like_digits(2);
  std::memcpy(like_digits.data(), digits.data(), digits.size());
  EXPECT_EQ(read("2 2\n漢 " + bytes_of({0, 1}) + "\nthe " + digits + "\n7 " + bytes_of({3, 4}), 3),
            (Floats{like_digits[0], like_digits[1], 0, 1, -9, -9, 3, 4}));
}

TEST(WordVectors, NamesTheLineThatIsWrong) {
  EXPECT_EQ(message("the 1 2 3\n"), ": line 1: expected 2 numbers, as --embedding says, got 3; give --embedding 3");
  EXPECT_EQ(message("9 50\nthe 1 2\n"),
            ": line 1: expected 2 numbers, as --embedding says, got 50; give --embedding 50");
  EXPECT_EQ(message("the 1 2\ncat 1\nfoo\n"),
            ": line 2: expected 2 numbers, as --embedding says, got 1; give --embedding 1");
  EXPECT_EQ(message("the\n"), ": line 1: expected a word and its vector, got one word");
  EXPECT_EQ(message("the 1 \xFF\n"), ": line 1: number 2 of 2 is \"\\xff\"; expected a finite number");
  EXPECT_TRUE(contains(message(""), "expected lines of a word and its vector, got none"));
  EXPECT_TRUE(contains(message("5 2\n"), "got none"));
  const std::string fasttext_model = std::string("\xBA\x16\x4F\x2F\x0C\0\0\0\x0A\0\0\0", 12);
  EXPECT_TRUE(contains(message(fasttext_model), ".vec"));
}

}  // namespace
}  // namespace recur::word_vectors_test
