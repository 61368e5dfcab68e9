// Fields in a model's configuration.
#include "data/field.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/label_field.h"
#include "data/numbers_field.h"
#include "data/read_records.h"

namespace recur {
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

}  // namespace
}  // namespace recur
