// One number a record: where each format has it, and how it is scaled.
#include "data/knob_field.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "array_bytes.h"
#include "base/temp_folder.h"
#include "data/read_records.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur::knob_field_test {
namespace {

// A label and a knob; the labels of a format's sample are its answers.
struct KnobsOfRecords : testing::Test {
  KnobsOfRecords() {
    fields.push_back(make_field({"gain", KnobSpec{}}));
    fields.push_back(make_field({"input", NumbersSpec{}}));
  }

  // The numbers of a file's records, or what is wrong with it, without the folder.
  std::string read(const std::string& name, const std::string& bytes, const DataLayout& layout = {}) const {
    const InputFile file(folder.write(name, bytes));
    std::string got;
    std::string message = error_of([&] {
      const auto source = RecordData(file, layout).open(requests, {});
      while (source->next()) got += fmt::format("{} ", std::get<Numbers>((*source)[1]).values.front());
    });
    for (std::size_t at = 0; (at = message.find(folder.path() + "/")) != message.npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message.empty() ? got : message;
  }
  // What a knob becomes that stood at these.
  void learn(const std::vector<double>& values) {
    records.clear();
    for (const double value : values) records.push_back({{"gain", Numbers{{value}, 1}}, {"input", Numbers{{1, 2}, 1}}});
    learn_fields(fields, RecordData(records), {});
  }
  const KnobField& knob() const { return dynamic_cast<const KnobField&>(*fields.front()); }

  TempFolder folder;
  std::vector<FieldRequest> requests = {{"label", CellKind::label, true}, {"gain", CellKind::number}};
  Fields fields;
  std::vector<Record> records;
};

TEST_F(KnobsOfRecords, AreInEveryFormat) {
  EXPECT_EQ(read("m.tsv", "a\t0.5\nb\t-3\n"), "0.5 -3 ");
  EXPECT_EQ(read("m.tsv", "7\ta\n", {.columns = "gain=1,label=2"}), "7 ");
  EXPECT_EQ(read("m.csv", "gain,label\n1e-3,a\n"), "0.001 ");
  EXPECT_EQ(read("m.jsonl", "{\"gain\": 0.25, \"label\": \"a\"}\n"), "0.25 ");
  const std::string archive =
      npz({{"gain", npy("<i4", "(2,)", number_bytes(4, 4) + number_bytes(6, 4))},
           {"label", npy("<i4", "(2,)", number_bytes(0, 4) + number_bytes(1, 4))},
           {"lengths", npy("<i4", "(2,)", number_bytes(9, 4) + number_bytes(9, 4))}});  // of other fields
  EXPECT_EQ(read("m.npz", archive), "4 6 ");
}

TEST_F(KnobsOfRecords, ThatAreNoNumbersAreNamedWithTheirLine) {
  for (const std::string value : {"", "nan", "inf", "loud", "0,5"}) {
    EXPECT_EQ(read("m.tsv", "a\t0.5\nb\t" + value + "\n"),
              "m.tsv: line 2: expected a number as \"gain\", got \"" + value + "\"");
  }
  EXPECT_EQ(read("m.tsv", "a\t1e99\n"),
            "m.tsv: line 1: expected a number as \"gain\", got \"1e99\", which is too large");
  EXPECT_EQ(read("m.tsv", "a\t0.5\nb\n"), "m.tsv: line 2: expected label<TAB>gain, got no tab");
  EXPECT_EQ(read("m.jsonl", "{\"gain\": \"0.5\", \"label\": \"a\"}\n"),
            "m.jsonl: line 1: expected a number in \"gain\", got \"\\\"0.5\\\"\"");
  EXPECT_EQ(read("m.jsonl", "{\"label\": \"a\"}\n"),
            "m.jsonl: line 1: expected a JSON object {\"label\": .., \"gain\": 0.5}");
}

TEST_F(KnobsOfRecords, GoFromMinusOneToOne) {
  learn({2, 6, 3});
  EXPECT_EQ(knob().range().low, 2);
  EXPECT_EQ(knob().range().high, 6);
  EXPECT_EQ(knob().scaled(2), -1);
  EXPECT_EQ(knob().scaled(3), -0.5F);
  EXPECT_EQ(knob().scaled(6), 1);
  EXPECT_TRUE(knob().covers(2) && knob().covers(6) && !knob().covers(1.99) && !knob().covers(6.01));
  const auto read = read_records(fields, RecordData(records), {});
  EXPECT_EQ(std::get<Numbers>(knob().cell(read->columns[0], 2)).values.front(), 3);
}

TEST_F(KnobsOfRecords, AreReadBackAsTheyWereWritten) {
  learn({-0.25, 11});
  nlohmann::json configuration;
  knob().write(configuration);
  const auto again = read_field({"gain", KnobSpec{}}, configuration);
  EXPECT_EQ(dynamic_cast<const KnobField&>(*again).range().high, 11);
  for (const char* bad : {"[1]", "[2, 1]", "[1, 1]", "[1, \"2\"]", "[1, null]", "5"}) {
    configuration["gain_range"] = nlohmann::json::parse(bad);
    EXPECT_THROW(read_field({"gain", KnobSpec{}}, configuration), Error) << bad;
  }
}

TEST_F(KnobsOfRecords, AreOneNumberARecord) {
  records = {{{"gain", Numbers{{1, 2}, 1}}, {"input", Numbers{{1, 2}, 1}}}};
  EXPECT_EQ(error_of([&] { learn_fields(fields, RecordData(records), {}); }),
            "record 0: expected one number as \"gain\", got 2");
}

}  // namespace
}  // namespace recur::knob_field_test
