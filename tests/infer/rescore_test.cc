// N-best lists in another order, on examples worked by hand.
#include "infer/rescore.h"

#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "recur/types/error.h"

namespace recur::rescore_test {
namespace {

std::vector<CandidateList> read(const std::string& text) {
  const TempFolder folder;
  return read_candidates(InputFile(folder.write("n.tsv", text)));
}

std::string problem_of(const std::string& text) {
  try {
    read(text);
    return "";
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.substr(what.find("n.tsv"));
  }
}

TEST(Rescore, ScoresAreAddedUpAndTheBestComesFirst) {
  auto lists = read("1\t-1.5\ta b\n1\t-2\tb a\tb\n\nx\t0.25\tc\n");
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists[1].id, "x");
  EXPECT_EQ(lists[0].candidates[1].text, "b a\tb");
  lists[0].candidates[0].nats = 8;
  lists[0].candidates[0].tokens = 3;
  lists[0].candidates[1].nats = 3;
  lists[0].candidates[1].tokens = 4;
  rescore(lists, {0.5, 0.25});
  EXPECT_EQ(lists[0].candidates[0].text, "b a\tb");
  EXPECT_DOUBLE_EQ(lists[0].candidates[0].score, -2 - 1.5 + 1);
  EXPECT_DOUBLE_EQ(lists[0].candidates[1].score, -1.5 - 4 + 0.75);
}

TEST(Rescore, EmptyTextsComeLastAndEqualOnesStay) {
  auto lists = read("1\t5\t\n1\t1\tb\n1\t1\ta\n");
  for (std::size_t i : {1, 2}) lists[0].candidates[i].tokens = 1;
  rescore(lists, {1, 0});
  EXPECT_EQ(lists[0].candidates[0].text, "b");
  EXPECT_EQ(lists[0].candidates[1].text, "a");
  // Whatever the weights are; and what is written can be read.
  auto by_its_scores = read("1\t5\t\n1\t1\tb\n1\t-2\tc\n");
  for (std::size_t i : {1, 2}) by_its_scores[0].candidates[i].tokens = 1;
  rescore(by_its_scores, {});
  EXPECT_EQ(by_its_scores[0].candidates[2].text, "");
  EXPECT_EQ(by_its_scores[0].candidates[2].score, -2);
}

// Of two lists the second candidates are right. The first list needs -1 - 2w > -0.88 - 4w, w > 0.06; the second, whose
// right text is longer by two tokens and less probable by 1, needs -3.05 - 6w + 4b > -3 - 5w + 2b, 2b > w + 0.05.
TEST(Rescore, TuningFindsTheSmallestPairThatIsBest) {
  auto lists = read("1\t-0.88\tx b c d\n1\t-1\ta b c d\n2\t-3\te f\n2\t-3.05\te f g h\n");
  const double nats[] = {4, 2, 5, 6};
  const std::size_t tokens[] = {4, 4, 2, 4};
  for (std::size_t i = 0; i < 4; ++i) {
    lists[i / 2].candidates[i % 2].nats = nats[i];
    lists[i / 2].candidates[i % 2].tokens = tokens[i];
  }
  const std::vector<std::string> wanted = {"a b c d", "e f g h"};
  for (const ListMeasure measure : {ListMeasure::bleu, ListMeasure::wer, ListMeasure::exact}) {
    const Tuned tuned = tune(lists, wanted, measure);
    EXPECT_DOUBLE_EQ(tuned.best.weight, 0.07) << to_string(measure);
    EXPECT_DOUBLE_EQ(tuned.best.bonus, 0.07) << to_string(measure);
    EXPECT_DOUBLE_EQ(tuned.after, measure == ListMeasure::wer ? 0 : 100) << to_string(measure);
    if (measure == ListMeasure::wer) {
      EXPECT_DOUBLE_EQ(tuned.before, 100 * 3.0 / 8);
    }
    if (measure == ListMeasure::exact) {
      EXPECT_DOUBLE_EQ(tuned.before, 0);
    }
    EXPECT_EQ(tuned.tried, 25U * 49U);
  }
}

TEST(Rescore, MistakesNameTheLine) {
  EXPECT_EQ(problem_of(""), "n.tsv: no candidates; expected lines of id<TAB>score<TAB>text");
  EXPECT_EQ(problem_of("1\t2\tc\nabc\n"),
            "n.tsv: line 2: expected id<TAB>score<TAB>text, as recur predict --n-best writes it");
  EXPECT_EQ(problem_of("1\tnan\tc\n"), "n.tsv: line 1: expected a number for the score, got \"nan\"");
  EXPECT_EQ(problem_of("1\t1\ta\n2\t1\tb\n1\t1\tc\n"),
            "n.tsv: line 3: expected the lines of list \"1\" one after the other");
}

TEST(Rescore, ReferencesAreLinesByNumber) {
  const TempFolder folder;
  const InputFile file(folder.write("wanted.tsv", "ein\ta\nzwei\tb\nc\n"));
  EXPECT_EQ(read_wanted(file, read("3\t1\tx\n1\t1\tx\n")), (std::vector<std::string>{"c", "a"}));
  for (const char* lists : {"4\t1\tx\n", "0\t1\tx\n", "a\t1\tx\n"}) {
    EXPECT_THROW(read_wanted(file, read(lists)), Error) << lists;
  }
}

}  // namespace
}  // namespace recur::rescore_test
