// Pictures of records.
#include "data/image_field.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/read_records.h"
#include "data/text_file.h"
#include "support/error_of.h"

namespace recur::image_field_test {
namespace {

Record picture(std::vector<double> values, std::size_t width) { return {{"image", Numbers{std::move(values), width}}}; }

struct Pictures {
  explicit Pictures(const ImageSpec& size = {}) : spec{"image", size} { fields.push_back(make_field(spec)); }

  void learn(const std::vector<Record>& records) { learn_fields(fields, RecordData(records), {}); }
  const ImageField& field() const { return field_as<ImageField>(fields, "image", "test"); }
  std::vector<float> read(const std::vector<Record>& records) const {
    const auto all = read_records(fields, RecordData(records), {});
    const std::vector<std::size_t> first = {0};
    return make_batch(fields, *all, first).fields[0].numbers;
  }
  std::string problem(const std::vector<Record>& records) {
    return error_of([&] { learn(records); });
  }

  FieldSpec spec;
  Fields fields;
};

TEST(Images, AreRowsOfNumbersFromZeroToOne) {
  Pictures pictures;
  pictures.learn({picture({0, 1, 0.5, 1, 0, 0.25}, 3)});
  EXPECT_EQ(pictures.field().height(), 2U);
  EXPECT_EQ(pictures.field().width(), 3U);
  EXPECT_EQ(pictures.read({picture({0, 1, 0.5, 1, 0, 0.25}, 3)}), (std::vector<float>{0, 1, 0.5F, 1, 0, 0.25F}));
  EXPECT_TRUE(contains(error_of([&] {
                         pictures.read({picture({0, 2, 0, 0, 0, 0}, 3)});
                       }),
                       "record 0: expected numbers from 0 to 1, as the model has learned from, got 2"));
}

TEST(Images, OfBytesAreShares) {
  Pictures pictures;
  pictures.learn({picture({0, 51, 255, 1}, 2)});
  EXPECT_EQ(pictures.read({picture({0, 51, 255, 0}, 2)}), (std::vector<float>{0, 0.2F, 1, 0}));
  // As pictures in files are, and those that are black and white alone.
  EXPECT_EQ(pictures.read({picture({0, 0.2, 1, 0}, 2)}), (std::vector<float>{0, 0.2F, 1, 0}));
  EXPECT_EQ(pictures.read({picture({0, 1, 1, 0}, 2)}), (std::vector<float>{0, 1, 1, 0}));
  EXPECT_TRUE(contains(error_of([&] {
                         pictures.read({picture({0, 0.5, 2, 0}, 2)});
                       }),
                       "record 0: expected numbers from 0 to 1, or whole ones to 255, got 0.5 and some above 1"));
}

TEST(Images, WithoutRowsAreSquares) {
  Pictures pictures;
  pictures.learn({picture({0, 1, 0, 1}, 1), picture({0, 1, 0, 1}, 4)});
  EXPECT_EQ(pictures.field().height(), 2U);
  EXPECT_EQ(pictures.field().width(), 2U);
}

TEST(Images, InColourHaveThreeNumbersAPixel) {
  Pictures pictures(ImageSpec{.colour = true});
  pictures.learn({picture({0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0}, 6)});
  EXPECT_EQ(pictures.field().channels(), 3U);
  EXPECT_EQ(pictures.field().width(), 2U);
  EXPECT_EQ(pictures.field().describe(), "pictures of 2 x 2 in colour");
}

TEST(Images, ThatAreNoneAreRefused) {
  EXPECT_TRUE(
      contains(Pictures().problem({picture({0, -1, 0, 0}, 2)}), "expected numbers from 0 to 1, or to 255, got -1"));
  EXPECT_TRUE(contains(Pictures().problem({picture({0, 256, 0, 0}, 2)}), "got 256"));
  EXPECT_TRUE(contains(Pictures().problem({picture({0, 1, 0, 0}, 2), picture({0, 1.0001, 0, 0}, 2)}),
                       "with numbers that are not whole, and with some above 1"));
  EXPECT_TRUE(
      contains(Pictures().problem({picture({0, 1, 0, 0, 1}, 5)}), "expected rows of numbers as \"image\", got 5"));
  EXPECT_TRUE(contains(Pictures().problem({picture({0, 1, 0, 0}, 2), picture({0, 1, 0, 0, 1, 1}, 2)}),
                       "record 1: expected a picture of 2 x 2, as the others are, got 3 x 2"));
  EXPECT_TRUE(contains(Pictures().problem({picture({}, 2)}), "the image is empty; expected a picture"));
}

TEST(Images, ComeBackFromAConfiguration) {
  Pictures pictures;
  pictures.learn({picture({0, 255, 7, 1, 2, 3}, 3)});
  nlohmann::json configuration;
  pictures.field().write(configuration);
  const auto read = read_field(pictures.spec, configuration);
  EXPECT_EQ(read->describe(), "pictures of 2 x 3");
  for (const auto& [name, value] :
       {std::pair<const char*, nlohmann::json>("height", 0U), {"width", 1U << 30U}, {"channels", 3U}, {"most", 7}}) {
    nlohmann::json wrong = configuration;
    wrong["image_size"][name] = value;
    EXPECT_TRUE(contains(error_of([&] { read_field(pictures.spec, wrong); }), "'image_size' is no size of a picture"))
        << name;
  }
}

}  // namespace
}  // namespace recur::image_field_test
