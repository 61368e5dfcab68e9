// Which format a file is read as, where --columns finds its fields, lines with tabs and plain lines.
#include "data/source.h"

#include <gtest/gtest.h>

#include "data/data_format.h"
#include "source_case.h"
#include "support/error_of.h"

namespace recur::source_test {
namespace {

const SourceCase kLabels{kLabelled}, kTranslations{kPairs}, kTags{kTagged}, kVectors{kSequences};

DataFormat format(const std::string& name, const std::string& bytes, const std::vector<FieldRequest>& fields) {
  const TempFolder folder;
  return format_of(InputFile(folder.write(name, bytes)), {}, fields);
}

TEST(SourceFormat, IsThatOfTheNameElseOfTheContent) {
  const std::string object = "{\"label\": \"a\"}\n", lines = "a\tb\n";
  const std::pair<const char*, DataFormat> names[] = {
      {"a.tsv", DataFormat::tsv},    {"a.csv", DataFormat::csv},        {"a.json", DataFormat::json},
      {"a.jsonl", DataFormat::json}, {"a.ndjson", DataFormat::json},    {"a.conll", DataFormat::conll},
      {"a.npy", DataFormat::numpy},  {"a.npz", DataFormat::numpy},      {"train-images-idx3-ubyte", DataFormat::idx},
      {"a.idx", DataFormat::idx},    {"labels-ubyte", DataFormat::idx}, {"a.conllu", DataFormat::conll},
      {"A.CSV", DataFormat::csv},    {"a.Jsonl", DataFormat::json},     {"rev-idx.tsv", DataFormat::tsv}};
  for (const auto& [name, expected] : names) EXPECT_EQ(format(name, lines, kLabelled), expected) << name;
  for (const char* name : {"a", "a.txt", "csv", "a.csv.old"}) {
    EXPECT_EQ(format(name, lines, kLabelled), DataFormat::tsv) << name;
    EXPECT_EQ(format(name, object + lines, kLabelled), DataFormat::json) << name;
    EXPECT_EQ(format(name, "{\"label\": \n", kLabelled), DataFormat::tsv) << name;
    EXPECT_EQ(format(name, "\x93NUMPY\x01", kLabelled), DataFormat::numpy) << name;
    EXPECT_EQ(format(name, "PK\x03\x04", kLabelled), DataFormat::numpy) << name;
    EXPECT_EQ(format(name, std::string("\0\0\x08\x01", 4), kLabelled), DataFormat::idx) << name;
    EXPECT_EQ(format(name, "", kLabelled), DataFormat::tsv) << name;
  }
  EXPECT_EQ(kLabels.named("a.tsv.gz").problem("\x1F\x8B\x08"),
            "a.tsv.gz: expected data, got a file that gzip has compressed; unpack it first: gunzip");
}

TEST(SourceFormat, OfWordsIsConll) {
  for (const char* name : {"a", "a.txt", "a.tsv"})
    EXPECT_EQ(format(name, "a\tb\n", kTagged), DataFormat::conll) << name;
  EXPECT_EQ(format("a.csv", "a\tb\n", kTagged), DataFormat::csv);
  EXPECT_EQ(format("a", "{\"words\": []}\n", kTagged), DataFormat::json);
  EXPECT_EQ(format("a", "{}\n", kTagged), DataFormat::conll) << "a word";
}

TEST(SourceFormat, OfTheLayoutComesFirst) {
  SourceCase c = kLabels.named("a.json");
  c.layout.format = DataFormat::tsv;
  EXPECT_EQ(c.records("a\t{}\n"), "a|{}\n");
  EXPECT_EQ(SourceCase{kTagged}.problem("we\n"), "data: line 1: expected a word and its tag, got only \"we\"");
  SourceCase words{kTagged};
  words.layout.format = DataFormat::tsv;
  EXPECT_EQ(words.records("we old\tO X\n"), "[we old]|[O X]\n");
}

TEST(SourceFormat, WithoutTheKindOfAFieldIsRefused) {
  EXPECT_EQ(kVectors.named("a.tsv").problem("a\tb\n"),
            "a.tsv: read as tsv, which has no place for \"sequence\"; give --format json, numpy or idx");
  EXPECT_EQ(kVectors.named("a.csv").problem("a\tb\n"),
            "a.csv: read as csv, which has no place for \"sequence\"; give --format json, numpy or idx");
  EXPECT_EQ(kLabels.named("a.conll").problem("a b\n"),
            "a.conll: read as conll, which has no place for \"label\"; give --format tsv, csv or json");
}

TEST(SourceFormat, TellsWhetherThereAreNumbers) {
  const TempFolder folder;
  const auto numbers = [&](const std::string& bytes, const std::string& columns) {
    return has_numbers(InputFile(folder.write("data", bytes)), DataLayout{.columns = columns}, "sequence");
  };
  EXPECT_TRUE(numbers("{\"label\": 1, \"sequence\": [[1]]}\n", ""));
  EXPECT_TRUE(numbers("{\"label\": 1, \"x\": [[1]]}\n", "label=label,sequence=x"));
  EXPECT_FALSE(numbers("{\"label\": 1, \"sequence\": [[1]]}\n", "sequence=x"));
  EXPECT_FALSE(numbers("{\"label\": 1, \"text\": \"a\"}\n", ""));
  EXPECT_FALSE(numbers("1\t[[1]]\n", ""));
  EXPECT_FALSE(numbers("", ""));
  EXPECT_TRUE(numbers(std::string("\0\0\x08\x01\0\0\0\0", 8), ""));
}

TEST(SourceColumns, ThatAreWrongAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"text", "--columns: expected field=column with commas between, got \"text\""},
      {"text=a,", "--columns: expected field=column with commas between, got \"\""},
      {"txt=a", "--columns: there is no field \"txt\"; expected one of \"label\", \"text\""},
      {"text=", "--columns: expected a column for \"text\", got none"},
      {"text=a,text=b", "--columns: \"text\" is given twice, as \"a\" and \"b\""},
      {"text=a,label=a", "--columns: \"a\" is given for \"text\" and \"label\"; expected a column for each"},
      {"text=0,label=1", "--columns: expected a column from 1, got 0"},
      {"text=2", "--columns: expected a column for \"label\" too; add label=NUMBER"},
      {"text=2,label=02", "--columns: column 2 is given for \"label\" and \"text\"; expected a column for each"},
      {"text=99999999999999999999,label=x",
       "data: line 1: expected a header with \"x\", \"99999999999999999999\", got "
       "\"a\", \"b\"; say which columns: --columns label=COLUMN,text=COLUMN"},
  };
  for (const auto& [columns, message] : cases) {
    EXPECT_EQ(kLabels.with_columns(columns).problem("a\tb\n"), message) << columns;
  }
}

