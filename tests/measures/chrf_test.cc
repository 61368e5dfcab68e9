// BLEU and chrF of several references: the figures that sacrebleu's README and tests have (version 2.5).
#include "measures/chrf.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/white_space.h"
#include "measures/bleu.h"

namespace recur::chrf_test {
namespace {

using Strings = std::vector<std::string>;

const Strings kOutputs = {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."};
const std::vector<Strings> kReferences = {{"The dog bit the man.", "The dog had bit the man."},
                                          {"It was not unexpected.", "No one was surprised."},
                                          {"The man bit him first.", "The man had bitten the dog."}};

double chrf(const Strings& references, const Strings& hypotheses) {
  ChrF score;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) score.add(std::span(&references[i], 1), hypotheses[i]);
  return score.score();
}

// corpus_bleu(sys, refs, tokenize="none")
TEST(SeveralReferences, BleuIsSacrebleus) {
  Bleu bleu;
  for (std::size_t i = 0; i < kOutputs.size(); ++i) {
    std::vector<Strings> wanted;
    for (const std::string& reference : kReferences[i]) wanted.push_back(cut_at_blanks(reference));
    bleu.add(wanted, cut_at_blanks(kOutputs[i]));
  }
  EXPECT_NEAR(bleu.score(), 49.1919566, 5e-8);
}

// CHRF().corpus_score(sys, refs): 59.73; more of its digits by a script of the formula.
TEST(SeveralReferences, ChrFIsSacrebleus) {
  ChrF score;
  for (std::size_t i = 0; i < kOutputs.size(); ++i) score.add(kReferences[i], kOutputs[i]);
  EXPECT_NEAR(score.score(), 59.72751782684764, 1e-12);
}

// Its tests of corpus_chrf(eps_smoothing=False); where precision and recall are equal their beta does not matter.
TEST(ChrF, IsSacrebleusWhereOrdersAreMissing) {
  EXPECT_DOUBLE_EQ(chrf({"a"}, {"a"}), 100);
  EXPECT_DOUBLE_EQ(chrf({"a b c"}, {"a b c"}), 100);
  EXPECT_DOUBLE_EQ(chrf({"abc"}, {"a b c"}), 100);
  EXPECT_DOUBLE_EQ(chrf({"a", "c"}, {"a", "b"}), 50);
  EXPECT_DOUBLE_EQ(chrf({"ab"}, {"aa"}), 25);
  EXPECT_EQ(chrf({"reference"}, {""}), 0);
}

// Of "abab" against "abac": 1-grams 3 of 4 both ways, 2-grams (ab, ba, ab; ab, ba, ac) 2 of 3, 3-grams (aba, bab; aba,
// bac) 1 of 2, the 4-gram none. Of "ab" against "abcd" by hand: P = (1 + 1) / 2, R = (2/4 + 1/3) / 2, the orders 3 and
// 4 of which there is nothing in the hypothesis do not count.
TEST(ChrF, CountsEachNgramOnceForEachThatIsWanted) {
  EXPECT_DOUBLE_EQ(chrf({"abac"}, {"abab"}), 100 * (3.0 / 4 + 2.0 / 3 + 1.0 / 2) / 4);
  const double recall = (2.0 / 4 + 1.0 / 3) / 2;
  EXPECT_DOUBLE_EQ(chrf({"abcd"}, {"ab"}), 100 * 5 * recall / (4 + recall));
}

// What is a character in Unicode is one here: of "ä ö" (a no-break space between) against "äu" a 1-gram of 2 is right.
TEST(ChrF, CountsCharactersAndNoWhiteSpace) { EXPECT_DOUBLE_EQ(chrf({"äu"}, {"ä\u00A0ö"}), 25); }

}  // namespace
}  // namespace recur::chrf_test
