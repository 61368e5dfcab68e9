#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "data/read_series.h"
#include "data/text_file.h"
#include "support/error_of.h"

namespace recur::series_test {
namespace {

class SeriesFiles : public testing::Test {
 protected:
  std::vector<Series> read(const std::string& name, const std::string& text, SeriesColumns columns = {}) {
    const InputFile file(folder_.write(name, text));
    columns_ = std::move(columns);
    return read_series({file, {}}, columns_);
  }
  // What is said of it, without the path.
  std::string problem(const std::string& name, const std::string& text, const SeriesColumns& columns = {}) {
    const std::string said = error_of([&] { read(name, text, columns); });
    const std::size_t place = said.find(name);
    return place == said.npos ? said : said.substr(place);
  }

  TempFolder folder_;
  SeriesColumns columns_;
};

TEST_F(SeriesFiles, OfCsvAreFoundByTheirHeader) {
  const auto series = read("a.csv", "load,when,sun,price\n1,2016-07-01 00:00,0.5,7\n2,2016-07-01 01:00,1,8\n");
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(columns_.date, "when");
  EXPECT_EQ(columns_.target, "price");
  EXPECT_EQ(series[0].target, (std::vector<double>{7, 8}));
  EXPECT_EQ(series[0].step.seconds, 3600);
  EXPECT_EQ(date_text(series[0].date(3), series[0].style), "2016-07-01 03:00");
}

TEST_F(SeriesFiles, OfATableHaveGroupsInputsAndWhatIsKnownAhead) {
  const std::string rows =
      "day\tshop\tsold\train\tfree\n2020-01-01\tb\t5\t1\t0\n2020-01-01\ta\t7\t2\t0\n"
      "2020-01-02\tb\t6\t\t1\n2020-01-02\ta\tNA\t4\t1\n2020-01-03\tb\t\t\t1\n";
  const auto series = read("a.tsv", rows, {"sold", "", "shop", {"rain"}, {"free"}});
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].group, "b");
  EXPECT_EQ(series[0].target, (std::vector<double>{5, 6}));
  EXPECT_EQ(series[0].known, (std::vector<double>{0, 1, 1}));
  ASSERT_EQ(series[0].inputs.size(), 2U);
  EXPECT_TRUE(std::isnan(series[0].inputs[1]));
  EXPECT_EQ(series[1].target, (std::vector<double>{7}));
}

TEST_F(SeriesFiles, HaveStepsForDatesThatAreLeftOut) {
  const auto series = read("a.csv", "d,x\n2020-01-01,1\n2020-01-02,2\n2020-01-05,3\n2020-01-06,4\n");
  ASSERT_EQ(series[0].steps(), 6U);
  EXPECT_TRUE(std::isnan(series[0].target[2]) && std::isnan(series[0].target[3]));
  EXPECT_EQ(series[0].target[4], 3);
  EXPECT_EQ(date_text(series[0].date(3), series[0].style), "2020-01-04");
}

TEST_F(SeriesFiles, OfJsonHaveTheKeysOfGluonTS) {
  const auto series =
      read("a.jsonl",
           "{\"target\": [1, null, 3.5], \"start\": \"2016-01-01\", \"freq\": \"D\", \"item_id\": \"a\", "
           "\"feat_dynamic_real\": [[1, 2, 3, 4], [5, 6, 7, 8]]}\n"
           "{\"target\": [1, \"NaN\", 2], \"feat_dynamic_real\": [[1, 2, 3], [5, 6, 7]]}\n",
           {"", "", "", {}, {"one", "two"}});
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].group, "a");
  EXPECT_TRUE(std::isnan(series[0].target[1]));
  EXPECT_EQ(series[0].known, (std::vector<double>{1, 5, 2, 6, 3, 7, 4, 8}));
  EXPECT_EQ(date_text(series[0].date(3), series[0].style), "2016-01-04");
  EXPECT_TRUE(series[1].dates.empty());
}

TEST_F(SeriesFiles, OfMemoryAreASeriesARecordOrAStepEach) {
  const std::vector<Record> whole = {{{"target", Numbers{{1, 2, 3}, 1}}}, {{"target", Numbers{{4}, 1}}}};
  SeriesColumns columns;
  EXPECT_EQ(read_series(RecordData(whole), columns).size(), 2U);
  const std::vector<Record> steps = {{{"target", Numbers{{1}, 1}}}, {{"target", Numbers{{4}, 1}}}};
  const auto series = read_series(RecordData(steps), columns);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0].target, (std::vector<double>{1, 4}));
}

TEST_F(SeriesFiles, ThatAreWrongAreRefusedInOneLine) {
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-02\n"),
            "a.csv: line 3: expected 2 columns, as the header has, got 1");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-02,two\n"),
            "a.csv: line 3: expected a number as \"x\", or nothing where it is missing, got \"two\"");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-02,inf\n"),
            "a.csv: line 3: expected a number as \"x\", or nothing where it is missing, got \"inf\"");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-02,1\n2020-01-01,2\n"),
            "a.csv: line 3: expected a date after 2020-01-02, got 2020-01-01; sort the rows by date");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-01,2\n"),
            "a.csv: line 3: expected a date after 2020-01-01, got 2020-01-01 again; keep one row a date, or name the "
            "column of several series: --group");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\nsoon,2\n"),
            "a.csv: line 3: expected a date as \"d\", such as 2016-07-01 or 2016-07-01 12:00:00, got \"soon\"");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n", {"y", "", "", {}, {}}),
            "a.csv: --target: expected a column of the header, \"d\", \"x\", got \"y\"");
  EXPECT_EQ(problem("a.csv", "d,x,x\n2020-01-01,1,1\n"),
            "a.csv: --target: expected a column of the header, \"d\", \"x\", \"x\", got \"x\", which is there twice");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,\n"), "a.csv: no series; expected numbers in the column \"x\"");
  EXPECT_EQ(problem("a.csv", ""), "a.csv: expected a header and rows, got an empty file");
  EXPECT_NE(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-02,1\n2020-01-03,1\n2420-01-01,2\n").find("leave out more"),
            std::string::npos);
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1, \"x\"]}\n"),
            "a.jsonl: line 1: expected a number in \"target\", or null where it is missing, got \"\\\"x\\\"\"");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1], \"start\": \"2016-01-01\", \"freq\": \"soon\"}\n"),
            "a.jsonl: line 1: expected \"freq\" to be such as \"h\", \"30min\", \"D\", \"W\" or \"M\", got "
            "\"\\\"soon\\\"\"");
  EXPECT_EQ(problem("a.jsonl", "[1]\n"),
            "a.jsonl: line 1: expected a JSON object {\"target\": [..], \"start\": \"2016-07-01\", ..}");
}

}  // namespace
}  // namespace recur::series_test