TEST(TsvSource, CutsAtTheFirstTabs) {
  EXPECT_EQ(kLabels.records("a\tx y\r\nb\t\tz\t\r\nc\t\n\xEF\xBB\xBF\t.\nd\te"), "a|x y\nb|\tz\t\nc|\n\uFEFF|.\nd|e\n");
  EXPECT_EQ(kLabels.records("\xEF\xBB\xBF"
                            "a\tb\n"),
            "a|b\n");
  EXPECT_EQ(kLabels.records(""), "");
  const SourceCase three{{{"a", CellKind::text}, {"b", CellKind::words}, {"c", CellKind::text, true}},
                         {DataFormat::tsv, ""}};
  EXPECT_EQ(three.records("1\t x  y \t3\t4\n"), "1|[x y]|3\t4\n");
  EXPECT_EQ(three.unanswered().records("1\t2\n\n1\t2\t\n"), "1|[2]|-\nblank\n1|[2]|\n");
  EXPECT_EQ(three.problem("1\t2\n"), "data: line 1: expected a<TAB>b<TAB>c, got one tab");
  EXPECT_EQ(three.unanswered().problem("1\n"), "data: line 1: expected a<TAB>b<TAB>c, or a<TAB>b, got no tab");
}

TEST(TsvSource, CutsLabelsAtCommas) {
  const SourceCase several{{{"labels", CellKind::labels, true}, {"text", CellKind::text}}};
  EXPECT_EQ(several.records("a, b c ,d\tx,y\n\tx\n  \tx\na\tx\ty\n"), "[a b c d]|x,y\n[]|x\n[]|x\n[a]|x\ty\n");
  EXPECT_EQ(several.unanswered().records("x\n\na,b\tx\n"), "-|x\nblank\n[a b]|x\n");
  EXPECT_EQ(
      several.named("d.json").records("{\"labels\": [\"a\", 2], \"text\": \"x\"}\n{\"labels\": \"a,b\", \"text\": "
                                      "\"x\"}\n{\"labels\": [], \"text\": \"x\"}\n"),
      "[a 2]|x\n[a b]|x\n[]|x\n");
}

TEST(TsvSource, NamesWrongLines) {
  EXPECT_EQ(kLabels.problem("a\tb\nc\n"), "data: line 2: expected label<TAB>text, got no tab");
  EXPECT_EQ(kLabels.problem("a\tb\n\n"), "data: line 2: expected label<TAB>text, got an empty line");
  EXPECT_EQ(kLabels.problem("a\tb\n \r\n"), "data: line 2: expected label<TAB>text, got an empty line");
  EXPECT_EQ(kLabels.problem("a\tb\n\tc\n"), "data: line 2: expected label<TAB>text, got an empty label");
  EXPECT_EQ(kLabels.problem("a\tb\nc\t\xFF\n"), "data: line 2: expected UTF-8, got 0xFF at byte 2 of the line");
  EXPECT_EQ(kTranslations.problem("a\tb\nc\n"), "data: line 2: expected source<TAB>target, got no tab");
  EXPECT_EQ(kTranslations.problem("a\tb\n\n"), "data: line 2: expected source<TAB>target, got an empty line");
}

