#include "data/label_names.h"

#include <gtest/gtest.h>

#include "base/show.h"
#include "recur/types/error.h"

namespace recur::label_names_test {
namespace {

const std::vector<std::string> kLabels = {"a", "b=c", "d"};
const std::vector<std::size_t> kCounts = {1, 2, 5};

TEST(Labels, AreNumberedInOrderAndCounted) {
  LabelNames names;
  for (const char* name : {"d", "a", "d", "b=c"}) names.count(name);
  EXPECT_EQ(names.distinct(), 3U);
  names.finish();
  EXPECT_EQ(names.all(), kLabels);
  EXPECT_EQ(names.counts(), (std::vector<std::size_t>{1, 1, 2}));
  EXPECT_EQ(names.id("d"), 2);
  EXPECT_EQ(names.id("D"), std::nullopt);
  EXPECT_EQ(names.id(""), std::nullopt);
}

TEST(Labels, OfALongListAreTwentyNamed) {
  EXPECT_EQ(quoted_list(kLabels), R"("a", "b=c", "d")");
  EXPECT_EQ(quoted_list(std::vector<std::string>(20, "x")).find(".."), std::string::npos);
  EXPECT_TRUE(quoted_list(std::vector<std::string>(21, "x")).ends_with("\"x\", .."));
}

TEST(Labels, OfTwoTheOneThatSaysSoIsRight) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {{{"0", "1"}, "1"},
                                                                    {{"no", "yes"}, "yes"},
                                                                    {{"right", "wrong"}, "right"},
                                                                    {{"Correct", "Wrong"}, "Correct"},
                                                                    {{"correct", "incorrect"}, "correct"},
                                                                    {{"+", "-"}, "+"},
                                                                    {{"+1", "-1"}, "+1"},
                                                                    {{"-1", "1"}, "1"},
                                                                    {{"1", "2"}, "2"},
                                                                    {{"1", "no"}, "1"},
                                                                    {{"false", "true"}, "true"},
                                                                    {{"right", "yes"}, "yes"},
                                                                    {{"bad", "good"}, "good"}};
  for (const auto& [labels, right] : cases) EXPECT_EQ(right_of(labels), right) << labels.front();
}

TEST(Labels, WeightsAreInInverseProportionOrAsGiven) {
  EXPECT_TRUE(label_weights("", kLabels, kCounts).empty());
  const std::vector<float> balanced = label_weights("balanced", kLabels, kCounts);
  ASSERT_EQ(balanced.size(), 3U);
  float records = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FLOAT_EQ(balanced[i] * static_cast<float>(kCounts[i]), 8.0F / 3);
    records += balanced[i] * static_cast<float>(kCounts[i]);
  }
  EXPECT_FLOAT_EQ(records, 8);
  EXPECT_EQ(label_weights("d=0.5,b=c=3", kLabels, kCounts), (std::vector<float>{1, 3, 0.5F}));
  EXPECT_EQ(label_weights("a=0", kLabels, kCounts), (std::vector<float>{0, 1, 1}));
}

TEST(Labels, WithCommasAndEqualsSignsAreWeighted) {
  const std::vector<std::string> labels = {"a", "a,b", "a=1,b", "c,d=2"};
  const std::vector<std::size_t> counts = {1, 1, 1, 1};
  EXPECT_EQ(label_weights("a,b=3,a=2", labels, counts), (std::vector<float>{2, 3, 1, 1}));
  EXPECT_EQ(label_weights("c,d=2=5,a,b=0", labels, counts), (std::vector<float>{1, 0, 1, 5}));
  EXPECT_EQ(label_weights("a=1,b=4", labels, counts), (std::vector<float>{1, 1, 4, 1})) << "the longest label";
}

TEST(Labels, WeightsThatMakeNoSenseAreRefused) {
  for (const char* option :
       {"a", "a=", "e=1", "a=-1", "a=nan", "a=inf", "a=1,", "a=1 ", "=1", "Balanced", "a=0,b=0,c=0"}) {
    try {
      label_weights(option, kLabels, kCounts);
      ADD_FAILURE() << option;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("--class-weights: ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace recur::label_names_test
