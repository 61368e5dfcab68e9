#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "measures/bleu.h"
#include "measures/chunks.h"
#include "measures/confusion_matrix.h"
#include "measures/edit_distance.h"

namespace recur::metrics_test {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

TEST(ConfusionMatrix, AccuracyAndF1FollowTheirDefinitions) {
  ConfusionMatrix matrix(4);
  EXPECT_EQ(matrix.accuracy(), 0);
  EXPECT_EQ(matrix.macro_f1(), 0);
  for (const auto& [target, predicted] : std::vector<std::pair<int, int>>{{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 2}}) {
    matrix.add(target, predicted);
  }
  EXPECT_EQ(matrix.count(0, 0), 2U);
  EXPECT_EQ(matrix.count(0, 1), 1U);
  EXPECT_EQ(matrix.count(1, 0), 0U);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 0.6);
  // Class 0: 2 * 2 / (3 + 2). Class 1: 2 * 1 / (2 + 2). Class 2, only predicted: 0. Class 3 does not occur.
  EXPECT_DOUBLE_EQ(matrix.macro_f1(), (0.8 + 0.5 + 0) / 3);
}

struct ChunkCase {
  const char *expected, *predicted;
  std::uint64_t correct, found, wanted;
};

class Chunks : public testing::TestWithParam<ChunkCase> {};

