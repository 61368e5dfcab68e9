#include "infer/prediction_text.h"

#include <gtest/gtest.h>

namespace recur::prediction_text_test {
namespace {

TEST(PredictionText, CellsOfCsvAreInQuotesWhereTheyHaveToBe) {
  EXPECT_EQ(csv_cell("a b"), "a b");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(csv_cell("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_cell("a\rb"), "\"a\rb\"");
}

}  // namespace
}  // namespace recur::prediction_text_test
