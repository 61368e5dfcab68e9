// What predict makes of lines without text, and every reader of bytes that are no UTF-8, whatever the task and the
// tokenizer.
#include <gtest/gtest.h>

#include "data/text_file.h"
#include "data/word_vectors.h"
#include "support/error_of.h"
#include "support/records.h"

namespace recur::blank_lines_test {
namespace {

constexpr const char* kBlankLines[] = {"", " ", "\t", " \t ", "\u00A0", "\u3000\u2028", "\v\f", "\r", "\t\u00A0"};

struct Reader {
  std::string name;
  TaskOptions options;
  std::string data;  // to learn from
  std::string line;  // to predict
};

// Small ones of a task.
template <class Options>
Options small() {
  Options o;
  o.network = {.cell = "elman", .layers = 1, .hidden = 2};
  o.embedding = 2;
  return o;
}

std::vector<Reader> readers() {
  std::vector<Reader> all;
  for (const TokenizerKind kind :
       {TokenizerKind::character, TokenizerKind::word, TokenizerKind::token, TokenizerKind::subword}) {
    const CodecOptions text{.kind = kind, .words = {}, .subwords = 50};
    const std::string tokenizer = "_" + std::string(to_string(kind)), data = "a\tso x\nb\tso y\n";
    auto classify = small<ClassifyOptions>();
    classify.text = text;
    all.push_back({"classify" + tokenizer, classify, data, "so x"});
    auto conditioned = small<ConditionedOptions>();
    conditioned.text = text;
    all.push_back({"conditioned" + tokenizer, conditioned, data, "b\tso x"});
    auto translate = small<TranslateOptions>();
    translate.source = translate.target = text;
    translate.attention = Attention::none;
    all.push_back({"translate" + tokenizer, translate, data, "a"});
  }
  all.push_back({"classify_numbers", small<ClassifyOptions>(),
                 "{\"label\":1,\"sequence\":[[1]]}\n{\"label\":2,\"sequence\":[[2]]}\n", "{\"sequence\":[[1]]}"});
  auto tag = small<TagOptions>();
  tag.letter_cell = "none";
  all.push_back({"tag", tag, "so A\nx B\n", "so"});
  return all;
}

class Readers : public testing::TestWithParam<Reader> {};
INSTANTIATE_TEST_SUITE_P(All, Readers, testing::ValuesIn(readers()), [](const auto& test) { return test.param.name; });

TEST_P(Readers, GiveABlankLineAnEmptyAnswer) {
  const RecordsCase c(GetParam().options, GetParam().data);
  const std::string answer = c.predict(GetParam().line + "\n").at(0);
  for (const std::string blank : kBlankLines) {
    const std::vector<std::string> answers =
        c.predict(blank + "\n" + GetParam().line + "\n" + blank + "\n" + blank + "\n" + GetParam().line + "\n" + blank);
    std::vector<std::string> expected = {"", answer, "", "", answer};
    if (!blank.empty()) expected.emplace_back();
    EXPECT_EQ(answers, expected) << testing::PrintToString(blank);
  }
}

TEST_P(Readers, RefuseWhatIsNoUtf8) {
  const Reader& reader = GetParam();
  const RecordsCase c(reader.options, reader.data);
  // A lone continuation, an overlong blank, a surrogate, more than Unicode has, a character cut short, Latin-1.
  for (const std::string bad :
       {"\x80", "\xC0\xA0", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\xBC", "caf\xE9 x", "\xFF"}) {
    for (const bool answers : {false, true}) {
      const std::string good = answers ? reader.data : reader.line + "\n";
      const InputFile file(c.folder.write("bad", good + "a\t" + bad + " b\n"));
      ReadOptions options;
      options.answers = answers;
      const std::string message = error_of([&] { read_records(c.network->fields(), {file, {}}, options); });
      EXPECT_TRUE(contains(message, answers ? "bad: line 3: expected UTF-8, got 0x" : "bad: line 2: expected UTF-8"))
          << message;
    }
    const InputFile data(c.folder.write("bad", reader.data + "a\t" + bad + " b\n"));
    const std::string message = error_of([&] { learn_task(reader.options, {data, {}}, {}, nullptr); });
    EXPECT_TRUE(contains(message, "bad: line 3: expected UTF-8, got 0x")) << message;
  }
}

TEST(WordVectorReaders, SkipWhatIsNoUtf8) {
  const TextFile file("so 1\nso\xFF 1\nno 1\n");
  std::vector<float> table(1);
  const WordVectorCounts counts = read_word_vectors(
      file.path(), 1, [](std::string_view word) { return word == "so" ? 0 : -1; }, table);
  EXPECT_EQ(counts.filled, 1U);
  EXPECT_EQ(counts.skipped, 1U);
  EXPECT_TRUE(contains(counts.first_skipped, "line 2: ")) << counts.first_skipped;
}

// A record's label or source may be there without a text.
TEST(BlankLines, AreTextsWithNothingButALabel) {
  for (const Reader& reader : readers()) {
    if (!reader.name.starts_with("classify_") || reader.name == "classify_numbers") continue;
    const RecordsCase c(reader.options, reader.data);
    EXPECT_EQ(c.predict("a\t\nb\t \u00A0\nso x").size(), 3U) << reader.name;
    EXPECT_EQ(c.predict("a\t\nb\t \u00A0\n"), (std::vector<std::string>{"", ""})) << reader.name;
  }
}

}  // namespace
}  // namespace recur::blank_lines_test
