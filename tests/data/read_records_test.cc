// From data to what fields make of it: the same from memory as from a file.
#include "data/read_records.h"

#include <gtest/gtest.h>

#include "support/error_of.h"
#include "support/records.h"
#include "text_file.h"

namespace recur::read_records_test {
namespace {

TagOptions tags() {
  TagOptions o;
  o.network = {.cell = "elman", .layers = 1, .hidden = 2};
  o.words.min_count = 1;
  o.embedding = o.letter_hidden = o.letter_embedding = 2;
  return o;
}

constexpr const char* kTagged = "{\"words\": [\"we\", \"are\"], \"tags\": [\"P\", \"V\"]}\n";

TEST(ReadRecords, HaveATagForEachWord) {
  const RecordsCase c(tags(), kTagged);
  EXPECT_EQ(c.records->lengths, std::vector<std::uint32_t>{2});
  const auto problem = [&](const char* line) {
    const std::string message = error_of([&] { c.read(std::string(kTagged) + line + "\n"); });
    return message.substr(std::min(message.find("line "), message.size()));
  };
  EXPECT_EQ(problem(R"({"words": ["we", "are"], "tags": ["P"]})"), "line 2: expected 2 tags, as many as words, got 1");
  EXPECT_EQ(problem(R"({"words": ["we"], "tags": ["P", "V"]})"), "line 2: expected 1 tags, as many as words, got 2");
  EXPECT_EQ(problem(R"({"words": "we are so", "tags": "P V X"})"), "");
  const std::string message = error_of([] { RecordsCase(tags(), R"({"words": ["we", "are"], "tags": ["P"]})"); });
  EXPECT_TRUE(contains(message, "data: ")) << message;
}

template <class T>
std::vector<std::vector<T>> all_of(const Ragged<T>& ragged) {
  std::vector<std::vector<T>> all;
  for (std::size_t i = 0; i < ragged.size(); ++i) all.emplace_back(ragged[i].begin(), ragged[i].end());
  return all;
}

void expect_same(const Records& one, const Records& other) {
  EXPECT_EQ(one.lengths, other.lengths);
  EXPECT_EQ(one.other_lengths, other.other_lengths);
  EXPECT_EQ(one.cut, other.cut);
  ASSERT_EQ(one.columns.size(), other.columns.size());
  for (std::size_t i = 0; i < one.columns.size(); ++i) {
    const Column &a = one.columns[i], &b = other.columns[i];
    EXPECT_EQ(all_of(a.ids), all_of(b.ids)) << i;
    EXPECT_EQ(all_of(a.numbers), all_of(b.numbers)) << i;
    EXPECT_EQ(all_of(a.spellings), all_of(b.spellings)) << i;
    EXPECT_EQ(all_of(a.letters), all_of(b.letters)) << i;
    EXPECT_EQ(a.texts, b.texts) << i;
    EXPECT_EQ(a.unknown, b.unknown) << i;
    EXPECT_EQ(a.distinct, b.distinct) << i;
    EXPECT_EQ(a.missing, b.missing) << i;
  }
}

struct Origin {
  std::string name;
  TaskOptions options;
  const char* file;
  std::vector<Record> records;
};

using Words = std::vector<std::string>;

std::vector<Origin> origins() {
  return {
      {"texts",
       ClassifyOptions(),
       "a\tx y z\nb\ty\n",
       {{{"label", "a"}, {"text", "x y z"}}, {{"text", "y"}, {"label", "b"}, {"more", "?"}}}},
      {"numbers",
       ClassifyOptions(),
       "{\"label\": \"a\", \"sequence\": [[1, 2], [3, 5]]}\n{\"label\": \"b\", \"sequence\": [[4, 3]]}\n",
       {{{"label", "a"}, {"sequence", Numbers{{1, 2, 3, 5}, 2}}}, {{"label", "b"}, {"sequence", Numbers{{4, 3}, 2}}}}},
      {"tags",
       tags(),
       "we P\nare V\n\nso X\n",
       {{{"words", Words{"we", "are"}}, {"tags", Words{"P", "V"}}}, {{"words", Words{"so"}}, {"tags", Words{"X"}}}}},
      {"pairs",
       TranslateOptions(),
       "x y\ta\nz z z z\tb c\n",
       {{{"source", "x y"}, {"target", "a"}}, {{"source", "z z z z"}, {"target", "b c"}}}},
      {"conditioned",
       ConditionedOptions(),
       "a\tx y z\nb\ty\n",
       {{{"label", "a"}, {"text", "x y z"}}, {{"label", "b"}, {"text", "y"}}}}};
}

class FromMemory : public testing::TestWithParam<Origin> {};
INSTANTIATE_TEST_SUITE_P(All, FromMemory, testing::ValuesIn(origins()),
                         [](const auto& test) { return test.param.name; });

TEST_P(FromMemory, FieldsLearnTheSameAndReadTheSame) {
  const RecordsCase c(GetParam().options, GetParam().file);
  const RecordData data{std::span<const Record>(GetParam().records)};
  const auto network = std::make_unique<Network>(learn_task(GetParam().options, data, {}, nullptr));
  EXPECT_EQ(network->configuration()["options"], c.network->configuration()["options"]);
  for (std::size_t i = 0; i < network->fields().size(); ++i) {
    nlohmann::json one, other;
    network->fields()[i]->write(one);
    c.network->fields()[i]->write(other);
    EXPECT_EQ(one, other);
  }
  expect_same(*read_records(network->fields(), data, {}), *c.records);
  ReadOptions shorter;
  shorter.length.most = 2;
  expect_same(*read_records(network->fields(), data, shorter), *c.read(GetParam().file, shorter));
}

TEST(RecordsInMemory, WrongCellsAreNamed) {
  const RecordsCase c(ClassifyOptions(), "a\tx\nb\ty\n");
  const auto problem = [&](const std::vector<Record>& records) {
    return error_of([&] { read_records(c.network->fields(), RecordData(records), {}); });
  };
  const Record good = {{"label", "a"}, {"text", "x"}};
  EXPECT_EQ(problem({good, {{"text", "x"}}}), "record 1: expected a label as \"label\", got nothing");
  EXPECT_EQ(problem({{{"label", "a"}, {"text", Words{"x"}}}}),
            "record 0: expected a text as \"text\", got another kind of cell");
  EXPECT_EQ(problem({good, {{"label", "a"}, {"text", ""}}}),
            "record 1: the text is empty; expected records with label, text");
}

}  // namespace
}  // namespace recur::read_records_test