TEST(TsvSource, MayLackAnswers) {
  EXPECT_EQ(kLabels.unanswered().records("x y\n\n \t\na\tb\n\tc\n"), "-|x y\nblank\nblank\na|b\n|c\n");
  EXPECT_EQ(kTranslations.unanswered().records("x y\n\na\tb\tc\n\t\n"), "x y|-\nblank\na|b\tc\nblank\n");
  const SourceCase conditioned{{{"label", CellKind::label}, {"text", CellKind::text}}};
  EXPECT_EQ(conditioned.unanswered().records("a\tb\n\n"), "a|b\nblank\n");
  EXPECT_EQ(conditioned.unanswered().problem("a\n"), "data: line 1: expected label<TAB>text, got no tab");
  EXPECT_EQ(conditioned.unanswered().problem("\ta\n"), "data: line 1: expected label<TAB>text, got an empty label");
}

TEST(TsvSource, KeepsTheLine) {
  const TextFile file("yx\tso x\n\nso\tx\tthen\n" + std::string((std::size_t{1} << 24) + 9, 'x') + "\n");
  const InputFile input(file.path());
  const auto source = open_source(input, {}, kLabelled, {.answers = false});
  EXPECT_EQ(source->expected(), "lines of label<TAB>text");
  for (const char* line : {"yx\tso x", "", "so\tx\tthen"}) {
    ASSERT_TRUE(source->next());
    EXPECT_EQ(source->line(), line);
    EXPECT_FALSE(source->cut());
  }
  ASSERT_TRUE(source->next());
  EXPECT_TRUE(source->cut());
  EXPECT_EQ(error_of([&] { source->fail("too long"); }), file.path() + ": line 4: too long");
}

TEST(TsvSource, WithNumbersOfColumnsHasNoHeader) {
  const SourceCase c = kLabels.with_columns("text=3,label=1");
  EXPECT_EQ(c.records("a\tx\tb\nc\tx\td\te\n"), "a|b\nc|d\n");
  EXPECT_EQ(c.problem("a\tx\tb\na\tb\n"), "data: line 2: expected \"text\" in column 3, got 2 columns");
  EXPECT_EQ(c.problem("a\tx\tb\n\n"), "data: line 2: expected rows with the columns \"1\", \"3\", got an empty line");
  EXPECT_EQ(c.unanswered().records("\tx\tb\n\n"), "|b\nblank\n");
  EXPECT_EQ(kLabels.with_columns("text=1,label=2").unanswered().records("b\n"), "-|b\n");
  EXPECT_EQ(kLabels.with_columns("text=1").unanswered().records("b\ta\n"), "-|b\n");
}

TEST(TsvSource, WithNamesOfColumnsHasAHeader) {
  const SourceCase c = kLabels.with_columns("text=review,label=stars");
  EXPECT_EQ(c.records("stars\tid\treview\n5\tx\tgood\n"), "5|good\n");
  EXPECT_EQ(kLabels.with_columns("text=review").records("label\treview\n5\t\"good\"\n"), "5|\"good\"\n");
  EXPECT_EQ(kLabels.with_columns("text=review,label=1").records("label\treview\n5\tgood\n"), "5|good\n");
  EXPECT_EQ(c.problem("stars\tid\n"),
            "data: line 1: expected a header with \"review\", got \"stars\", \"id\"; say "
            "which columns: --columns text=COLUMN");
  EXPECT_EQ(c.problem("stars\treview\n5\ta\tb\n"), "data: line 2: expected 2 columns, as the header has, got 3");
}

TEST(LinesSource, IsTheFirstFieldThatIsNoAnswer) {
  SourceCase c = kLabels;
  c.layout.format = DataFormat::lines;
  EXPECT_EQ(c.unanswered().records("a\tb\n\nc\n"), "-|a\tb\nblank\n-|c\n");
  EXPECT_EQ(c.problem("a\n"), "data: read as lines, which have no \"label\"; give --format tsv, csv or json");
  SourceCase text{{{"text", CellKind::text}}};
  EXPECT_EQ(text.records("a\tb\n\n"), "a\tb\n\n");
  EXPECT_EQ(c.unanswered().with_columns("text=1").problem("a\n"),
            "--columns: lines have no columns; give another --format");
}

}  // namespace
}  // namespace recur::source_test
