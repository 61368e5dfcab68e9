#include "measures/error_rate.h"

#include <gtest/gtest.h>

#include "data/white_space.h"
#include "measures/edit_distance.h"
#include "support/random.h"

namespace recur::error_rate_test {
namespace {

// The kinds of the edits in order: = S D I.
std::string kinds(const std::string& wanted, const std::string& got) {
  std::string text;
  for (const Edit& edit : align(cut_at_blanks(wanted), cut_at_blanks(got))) {
    text += "=SDI"[static_cast<std::size_t>(edit.kind)];
  }
  return text;
}

// By hand; ties as the rules in the header say.
TEST(Align, FindsTheFewestEdits) {
  EXPECT_EQ(kinds("a b c", "a b c"), "===");
  EXPECT_EQ(kinds("a b c", "a x c"), "=S=");
  EXPECT_EQ(kinds("a b c", "a c"), "=D=");
  EXPECT_EQ(kinds("a c", "a b c"), "=I=");
  EXPECT_EQ(kinds("", "a b"), "II");
  EXPECT_EQ(kinds("a b", ""), "DD");
  EXPECT_EQ(kinds("", ""), "");
  EXPECT_EQ(kinds("a b c d", "b c d e"), "D===I");
  // Two of three: the first of what is equal at the end, one before it.
  EXPECT_EQ(kinds("a b", "x y z"), "ISS");
  EXPECT_EQ(kinds("x y z", "a b"), "SSD");
  EXPECT_EQ(kinds("a a", "a"), "=D");
  EXPECT_EQ(kinds("a", "a a"), "=I");
}

TEST(Align, IsAsLongAsTheEditDistance) {
  const Random random(5, RandomPurpose::test);
  std::uint64_t position = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts[2];
    for (auto& text : texts) {
      const std::size_t length = random.word(position++) % 8;
      while (text.size() < length) text.emplace_back(1, "abc"[random.word(position++) % 3]);
    }
    EditCounts counts;
    std::size_t wanted = 0, got = 0;
    const std::vector<Edit> edits = align(texts[0], texts[1]);
    for (const Edit& edit : edits) {
      EXPECT_EQ(edit.wanted, wanted);
      EXPECT_EQ(edit.got, got);
      EXPECT_TRUE(edit.kind != Edit::Kind::hit || texts[0][wanted] == texts[1][got]);
      if (edit.kind != Edit::Kind::insertion) ++wanted;
      if (edit.kind != Edit::Kind::deletion) ++got;
    }
    EXPECT_EQ(wanted, texts[0].size());
    EXPECT_EQ(got, texts[1].size());
    counts.add(edits);
    EXPECT_EQ(counts.errors(), edit_distance(texts[0], texts[1]));
  }
}

TEST(ErrorRates, CountWordsCharactersAndTexts) {
  ErrorRates rates;
  EXPECT_EQ(rates.words().rate(), 0);
  EXPECT_EQ(rates.sentence_rate(), 0);
  EXPECT_EQ(rates.character_rate(), 0);
  rates.add("the old cat", " the  old cat ");  // blanks are no errors
  rates.add("sat on the mat", "sat the mats");
  rates.add("h\u00E9", "he");
  EXPECT_EQ(rates.words().hits, 5U);
  EXPECT_EQ(rates.words().deletions, 1U);
  EXPECT_EQ(rates.words().substitutions, 2U);
  EXPECT_EQ(rates.words().insertions, 0U);
  EXPECT_DOUBLE_EQ(rates.words().rate(), 3.0 / 8);
  // "on " and "s", and one letter for another.
  EXPECT_DOUBLE_EQ(rates.character_rate(), 5.0 / (11 + 14 + 2));
  EXPECT_DOUBLE_EQ(rates.sentence_rate(), 2.0 / 3);
  ErrorRates more;
  more.add("a", "a b c");
  EXPECT_DOUBLE_EQ(more.words().rate(), 2);
  EXPECT_DOUBLE_EQ(more.character_rate(), 4);
  ErrorRates nothing;
  nothing.add("", "ab c");
  EXPECT_DOUBLE_EQ(nothing.words().rate(), 2) << "where nothing was wanted, how many";
  EXPECT_DOUBLE_EQ(nothing.character_rate(), 4);
}

TEST(ErrorRates, ShowTheWorstTexts) {
  ErrorRates rates;
  rates.add("a b", "a x");
  rates.add("sat on the mat", "sat the mat today");
  rates.add("right", "right");
  rates.add("c d", "y d");
  ASSERT_EQ(rates.worst().size(), 3U);
  EXPECT_EQ(rates.worst()[0].wanted, "sat on  the mat ***  ");
  EXPECT_EQ(rates.worst()[0].got, "sat *** the mat today");
  EXPECT_EQ(rates.worst()[0].edits, "    D           I    ");
  EXPECT_EQ(rates.worst()[0].errors, 2U);
  EXPECT_EQ(rates.worst()[1].got, "a x");
  EXPECT_EQ(rates.worst()[2].edits, "S  ");
  for (int i = 0; i < 10; ++i) rates.add("w w w w", "");
  EXPECT_EQ(rates.worst().size(), 5U);
  EXPECT_EQ(rates.worst()[0].edits, "D   D   D   D  ");
  rates.add("x x x x x", "y");
  EXPECT_EQ(rates.worst().size(), 5U);
  EXPECT_EQ(rates.worst()[0].errors, 5U);
  EXPECT_EQ(rates.worst()[4].errors, 4U);
}

}  // namespace
}  // namespace recur::error_rate_test
