#include "data/word_vectors.h"

#include <gtest/gtest.h>

#include <vector>

#include "text_file.h"

namespace recur {
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
Floats read(std::string_view text, std::size_t expected_rows, std::size_t width = 2) {
  const TextFile file(text);
  Floats table(4 * width, -9.0F);
  EXPECT_EQ(read_word_vectors(file.path(), width, row_of, table), expected_rows) << text;
  return table;
}

std::string message(std::string_view text, std::size_t width = 2) {
  const TextFile file(text);
  Floats table(4 * width);
  const std::string error = error_of([&] { read_word_vectors(file.path(), width, row_of, table); });
  return error.starts_with(file.path()) ? error.substr(file.path().size()) : error;
}

TEST(WordVectors, FillsTheRowsThatAreWanted) {
  const Floats expected = {0.5F, -2.0F, 1e-3F, 0.0F, -9.0F, -9.0F, -9.0F, -9.0F};
  EXPECT_EQ(read("the 0.5 -2\ncat 1 1\n漢 1e-3 1e-60\n", 2), expected);
  EXPECT_EQ(read("3 2\r\nthe +0.5 -2 \r\ncat 1 x \r\n漢 1e-3 -0\r\n\r\n", 2), expected) << "of word2vec";
}

TEST(WordVectors, OfARowTheFirstVectorCounts) {
  EXPECT_EQ(read("the 1 2\nthe 3 4\n", 1), (Floats{1, 2, -9, -9, -9, -9, -9, -9}));
}

TEST(WordVectors, AWordMayHoldBlanksOrBeANumber) {
  EXPECT_EQ(read("a b 1 2\n7 3 4\n", 2), (Floats{-9, -9, -9, -9, 1, 2, 3, 4}));
  EXPECT_EQ(read("a b 1\n7 3\n", 2, 1), (Floats{-9, -9, 1, 3}));
}

TEST(WordVectors, NamesTheLineThatIsWrong) {
  EXPECT_EQ(message("the 1 2 3\n"), ": line 1: expected 2 numbers, as --embedding says, got 3; give --embedding 3");
  EXPECT_EQ(message("9 50\nthe 1 2\n"),
            ": line 1: expected 2 numbers, as --embedding says, got 50; give --embedding 50");
  EXPECT_EQ(message("the 1 2\ncat 1\n"), ": line 2: expected 2 numbers after the word, as in the lines before, got 1");
  EXPECT_EQ(message("cat 1 2\ncat 1 2 3\n"),
            ": line 2: expected 2 numbers after the word, as in the lines before, got 3");
  for (const std::string bad : {"x", "1,5", "nan", "inf", "1e99", "0x1", "--1", "+"}) {
    EXPECT_EQ(message("cat 1 2\nthe 1 " + bad + "\n"),
              ": line 2: number 2 of 2 is \"" + bad + "\"; expected a finite number");
  }
  EXPECT_TRUE(contains(message("the\n"), "line 1: expected a word and its vector, got one word"));
  EXPECT_TRUE(contains(message(""), "expected lines of a word and its vector, got none"));
  EXPECT_TRUE(contains(message("5 2\n"), "got none"));
  EXPECT_TRUE(contains(message("the 1 \xFF\n"), "line 1: expected UTF-8"));
}

}  // namespace
}  // namespace recur
