// Fields in a model's configuration.
#include "data/field.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/label_field.h"
#include "data/numbers_field.h"
#include "data/read_records.h"
#include "data/text_field.h"

namespace recur::field_test {
namespace {

Record record(const std::string& mood, const std::string& genre, double speed, double size) {
  return {{"mood", mood}, {"genre", genre}, {"speed", Numbers{{speed}}}, {"size", Numbers{{size, 1}, 2}}};
}

// Several of a kind have each what they have learned.
TEST(Fields, OfOneKindComeBackApart) {
  const std::vector<FieldSpec> specs = {
      {"mood", LabelSpec{}, true}, {"genre", LabelSpec{}}, {"speed", NumbersSpec{}}, {"size", NumbersSpec{}}};
  Fields learned, read;
  for (const FieldSpec& spec : specs) learned.push_back(make_field(spec));
  const std::vector<Record> records = {record("sad", "jig", 1, 5), record("gay", "reel", 3, 15)};
  learn_fields(learned, RecordData(records), {});
  nlohmann::json configuration;
  for (const auto& field : learned) field->write(configuration);
  for (const FieldSpec& spec : specs) read.push_back(read_field(spec, configuration));

  using Strings = std::vector<std::string>;
  EXPECT_EQ(field_as<LabelField>(read, "mood", "test").names(), (Strings{"gay", "sad"}));
  EXPECT_EQ(field_as<LabelField>(read, "genre", "test").names(), (Strings{"jig", "reel"}));
  EXPECT_EQ(field_as<NumbersField>(read, "speed", "test").width(), 1U);
  EXPECT_EQ(field_as<NumbersField>(read, "speed", "test").unscaled(0, 0), 2);
  EXPECT_EQ(field_as<NumbersField>(read, "size", "test").width(), 2U);
  EXPECT_EQ(field_as<NumbersField>(read, "size", "test").unscaled(0, 0), 10);
}

// Words have the same keys in two vocabularies and in none, in the order in which they are read.
TEST(TextFields, KeepKeysOfWhatTheyHaveRead) {
  Fields fields;
  fields.push_back(make_field({"source", TextSpec{.codec = {}, .reversed = true}}));
  fields.push_back(make_field({"target", TextSpec{.codec = {.words = {.lowercase = true}}, .marks = true}, true}));
  const std::vector<Record> known = {{{"source", std::string("a b")}, {"target", std::string("b c")}}};
  learn_fields(fields, RecordData(known), {});
  for (const auto& field : fields) dynamic_cast<TextField&>(*field).keep_keys();
  const std::vector<Record> records = {{{"source", std::string("x a Y c")}, {"target", std::string("Y x b c")}}};
  ReadOptions cut;
  cut.length.most = 3;
  const auto whole = read_records(fields, RecordData(records), {}),
             some = read_records(fields, RecordData(records), cut);
  using Keys = std::vector<std::uint64_t>;
  const auto keys = [](const Records& of, std::size_t field) {
    const std::span<const std::uint64_t> all = of.columns[field].keys[0];
    return Keys(all.begin(), all.end());
  };
  EXPECT_EQ(keys(*whole, 0), (Keys{key_of("c"), key_of("Y"), key_of("a"), key_of("x")}));
  EXPECT_EQ(keys(*whole, 1), (Keys{0, key_of("y"), key_of("x"), key_of("b"), key_of("c"), 0}));
  EXPECT_EQ(keys(*some, 0), (Keys{key_of("Y"), key_of("a"), key_of("x")}));
  EXPECT_EQ(keys(*some, 1), (Keys{0, key_of("y"), key_of("x"), key_of("b")}));
  EXPECT_EQ(dynamic_cast<const TextField&>(*fields[0]).spellings(some->columns[0], 0),
            (std::vector<std::string>{"Y", "a", "x"}));
}

}  // namespace
}  // namespace recur::field_test
