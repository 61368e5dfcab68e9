// Records that are bad cost themselves only: whoever reads is told, and goes on with the next.
#include <gtest/gtest.h>

#include "array_bytes.h"
#include "data/source.h"
#include "source_case.h"
#include "support/error_of.h"
#include "support/records.h"
#include "text_file.h"

namespace recur::skip_bad_test {
namespace {

using Problems = std::vector<std::string>;
using Places = std::vector<std::size_t>;

ClassifyOptions small() {
  ClassifyOptions o;
  o.network = {.cell = "elman", .layers = 1, .hidden = 2};
  o.embedding = 2;
  return o;
}

// A small model and what was told of the bad records of a file.
struct Skipping {
  explicit Skipping(const TaskOptions& options, const std::string& data) : c(options, data) {}

  const Records& read(const std::string& name, const std::string& bytes, bool answers = false) {
    const InputFile file(c.folder.write(name, bytes));
    ReadOptions how;
    how.answers = answers;
    problems.clear();
    how.skip_bad = [this](const Error& problem) {
      const std::string text = problem.what();
      problems.push_back(text.substr(text.find(": ") + 2));
    };
    records = read_records(c.network->fields(), {file, {}}, how);
    EXPECT_EQ(records->skipped, problems.size());
    return *records;
  }
  const std::vector<std::string>& texts() const { return records->columns.back().texts; }