TEST_P(Chunks, AreCountedAsInConlleval) {
  ChunkTable table;
  table.add(words(GetParam().expected), words(GetParam().predicted));
  const RightCounts counts = table.all();
  EXPECT_EQ(counts.right, GetParam().correct);
  EXPECT_EQ(counts.predicted, GetParam().found);
  EXPECT_EQ(counts.expected, GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Sentences, Chunks,
    testing::Values(ChunkCase{"", "", 0, 0, 0}, ChunkCase{"O O", "O O", 0, 0, 0},
                    // A chunk up to the last step; one of another type.
                    ChunkCase{"B-PER I-PER O B-LOC", "B-PER I-PER O B-ORG", 1, 2, 2},
                    ChunkCase{"O B-PER I-PER", "O B-PER I-PER", 1, 1, 1},
                    // The same beginning or the same end is not enough.
                    ChunkCase{"B-PER I-PER O", "B-PER I-PER I-PER", 0, 1, 1},
                    ChunkCase{"B-PER I-PER O", "B-PER O O", 0, 1, 1}, ChunkCase{"B-PER I-PER O", "O B-PER O", 0, 1, 1},
                    ChunkCase{"B-PER I-PER", "B-PER B-PER", 0, 2, 1},
                    // IOB1: B only where a chunk follows another of its type; the same chunks as in IOB2.
                    ChunkCase{"I-PER I-PER B-PER O I-LOC", "B-PER I-PER B-PER O B-LOC", 3, 3, 3},
                    ChunkCase{"I-PER I-PER B-PER O I-LOC", "I-PER I-PER I-PER O I-LOC", 1, 2, 3},
                    // A change of type begins a chunk.
                    ChunkCase{"B-PER I-LOC I-LOC", "B-PER B-LOC I-LOC", 2, 2, 2},
                    // BIOES, the same chunks as in IOB2; chunks of one type next to each other.
                    ChunkCase{"S-PER B-LOC E-LOC O S-PER S-PER", "B-PER B-LOC I-LOC O B-PER B-PER", 4, 4, 4},
                    ChunkCase{"B-X E-X B-X I-X E-X S-X", "B-X E-X B-X I-X E-X S-X", 3, 3, 3},
                    ChunkCase{"B-X I-X E-X", "B-X E-X S-X", 0, 2, 1},
                    // E without a beginning, after O and after E.
                    ChunkCase{"O E-X E-X", "O S-X S-X", 2, 2, 2},
                    // IOE2: each chunk ends with E.
                    ChunkCase{"I-X E-X I-X I-X E-X", "B-X I-X B-X I-X I-X", 2, 2, 2},
                    // Without types.
                    ChunkCase{"I I O I", "B I O B", 2, 2, 2},
                    // A bracket is a chunk of its own.
                    ChunkCase{"[-X ]-X O", "S-X S-X O", 2, 2, 2},
                    // The type is all after the first '-'.
                    ChunkCase{"B-A-B I-A-B I-A-C", "B-A-B I-A-B B-A-C", 2, 2, 2}));

TEST(RightCounts, RatesOfSums) {
  RightCounts counts{1, 2, 4};
  counts += {2, 2, 2};
  EXPECT_DOUBLE_EQ(counts.precision(), 0.75);
  EXPECT_DOUBLE_EQ(counts.recall(), 0.5);
  EXPECT_DOUBLE_EQ(counts.f1(), 0.6);  // 2 * 0.75 * 0.5 / (0.75 + 0.5)
  EXPECT_EQ(RightCounts().f1(), 0);
}

TEST(ChunkTable, CountsEachType) {
  ChunkTable table;
  table.add(words("B-NP I-NP B-VP O B-PP B-NP"), words("B-NP I-NP B-VP B-VP O B-NP"));
  table.add(words("O O"), words("B-NP O"));
  ASSERT_EQ(table.types().size(), 3U);
  const RightCounts np = table.types().at("NP"), pp = table.types().at("PP"), vp = table.types().at("VP");
  EXPECT_EQ(std::tuple(np.expected, np.predicted, np.right), std::tuple(2U, 3U, 2U));
  EXPECT_EQ(std::tuple(pp.expected, pp.predicted, pp.right), std::tuple(1U, 0U, 0U));
  EXPECT_EQ(std::tuple(vp.expected, vp.predicted, vp.right), std::tuple(1U, 2U, 1U));
  EXPECT_EQ(std::tuple(table.all().expected, table.all().predicted, table.all().right), std::tuple(4U, 5U, 3U));
}

TEST(Bleu, FollowsItsDefinition) {
  Bleu bleu;
  EXPECT_EQ(bleu.score(), 0);
  // Matches: 5 of 6 words (not "a"), 3 of 5 pairs, 2 of 4, 1 of 3.
  bleu.add(words("the cat sat on the mat"), words("the cat sat on a mat"));
  // "the" counts once, as in the reference: 4 of 7 words, 3 of 6 pairs, 2 of 5, 1 of 4.
  bleu.add(words("there is a cat on the mat"), words("the the the a cat on the"));
  // 13 tokens in both, so no penalty.
  EXPECT_NEAR(bleu.score(), 100 * std::pow(9.0 / 13 * 6 / 11 * 4 / 9 * 2 / 7, 0.25), 1e-10);
}

TEST(Bleu, PenalisesShortHypothesesOnly) {
  Bleu shorter, longer;
  shorter.add(words("a b c d e f"), words("a b c d e"));
  EXPECT_NEAR(shorter.score(), 100 * std::exp(1 - 6.0 / 5), 1e-10);  // all its n-grams match
  longer.add(words("a b c d e"), words("a b c d e f"));
  EXPECT_NEAR(longer.score(), 100 * std::pow(5.0 / 6 * 4 / 5 * 3 / 4 * 2 / 3, 0.25), 1e-10);
}

TEST(Bleu, IsZeroWithoutAMatchOfSomeLength) {
  Bleu none, empty, small;
  none.add(words("a b c d e"), words("a b c e d"));
  EXPECT_EQ(none.score(), 0);
  empty.add(words("a b"), {});
  EXPECT_EQ(empty.score(), 0);
  small.add(words("a b c"), words("a b c"));
  EXPECT_EQ(small.score(), 0);  // no n-gram of 4
}

// "the" counts twice, as in the reference that has it most often; "a cat" and "the mat" are in different ones.
TEST(Bleu, OfSeveralReferences) {
  Bleu bleu;
  const std::vector<std::vector<std::string>> references = {words("the mat and the cat"), words("a cat sat there")};
  bleu.add(references, words("the the the mat a cat"));
  // The reference of 5 tokens is the nearer one.
  EXPECT_NEAR(bleu.score(1), 100 * 5.0 / 6, 1e-12);
  EXPECT_NEAR(bleu.score(2), 100 * std::sqrt(5.0 / 6 * 2 / 5), 1e-12);
  EXPECT_EQ(bleu.score(3), 0);
}

// References of 2 and of 4 tokens are as near to 3: no penalty, as the shorter counts.
TEST(Bleu, OfReferencesThatAreAsNearTheShorterCounts) {
  Bleu tie, longer;
  const std::vector<std::vector<std::string>> both = {words("a b c d"), words("a b")};
  tie.add(both, words("a b c"));
  EXPECT_NEAR(tie.score(3), 100, 1e-12);
  const std::vector<std::vector<std::string>> far = {words("a b c d e f"), words("a b c d")};
  longer.add(far, words("a b c"));
  EXPECT_NEAR(longer.score(3), 100 * std::exp(1 - 4.0 / 3), 1e-12);
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance(words("k i t t e n"), words("s i t t i n g")), 3U);
  EXPECT_EQ(edit_distance(words("a b c"), words("a b c")), 0U);
  EXPECT_EQ(edit_distance({}, words("a b c")), 3U);
  EXPECT_EQ(edit_distance(words("a b c"), {}), 3U);
  EXPECT_EQ(edit_distance(words("b c d"), words("a b c")), 2U);
  EXPECT_EQ(edit_distance(words("a ab"), words("aa b")), 2U);
}

}  // namespace
}  // namespace recur::metrics_test
