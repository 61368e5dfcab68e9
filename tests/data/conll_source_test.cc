// Sentences in CoNLL's columns and in CoNLL-U, and what stands between them.
#include <gtest/gtest.h>

#include "source_case.h"
#include "support/error_of.h"

namespace recur::conll_source_test {
namespace {

const SourceCase kConll = SourceCase{kTagged};

// Words that were written as one, a word that was left out, a form with a blank.
constexpr const char* kTreebank =
    "# sent_id = 1\n"
    "1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tdo\tdo\tAUX\tVBP\t_\t3\taux\t_\t_\n"
    "2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_\n"
    "3\t10 000\t10000\tNUM\tCD\t_\t0\troot\t_\t_\n"
    "3.1\tpay\tpay\tVERB\tVB\t_\t_\t_\t_\t_\n"
    "\n"
    "# sent_id = 2\n"
    "0.1\t_\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tYes\tyes\tINTJ\tUH\t_\t0\troot\t_\t_\n"
    "\n";

TEST(ConllSource, HasTheFirstAndTheLastColumn) {
  EXPECT_EQ(kConll.records("we PR O\r\nold\tJJ\t X \n\n \n1 NUM\n# SYM"), "[we old]|[O X]\n[1 #]|[NUM SYM]\n");
  EXPECT_EQ(kConll.records("\n\n"), "");
  EXPECT_EQ(kConll.with_columns("tags=2").records("we PR O\n"), "[we]|[PR]\n");
  EXPECT_EQ(kConll.with_columns("words=2,tags=1").records("PR we O\n"), "[we]|[PR]\n");
  const SourceCase words{{{"words", CellKind::words}}};
  EXPECT_EQ(words.records("we O\nold\n"), "[we old]\n");
}

TEST(ConllSource, OfConlluHasFormAndPartOfSpeech) {
  EXPECT_EQ(kConll.records(kTreebank), "[do n't 10 000]|[AUX PART NUM]\n[Yes]|[INTJ]\n");
  EXPECT_EQ(kConll.with_columns("tags=XPOS,words=LEMMA").records(kTreebank),
            "[do not 10000]|[VBP RB CD]\n[yes]|[UH]\n");
  EXPECT_EQ(kConll.with_columns("tags=8").records(kTreebank), "[do n't 10 000]|[aux advmod root]\n[Yes]|[root]\n");
  EXPECT_EQ(kConll.unanswered().records(kTreebank), "[do n't 10 000]|-\nblank\n[Yes]|-\nblank\n");
}

TEST(ConllSource, NamesWrongLines) {
  EXPECT_EQ(kConll.problem("we O\n\ncats\n"), "data: line 3: expected a word and its tag, got only \"cats\"");
  EXPECT_EQ(kConll.problem("we O\n\tO\n"), "data: line 2: expected a word and its tag, got no word");
  EXPECT_EQ(kConll.problem("we O\ncats \xFFx\n"), "data: line 2: expected UTF-8, got 0xFF at byte 5 of the line");
  const std::string word = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n";
  const std::string ten =
      "data: line 2: expected the ten columns of CoNLL-U, with tabs between, as in the lines before";
  EXPECT_EQ(kConll.problem(word + "b X\n"), ten);
  EXPECT_EQ(kConll.problem(word + "2\tb\tX\n"), ten);
  EXPECT_EQ(kConll.problem(word + "2\tb\tb\t_\t_\t_\t1\tx\t_\t_\n"),
            "data: line 2: expected a part of speech in column 4 (UPOS), got \"_\"");
  EXPECT_EQ(kConll.with_columns("tags=10").problem("1\ta\ta\tX\t_\t_\t0\troot\t_\t\n"),
            "data: line 1: expected a tag in column 10 (MISC), got \"\"");
  EXPECT_EQ(kConll.problem(word + "2\t\tb\tX\t_\t_\t1\tx\t_\t_\n"),
            "data: line 2: expected a word and its tag, got no word");
  EXPECT_EQ(kConll.unanswered().problem(word + "2\t\tb\tX\t_\t_\t1\tx\t_\t_\n"),
            "data: line 2: expected a word, got no word");
  EXPECT_EQ(kConll.problem(word + "\tb\tb\tX\t_\t_\t1\tx\t_\t_\n"), ten);
  EXPECT_EQ(kConll.problem("we O\ncats " + std::string(std::size_t{1} << 24, 'x') + "\n"),
            "data: line 2: a line longer than 16 MiB; expected a word a line");
}

TEST(ConllSource, NamesWrongColumns) {
  EXPECT_EQ(kConll.with_columns("tags=3").problem("we PR O\nold JJ\n"),
            "data: line 2: expected a word and its tag, the tag in column 3, got 2 columns");
  EXPECT_EQ(kConll.with_columns("tags=UPOS").problem("we O\n"),
            "--columns: data has no column \"UPOS\"; expected a number from 1");
  EXPECT_EQ(kConll.with_columns("tags=11").problem(kTreebank),
            "--columns: data has no column \"11\"; expected a number from 1 to 10, or a name of CoNLL-U such as UPOS");
  EXPECT_EQ(kConll.with_columns("tags=1").problem("we O\n"),
            "--columns: column 1 is given for \"words\" and \"tags\"; expected a column for each");
}

TEST(ConllSource, WithoutAnswersHasABlankRecordForEveryEmptyLine) {
  const SourceCase c = kConll.unanswered();
  EXPECT_EQ(c.records("\n\nwe\nbaling\n\n \nold x\ncats\ty\tz\n\n"),
            "blank\nblank\n[we baling]|-\nblank\nblank\n[old cats]|-\nblank\n");
  EXPECT_EQ(c.records("we\n\tO\nold\n"), "[we]|-\nblank\n[old]|-\n");
  EXPECT_EQ(c.records("we\n \t O\n\n"), "[we]|-\nblank\nblank\n");
  EXPECT_EQ(c.records("\u00A0\n\u00A0\tX\n"), "blank\n[\u00A0]|-\n") << "a no-break space may be a word";
}

TEST(ConllSource, WithoutAnswersHasLongSentencesInParts) {
  SourceCase c = kConll.unanswered();
  c.options.most_words = 2;
  EXPECT_EQ(c.records("a\nb\nc\n\nd\ne\n\nf\ng"), "[a b]|-\n[c]|-\nblank\n[d e]|-\nblank\n[f g]|-\n");
  c.options.answers = true;
  EXPECT_EQ(c.records("a X\nb X\nc X\n"), "[a b c]|[X X X]\n");
}

TEST(ConllSource, FailsWithTheLineOfTheFirstWord) {
  const TextFile file("\nwe O\nold X\n\n");
  const InputFile input(file.path());
  const auto source = open_source(input, {}, kTagged, {});
  EXPECT_EQ(source->expected(), "a word and its tag a line");
  ASSERT_TRUE(source->next());
  EXPECT_EQ(error_of([&] { source->fail("too old"); }), file.path() + ": line 2: too old");
  EXPECT_FALSE(source->next());
}

}  // namespace
}  // namespace recur::conll_source_test