  RecordsCase c;
  Problems problems;
  std::unique_ptr<Records> records;
};

struct SkippingTexts : Skipping {
  SkippingTexts() : Skipping(small(), "a\tso x\nb\tso y\n") {}
};

TEST(SkipBad, OfLinesThatAreNoText) {
  SkippingTexts s;
  s.read("x", std::string("\xFF\nso\n\ny \0 z\nx\n\xC0\n", 16));
  EXPECT_EQ(s.texts(), (Problems{"so", "x"}));
  EXPECT_EQ(s.records->empty_before, (Places{0, 1, 1, 2}));
  EXPECT_EQ(s.problems, (Problems{"line 1: expected UTF-8, got 0xFF at byte 0 of the line",
                                  "line 4: expected text, got a NUL byte at byte 2 of the line",
                                  "line 6: expected UTF-8, got 0xC0 at byte 0 of the line"}));
}

TEST(SkipBad, IsSaidOfWhatTheTaskWantsToo) {
  SkippingTexts s;
  s.read("x", "a\tso\nso\nc\tx\n\ty\n", true);
  EXPECT_EQ(s.texts(), (Problems{"so", "x"}));
  EXPECT_EQ(s.problems, (Problems{"line 2: expected label<TAB>text, got no tab",
                                  "line 4: expected label<TAB>text, got an empty label"}));
}

TEST(SkipBad, OfJson) {
  SkippingTexts s;
  s.read("x.json", "{\"text\": \"so\n{\"text\": \"so\"}\n[]\n\n{\"label\": 1}\n{\"text\": \"x\"}\n");
  EXPECT_EQ(s.texts(), (Problems{"so", "x"}));
  EXPECT_EQ(s.records->empty_before, (Places{0, 1, 1, 1}));
  EXPECT_EQ(s.problems.size(), 3U);
  for (const std::string& problem : s.problems) EXPECT_TRUE(contains(problem, "expected a JSON object")) << problem;
}

TEST(SkipBad, OfRowsThatHaveOtherColumnsThanTheHeader) {
  SkippingTexts s;
  s.read("x.csv", "text,other\nso,1\nx\nx,1,2\n\"so\ny\",2\n");
  EXPECT_EQ(s.texts(), (Problems{"so", "so\ny"}));
  EXPECT_EQ(s.problems, (Problems{"line 3: expected 2 columns, as the header has, got 1",
                                  "line 4: expected 2 columns, as the header has, got 3"}));
}

// What stands behind a quote that nothing ends is not lost with it.
TEST(SkipBad, OfAQuoteCostsItsLine) {
  SkippingTexts s;
  s.read("x.csv", "text,other\n\"so,1\nx,1\nso,2\n");
  EXPECT_EQ(s.texts(), (Problems{"x", "so"}));
  EXPECT_EQ(s.problems, Problems{"line 2: expected a quote that ends the cell, got the end of the file"});
  s.read("y.csv", "text,other\n\"so,1\n\"x\",1\nso,2\n");
  EXPECT_EQ(s.texts(), (Problems{"x", "so"}));
  EXPECT_EQ(
      s.problems,
      Problems{
          "line 2: expected a comma or the line's end after a cell in quotes that ends on line 3, got \"x\\\",1\""});
}

TEST(SkipBad, OfAWordCostsItsSentence) {
  auto tag = TagOptions();
  tag.network = {.cell = "elman", .layers = 1, .hidden = 2};
  tag.embedding = 2;
  tag.letter_cell = "none";
  Skipping s(tag, "so A\nx B\n");
  const std::string sentences = "so A\n\nso A\nx\nso A\n\xFF\n\nx B\n\n\xFF\n";
  EXPECT_EQ(s.read("x", sentences, true).lengths, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_EQ(s.records->empty_before, (Places{1, 2}));
  EXPECT_EQ(s.problems, (Problems{"line 4: expected a word and its tag, got only \"x\"",
                                  "line 10: expected UTF-8, got 0xFF at byte 0 of the line"}));
  // Sentences stay where they were among the empty lines that end them.
  EXPECT_EQ(s.read("x", sentences).lengths, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_EQ(s.records->empty_before, (Places{1, 1, 1, 2, 2}));
}

// One with other numbers in a step says nothing about those behind it.
TEST(SkipBad, OfNumbersMeasuresNoneByAnother) {
  Skipping s(small(), "{\"label\":1,\"sequence\":[[1,2]]}\n{\"label\":2,\"sequence\":[[2,1]]}\n");
  s.read("x.json",
         "{\"sequence\":[[1]]}\n{\"sequence\":[[1,2],[3]]}\n{\"sequence\":[[1,2],[3,4]]}\n{\"sequence\":[[1,2,3]]}\n"
         "{\"sequence\":[[1,1e99]]}\n{\"sequence\":[[5,6]]}\n");
  EXPECT_EQ(s.records->lengths, (std::vector<std::uint32_t>{2, 1}));
  EXPECT_EQ(s.records->empty_before, (Places{0, 0, 1, 1}));
}

TEST(SkipBad, OfSeveralTextsIsTheWholeLine) {
  FieldRequest text{"text", CellKind::text};
  text.several = true;
  const std::vector<FieldRequest> fields = {text, {"label", CellKind::label, true}};
  const TextFile data(
      "{\"text\": [\"x\"], \"label\": 1}\n{\"text\": [\"a\", \"b\"], \"label\": []}\n"
      "{\"text\": [\"c\", \"d\"], \"label\": 1}\n");
  const InputFile file(data.path());
  DataLayout layout;
  layout.format = DataFormat::json;
  const auto source = open_source(file, layout, fields, {.skip_bad = true});
  ASSERT_TRUE(source->next());
  EXPECT_THROW(source->next(), Error);
  Problems texts;
  while (source->next()) texts.push_back(std::get<std::string>((*source)[0]));
  EXPECT_EQ(texts, (Problems{"c", "d"}));
}

TEST(SkipBad, IsRefusedOfArrays) {
  Skipping s(small(), "{\"label\":1,\"sequence\":[[1]]}\n{\"label\":2,\"sequence\":[[2]]}\n");
  const std::string error = error_of([&] { s.read("x.npy", npy("<f4", "(1, 1)", element_bytes<float>({1}))); });
  EXPECT_TRUE(contains(error, "--skip-bad: the records of ")) << error;
}

TEST(SkipBad, IsNotDoneUnasked) {
  const RecordsCase c(small(), "a\tso x\nb\tso y\n");
  EXPECT_TRUE(contains(error_of([&] { c.read("so\n\xFF\nx\n", false); }), "line 2: expected UTF-8"));
}

}  // namespace
}  // namespace recur::skip_bad_test
