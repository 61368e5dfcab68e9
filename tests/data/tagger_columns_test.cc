// The columns of a tagger's data: which are read, and what is said of those that are wrong.
#include <gtest/gtest.h>

#include "data/text_file.h"
#include "support/error_of.h"
#include "support/records.h"

namespace recur::tagger_columns_test {
namespace {

// As treebanks are: comments, words that were written as one, a word that was left out, forms with a blank or a mark.
constexpr const char* kTreebank =
    "# newdoc id = letters-2019\n"
    "# sent_id = letters-2019-1\n"
    "# text = #1 don't pay 10 000 and 5.\n"
    "1-2\t#1\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\t#\t#\tSYM\t$\t_\t2\tdep\t2:dep\tSpaceAfter=No\n"
    "2\t1\t1\tNUM\tCD\tNumType=Card\t5\tnsubj\t5:nsubj\t_\n"
    "3-4\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "3\tdo\tdo\tAUX\tVBP\tMood=Ind|Tense=Pres\t5\taux\t5:aux\t_\n"
    "4\tn't\tnot\tPART\tRB\tPolarity=Neg\t5\tadvmod\t5:advmod\t_\n"
    "5\tpay\tpay\tVERB\tVB\tVerbForm=Inf\t0\troot\t0:root\t_\n"
    "6\t10 000\t10000\tNUM\tCD\tNumType=Card\t5\tobj\t5:obj\t_\n"
    "7\tand\tand\tCCONJ\tCC\t_\t8\tcc\t7.1:cc\t_\n"
    "7.1\tpay\tpay\tVERB\tVB\t_\t_\t_\t5:conj\tCopyOf=5\n"
    "8\t5\t5\tNUM\tCD\tNumType=Card\t6\tconj\t7.1:obj\tSpaceAfter=No\n"
    "9\t.\t.\tPUNCT\t.\t_\t5\tpunct\t5:punct\t_\n"
    "\n"
    "# sent_id = letters-2019-2\n"
    "0.1\t_\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tYes\tyes\tINTJ\tUH\t_\t0\troot\t0:root\tSpaceAfter=No\n"
    "2\t!\t!\tPUNCT\t.\t_\t1\tpunct\t1:punct\t_\n"
    "\n";

TagOptions small() {
  TagOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 2};
  o.words.min_count = 1;
  o.embedding = 2;
  o.letter_cell = "none";
  return o;
}

// "word/tag word/tag | word/tag": the sentences of a file.
std::string sentences_of(const std::string& text, bool answers = true) {
  const TextFile text_file(text);
  const InputFile file(text_file.path());
  const FieldRequest fields[] = {{"words", CellKind::words}, {"tags", CellKind::words, true}};
  const auto source = open_source(file, {}, fields, {answers});
  std::string read;
  while (source->next()) {
    if (source->blank()) continue;
    if (!read.empty()) read += " | ";
    const auto& words = std::get<std::vector<std::string>>((*source)[0]);
    for (std::size_t i = 0; i < words.size(); ++i) {
      read += (i == 0 ? "" : " ") + words[i];
      if (answers) read += "/" + std::get<std::vector<std::string>>((*source)[1])[i];
    }
  }
  return read;
}

TEST(TagColumns, OfConlluAreFormAndPartOfSpeech) {
  const std::string expected =
      "#/SYM 1/NUM do/AUX n't/PART pay/VERB 10 000/NUM and/CCONJ 5/NUM ./PUNCT | Yes/INTJ !/PUNCT";
  EXPECT_EQ(sentences_of(kTreebank), expected);
  EXPECT_EQ(sentences_of("\uFEFF\n" + std::string(kTreebank)), expected);
  EXPECT_EQ(sentences_of(kTreebank, false), "# 1 do n't pay 10 000 and 5 . | Yes !");
  const std::string second = std::string(kTreebank).substr(std::string(kTreebank).find("0.1\t"));
  EXPECT_EQ(sentences_of(second), "Yes/INTJ !/PUNCT") << "an empty node may come first";
}

TEST(TagColumns, OfConlluHaveALineForEachWordAndEmptyLine) {
  const RecordsCase c(small(), kTreebank);
  std::vector<std::string> words;
  for (const std::string& line : c.predict(kTreebank)) words.push_back(line.substr(0, line.find('\t')));
  EXPECT_EQ(words,
            (std::vector<std::string>{"#", "1", "do", "n't", "pay", "10 000", "and", "5", ".", "", "Yes", "!", ""}));
}

TEST(TagColumns, OfConlluThatAreWrongNameTheLine) {
  const std::string word = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n";
  const auto message = [](const std::string& text) { return error_of([&] { sentences_of(text); }); };
  EXPECT_TRUE(contains(message(word + "2\tb\tX\n"), ": line 2: expected the ten columns of CoNLL-U"));
  EXPECT_TRUE(contains(message(word + "b X\n"), ": line 2: expected the ten columns of CoNLL-U"));
  EXPECT_TRUE(contains(message(word + "2\tb\tb\t_\t_\t_\t1\tx\t_\t_\n"),
                       ": line 2: expected a part of speech in column 4 (UPOS), got \"_\""));
}

// Numbers, number signs and ten columns are not CoNLL-U each for itself.
TEST(TagColumns, OfOtherFilesAreTheFirstAndTheLast) {
  EXPECT_EQ(sentences_of("# SYM\n1 NUM\n"), "#/SYM 1/NUM");
  EXPECT_EQ(sentences_of("1\tNUM\n2\tNUM\n"), "1/NUM 2/NUM");
  EXPECT_EQ(sentences_of("a\t1\t2\t3\t4\t5\t6\t7\t8\tX\n"), "a/X");
  EXPECT_EQ(sentences_of("1990 1 2 3 4 5 6 7 8 X\n"), "1990/X");
  EXPECT_EQ(sentences_of("  we  PR\t O \nold\tJJ\tX\n"), "we/O old/X");
}

TEST(TagColumns, WithoutAWordAreAnEmptyLine) {
  for (const std::string line : {"\tO", " \t O", "\t NN O"}) {
    EXPECT_TRUE(contains(error_of([&] { sentences_of("we O\n" + line + "\n"); }),
                         ": line 2: expected a word and its tag, got no word"))
        << line;
    const RecordsCase c(small(), "we O\nold X\n");
    const std::vector<std::string> lines = c.predict("we\n" + line + "\nold\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[1], "");
    EXPECT_EQ(lines, c.predict("we\n\nold\n"));
  }
  EXPECT_EQ(sentences_of("\u00A0\tX\nold\tX\n"), "\u00A0/X old/X") << "a no-break space may be a word";
}

}  // namespace
}  // namespace recur::tagger_columns_test
