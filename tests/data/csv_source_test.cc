// CSV as RFC 4180 has it, and what is said of what is none.
#include <gtest/gtest.h>

#include "source_case.h"

namespace recur::csv_source_test {
namespace {

const SourceCase kCsv = SourceCase{kLabelled}.named("d.csv");

TEST(CsvSource, FindsFieldsByTheNamesOfTheHeader) {
  EXPECT_EQ(kCsv.records("text,id,label\nx y,1,a\n"), "a|x y\n");
  EXPECT_EQ(kCsv.records("\xEF\xBB\xBF\"label\",text\r\na,b\r\n"), "a|b\n");
  EXPECT_EQ(kCsv.records("label,text"), "");
  EXPECT_EQ(kCsv.records(""), "");
  EXPECT_EQ(kCsv.with_columns("text=review,label=stars").records("stars,review\n5,good\n"), "5|good\n");
  EXPECT_EQ(kCsv.with_columns("text=3,label=1").records("a,a,c\n5,6,good\n"), "5|good\n");
  EXPECT_EQ(kCsv.with_columns("text=1,label=2").records("2,1\na,b\n"), "a|b\n") << "a name comes before a number";
  EXPECT_EQ(SourceCase{kTagged}.named("d.csv").records("words,tags\nwe old,O X\n"), "[we old]|[O X]\n");
}

TEST(CsvSource, CellsInQuotesHoldAnything) {
  EXPECT_EQ(kCsv.records("label,text\na,\"x,y\"\nb,\"say \"\"hi\"\"\"\nc,\"\"\"\"\nd,\"\"\n"),
            "a|x,y\nb|say \"hi\"\nc|\"\nd|\n");
  EXPECT_EQ(kCsv.records("label,text\r\na,\"one\r\n\r\ntwo\"\r\nb,5\" pipe\r\n"), "a|one\n\ntwo\nb|5\" pipe\n");
}

TEST(CsvSource, NamesTheLineOnWhichARowBegins) {
  const std::string head = "label,text\n";
  const std::pair<std::string, const char*> cases[] = {
      {head + "a\n", "d.csv: line 2: expected 2 columns, as the header has, got 1"},
      {head + "a,\"x\ny\"\nb,x,y\n", "d.csv: line 4: expected 2 columns, as the header has, got 3"},
      {head + "a,x\n\n", "d.csv: line 3: expected 2 columns, as the header has, got an empty line"},
      {head + "a,\"x\ny", "d.csv: line 2: expected a quote that ends the cell, got the end of the file"},
      {head + "a,\"x\ny\"z\n",
       "d.csv: line 2: expected a comma or the line's end after a cell in quotes that ends on line 3, got \"z\""},
      {head + "a,\"x\"z\n", "d.csv: line 2: expected a comma or the line's end after a cell in quotes, got \"z\""},
      {head + ",x\n", "d.csv: line 2: expected a \"label\" of one line without tabs, got \"\""},
      {head + "\"a\nb\",x\n", "d.csv: line 2: expected a \"label\" of one line without tabs, got \"a\\nb\""},
      {head + "a,x\n\xFF,y\n", "d.csv: line 3: expected UTF-8, got 0xFF at byte 0 of the line"},
      {"stars,text\na,b\n",
       "d.csv: line 1: expected a header with \"label\", got \"stars\", \"text\"; say which columns: "
       "--columns label=COLUMN"},
      {"label;text\na;b\n",
       "d.csv: line 1: expected commas between the columns, got a header with semicolons, \"label;text\"; write "
       "commas, or tabs and give --format tsv"},
      {"label,text,text\na,b,c\n", "d.csv: line 1: the header has \"text\" twice; say which: --columns text=NUMBER"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(kCsv.problem(text), message) << text;
  EXPECT_EQ(kCsv.with_columns("text=label").problem(head),
            "--columns: column 1 is given for \"label\" and \"text\"; "
            "expected a column for each");
}

TEST(CsvSource, MayLackAnswers) {
  EXPECT_EQ(kCsv.unanswered().records("text\nx\n\n\"a\tb\"\n"), "-|x\nblank\n-|a\tb\n");
  EXPECT_EQ(kCsv.unanswered().records("label,text\n,x\n"), "|x\n");
  EXPECT_EQ(kCsv.with_columns("text=t,label=l").unanswered().records("t\nx\n"), "-|x\n");
}

TEST(CsvSource, KeepsToBoundedMemory) {
  const std::string half(std::size_t{1} << 23, 'x');
  EXPECT_EQ(kCsv.records("label,text\na,\"" + half + "\n" + half.substr(9) + "\"\n").size(), 2 * half.size() - 5);
  EXPECT_EQ(kCsv.problem("label,text\na,\"" + half + "\n" + half + "\"\n"),
            "d.csv: line 2: a row longer than 16 MiB; is there a quote that nothing ends?");
  EXPECT_EQ(kCsv.problem("label,text\na," + half + half + "\n"),
            "d.csv: line 2: a row longer than 16 MiB; expected shorter cells");
  EXPECT_EQ(kCsv.problem("label,text" + std::string(1 << 16, ',') + "\n"),
            "d.csv: line 1: expected at most 65,536 columns");
}

// Of an answer; empty, it is none.
TEST(TextSources, HaveNumbersThatNobodyKnows) {
  const SourceCase tsv{{{"value", CellKind::numbers, true}, {"text", CellKind::text}}};
  const SourceCase csv = tsv.named("d.csv");
  EXPECT_EQ(tsv.records("1 nan\ta\nNA 2\tb\nnull ?\tc\n"), "(1 nan)|a\n(nan 2)|b\n(nan nan)|c\n");
  EXPECT_EQ(csv.records("text,value\na,NaN\nb,-2\n"), "(nan)|a\n(-2)|b\n");
  EXPECT_EQ(csv.problem("text,value\na,inf\n"), "d.csv: line 2: expected numbers as \"value\", got \"inf\"");
  EXPECT_EQ(csv.problem("text,value\na,none\n"), "d.csv: line 2: expected numbers as \"value\", got \"none\"");
}

}  // namespace
}  // namespace recur::csv_source_test
