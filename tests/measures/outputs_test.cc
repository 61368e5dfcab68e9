// How good outputs are, on examples worked by hand.
#include "measures/outputs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/codecs.h"

namespace recur::outputs_test {
namespace {

using Strings = std::vector<std::string>;

struct Scored {
  Strings sources, targets, outputs;
};

OutputScores scores_of(const TextCodec& codec, const Scored& s) {
  OutputGroups groups;
  for (std::size_t i = 0; i < s.outputs.size(); ++i) groups.add(s.sources[i], s.targets[i], s.outputs[i]);
  return output_scores(groups.all(), codec);
}

// "red" has two pronunciations; what comes out is one of them once, and nearest to one of them the other time.
TEST(OutputScores, AnyListedTargetOfASourceCounts) {
  const TextCodec codec = codec_of(TokenizerKind::word, {"r e d"});
  const auto m = scores_of(codec, {{"read", "read", "lead", "lead", "cat"},
                                   {"R IY D", "R EH D", "L IY D", "L EH D", "K AE T"},
                                   {"R EH D", "R EH D", "L EH D D", "L EH D D", "K AE T"}});
  EXPECT_EQ(m.sources, 3U);
  EXPECT_DOUBLE_EQ(m.exact, 2.0 / 3);
  EXPECT_DOUBLE_EQ(m.error_rate, 1.0 / 9);
}

TEST(OutputScores, ErrorsAreCountedInTheCodecsPieces) {
  const Scored s{{"1", "2"}, {"abcd", "xy"}, {"abed", ""}};
  EXPECT_DOUBLE_EQ(scores_of(codec_of(TokenizerKind::character, {"abcdxy"}), s).error_rate, 3.0 / 6);
  EXPECT_DOUBLE_EQ(scores_of(codec_of(TokenizerKind::word, {"abcd xy"}), s).error_rate, 1.0);
}

TEST(OutputScores, BlanksDoNotMatterToExact) {
  const auto m = scores_of(codec_of(TokenizerKind::word, {"a b"}), {{"x"}, {"a  b "}, {"a b"}});
  EXPECT_EQ(m.exact, 1.0);
}

// Of the output's n-grams match 5 of 6, 3 of 5, 1 of 4 and, of the other record's, 4, 3, 2, 1 of as many; 11 tokens
// were wanted, 10 came.
TEST(OutputScores, BleuOfAllRecords) {
  const auto m =
      scores_of(codec_of(TokenizerKind::word, {"a"}),
                {{"1", "2"}, {"the cat sat on the mat now", "a b c d"}, {"the cat is on the mat", "a b c d"}});
  const double mean = (std::log(9.0 / 10) + std::log(6.0 / 8) + std::log(3.0 / 6) + std::log(1.0 / 4)) / 4;
  EXPECT_NEAR(m.bleu, 100 * std::exp(mean + 1 - 11.0 / 10), 1e-9);
}

}  // namespace
}  // namespace recur::outputs_test
