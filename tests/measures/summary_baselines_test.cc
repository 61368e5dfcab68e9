#include "measures/summary_baselines.h"

#include <gtest/gtest.h>

#include "measures/rouge.h"
#include "support/random.h"

namespace recur::summary_baselines_test {
namespace {

TEST(FirstSentence, EndsWithAMarkThatABlankFollows) {
  EXPECT_EQ(first_sentence("It rose 3.5 % today. Then it fell."), "It rose 3.5 % today.");
  EXPECT_EQ(first_sentence("Really?! Yes."), "Really?!");
  EXPECT_EQ(first_sentence("no mark at all"), "no mark at all");
  EXPECT_EQ(first_sentence("\n a title\nThe text."), "a title");
  EXPECT_EQ(first_sentence("the end."), "the end.");
  EXPECT_EQ(first_sentence("a . b"), "a .");
  EXPECT_EQ(first_sentence(" "), "");
}

TEST(SourceSpan, IsCutFromWords) {
  EXPECT_EQ(cut_span("One, TWO three. Four", {1, 2}), "two three");
  EXPECT_EQ(cut_span("one two", {1, 40}), "two");
  EXPECT_EQ(cut_span("one two", {2, 3}), "");
}

double mean_f1(const std::vector<OutputGroup>& groups, const SourceSpan& span) {
  Rouge rouge;
  for (const OutputGroup& group : groups) rouge.add(group.wanted, cut_span(group.source, span));
  return rouge.result().rouge_1.f1;
}

// Against the plain way: each span of each source cut and measured.
TEST(SourceSpan, TheBestIsTheOneWithTheHighestMean) {
  const Random random(5, RandomPurpose::test);
  std::uint64_t position = 0;
  const auto text_of = [&](std::size_t most) {
    std::string text;
    for (std::size_t n = random.word(position++) % most; n > 0; --n) {
      text += std::string(1, "abcdefghijkl"[random.word(position++) % 12]) + (n % 5 == 0 ? ". " : " ");
    }
    return text;
  };
  for (int round = 0; round < 5; ++round) {
    std::vector<OutputGroup> groups;
    for (int i = 0; i < 4; ++i) groups.push_back({text_of(60), {text_of(9), text_of(30)}, ""});
    const SourceSpan best = best_span(groups);
    for (std::size_t start = 0; start <= 10; ++start) {
      for (std::size_t words = 1; words <= 40; ++words) {
        EXPECT_LE(mean_f1(groups, {start, words}), mean_f1(groups, best) + 1e-15) << start << ' ' << words;
      }
    }
  }
}

TEST(SourceSpan, OfEqualOnesTheFirstAndShortest) {
  const SourceSpan best = best_span(std::vector<OutputGroup>{{"x a b", {"a b"}, ""}, {"y a b", {"b a"}, ""}});
  EXPECT_EQ(best.start, 1U);
  EXPECT_EQ(best.words, 2U);
}

}  // namespace
}  // namespace recur::summary_baselines_test
