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

TEST_F(SeriesFiles, HaveColumnsOfAnyName) {
  const auto numbers = read("a.tsv", "2\t1\n10\t1000\n11\t1001\n", {"2", "", "", {}, {}});
  EXPECT_EQ(numbers[0].target, (std::vector<double>{10, 11}));
  const auto zero = read("a.tsv", "date\t2\t1\t0\n2020-01-01\t7\t8\t9\n", {"0", "", "", {"1"}, {}});
  EXPECT_EQ(zero[0].target, (std::vector<double>{9}));
  EXPECT_EQ(zero[0].inputs, (std::vector<double>{8}));
  for (const char* name : {"price, EUR", "price=EUR"}) {
    const auto series = read("a.tsv", std::string("date\t") + name + "\n2020-01-01\t7\n");
    EXPECT_EQ(series[0].target, (std::vector<double>{7})) << name;
    EXPECT_EQ(columns_.target, name);
  }
}

TEST_F(SeriesFiles, WithOffsetsGoOnByTheInstant) {
  // Central European Summer Time ends: 02:00 comes twice.
  const std::string hours =
      "t,x\n2020-10-25T01:00:00+02:00,1\n2020-10-25T02:00:00+02:00,2\n2020-10-25T02:00:00+01:00,3\n"
      "2020-10-25T03:00:00+01:00,4\n";
  const auto series = read("a.csv", hours);
  EXPECT_EQ(columns_.date, "t");
  EXPECT_EQ(series[0].step.seconds, 3600);
  EXPECT_EQ(series[0].target, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(date_text(series[0].date(4), series[0].style), "2020-10-25T04:00:00+01:00");
  const auto days =
      read("a.csv", "t,x\n2020-10-24T00:00+02:00,1\n2020-10-25T00:00+02:00,2\n2020-10-26T00:00+01:00,3\n");
  EXPECT_EQ(days[0].step.seconds, 86'400);
  EXPECT_EQ(date_text(days[0].date(3), days[0].style), "2020-10-27T00:00+01:00");
  const auto months = read("a.csv", "t,x\n2020-02-29T00:00+01:00,1\n2020-03-31T00:00+02:00,2\n");
  EXPECT_EQ(date_text(months[0].date(2), months[0].style), "2020-04-30T00:00+02:00");
  const auto utc = read("a.csv", "t,x\n2020-01-01T00:00:00Z,1\n2020-01-01T00:00:10Z,2\n");
  EXPECT_EQ(date_text(utc[0].date(2), utc[0].style), "2020-01-01T00:00:20Z");
  const auto json =
      read("a.jsonl", "{\"target\": [1, 2], \"start\": \"2020-01-01T00:00:00+01:00\", \"freq\": \"h\"}\n");
  EXPECT_EQ(date_text(json[0].date(2), json[0].style), "2020-01-01T02:00:00+01:00");
  EXPECT_EQ(problem("a.csv", "t,x\n2020-01-01T00:00+01:00,1\n2020-01-01T01:00,2\n"),
            "a.csv: line 3: expected a date with its offset from UTC, as the one before, 2020-01-01T00:00+01:00, got "
            "\"2020-01-01T01:00\"");
  EXPECT_EQ(problem("a.csv", "t,x\n2020-01-01T01:00+01:00,1\n2020-01-01T01:30+02:00,2\n"),
            "a.csv: line 3: expected a date after 2020-01-01T01:00+01:00, got 2020-01-01T01:30+02:00; sort the rows by "
            "date");
  EXPECT_EQ(problem("a.csv", "t,x\n2020-01-01 00:00:00.0,1\n2020-01-01 00:00:00.1,2\n"),
            "a.csv: line 3: expected a date after 2020-01-01 00:00:00, got 2020-01-01 00:00:00.1 again; dates are read "
            "to the second; keep one row a second");
}

TEST_F(SeriesFiles, OfJsonGoOnByTheirFrequency) {
  const auto last = [&](const std::string& start, const std::string& frequency) {
    const auto series =
        read("a.jsonl", "{\"target\": [1, 2], \"start\": \"" + start + "\", \"freq\": \"" + frequency + "\"}\n");
    return date_text(series[0].date(1), series[0].style) + " " + date_text(series[0].date(2), series[0].style);
  };
  EXPECT_EQ(last("2016-01-31", "M"), "2016-02-29 2016-03-31");
  EXPECT_EQ(last("2016-04-30", "M"), "2016-05-31 2016-06-30");
  EXPECT_EQ(last("2016-04-30", "MS"), "2016-05-30 2016-06-30");
  EXPECT_EQ(last("2016-01-01", "M"), "2016-02-01 2016-03-01");
  EXPECT_EQ(last("2016-06-30", "Q"), "2016-09-30 2016-12-31");
  EXPECT_EQ(last("2016-07-28", "B"), "2016-07-29 2016-08-01");
  EXPECT_EQ(last("2016-07-29", "BME"), "2016-08-31 2016-09-30");
}

TEST_F(SeriesFiles, HaveTheStepOfAModelWhereTheyDoNotTellTheirOwn) {
  const DateStep month{1, 0, 31};
  const InputFile table(folder_.write("a.csv", "d,x\n2018-01-31,1\n"));
  const auto one = read_series({table, {}}, columns_, month);
  EXPECT_EQ(date_text(one[0].date(1), one[0].style), "2018-02-28");
  SeriesColumns columns;
  const InputFile lines(folder_.write("a.jsonl", "{\"target\": [1], \"start\": \"2018-01-31\"}\n"));
  const auto json = read_series({lines, {}}, columns, month);
  ASSERT_EQ(json[0].dates.size(), 1U);
  EXPECT_EQ(date_text(json[0].date(2), json[0].style), "2018-03-31");
}

TEST_F(SeriesFiles, WithDatesOfAnotherKindAreNoticed) {
  read("a.csv", "when,x\n01.01.2020,1\n02.01.2020,2\n");
  ASSERT_EQ(columns_.notes.size(), 1U);
  EXPECT_NE(columns_.notes[0].find("\"when\" begins with \"01.01.2020\", which is no date"), std::string::npos);
  read("a.csv", "shop,x\n12,1\n13,2\n");
  EXPECT_TRUE(columns_.notes.empty());
  read("a.csv", "d,n,x\n2020-01-01,01.01.2020,2\n");
  EXPECT_TRUE(columns_.notes.empty());
  read("a.csv", "x,d\n1,20200101\n2,20200102\n");  // the target
  EXPECT_TRUE(columns_.notes.empty());
}

TEST_F(SeriesFiles, OfJsonHaveTheKeysOfGluonTS) {
  const auto series =
      read("a.jsonl",
           "{\"target\": [1, null, 3.5], \"start\": \"2016-01-01\", \"freq\": \"D\", \"item_id\": \"a\", "
           "\"feat_dynamic_real\": [[1, 2, 3, 4], [5, 6, 7, 8]]}\n"
           "{\"target\": [1, \"NaN\", 2], \"item_id\": 7, \"feat_dynamic_real\": [[1, 2, 3], [5, 6, 7]]}\n",
           {"", "", "", {}, {"one", "two"}});
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].group, "a");
  EXPECT_EQ(series[1].group, "7");
  EXPECT_TRUE(std::isnan(series[0].target[1]));
  EXPECT_EQ(series[0].known, (std::vector<double>{1, 5, 2, 6, 3, 7, 4, 8}));
  EXPECT_EQ(date_text(series[0].date(3), series[0].style), "2016-01-04");
  EXPECT_TRUE(series[1].dates.empty());
}

TEST_F(SeriesFiles, OfJsonMayCallTheTargetAsATableDid) {
  const std::string both = "{\"target\": [1, 2], \"load\": [3, 4]}\n", standard = "{\"target\": [5]}\n";
  const SeriesColumns load{"load", "", "", {}, {}};
  EXPECT_EQ(read("a.jsonl", both, load)[0].target, (std::vector<double>{3, 4}));
  EXPECT_EQ(read("a.jsonl", both)[0].target, (std::vector<double>{1, 2}));
  EXPECT_EQ(read("a.jsonl", standard, load)[0].target, (std::vector<double>{5}));
  EXPECT_EQ(problem("a.jsonl", both + standard, load),
            "a.jsonl: line 2: expected a JSON object {\"load\": [..], \"start\": \"2016-07-01\", ..}");
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
  EXPECT_EQ(problem("a.csv", "d,g,x\n2020-01-01,a,1\n2020-01-01, ,2\n", {"x", "d", "g", {}, {}}),
            "a.csv: line 3: expected the name of a series in \"g\", got nothing");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1], \"item_id\": \"a\"}\n{\"target\": [1]}\n"),
            "a.jsonl: line 2: expected \"item_id\" in every line or in none");
  EXPECT_EQ(problem("a.csv", ""), "a.csv: expected a header and rows, got an empty file");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,1\n2020-01-02,1\n2020-01-03,1\n2420-01-01,2\n"),
            "a.csv: the dates leave out more than they have: from 2020-01-03 to 2420-01-01; fill them in, or give no "
            "--date column");
  EXPECT_EQ(problem("a.csv", "d,x\n2020-01-01,+1\n2020-01-02,+-1\n"),
            "a.csv: line 3: expected a number as \"x\", or nothing where it is missing, got \"+-1\"");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1, \"x\"]}\n"),
            "a.jsonl: line 1: expected a number in \"target\", or null where it is missing, got \"\\\"x\\\"\"");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1], \"start\": \"2016-01-01\", \"freq\": \"soon\"}\n"),
            "a.jsonl: line 1: expected \"freq\" to be such as \"h\", \"30min\", \"D\", \"B\", \"W\" or \"M\", "
            "got \"soon\"");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1, NaN]}\n"),
            "a.jsonl: line 1: JSON has no NaN; write null where a number is missing");
  EXPECT_EQ(problem("a.jsonl", "{\"target\": [1, -Infinity], \"item_id\": \"\\\"NaN\"}\n"),
            "a.jsonl: line 1: JSON has no -Infinity; write null where a number is missing");
  EXPECT_EQ(problem("a.jsonl", "{\"item_id\": \"NaN\", \"target\": [1e-400, 1e400]}\n"),
            "a.jsonl: line 1: the number 1e400 is too large; expected one below 1.8e308");
  EXPECT_EQ(problem("a.csv", "d;x\n2020-01-01;1\n"),
            "a.csv: line 1: expected commas between the columns, got a header with semicolons, \"d;x\"; write commas, "
            "or tabs and give --format tsv");
  EXPECT_EQ(problem("a.csv", "\"d\";\"x\"\n\"2020-01-01\";1,5\n").substr(0, 53),
            "a.csv: line 1: expected commas between the columns, g");
  EXPECT_EQ(problem("a.txt", "d,x\n2020-01-01,1\n"),
            "a.txt: read as lines with tabs, and there is none in the header, \"d,x\"; give --format csv");
  EXPECT_EQ(problem("a.csv", "d,x,y\n2020-01-01,1,2\n", {"x", "", "", {"x"}, {}}),
            "a.csv: --inputs: \"x\" is named twice; name each column once");
  EXPECT_EQ(problem("a.jsonl", "[1]\n"),
            "a.jsonl: line 1: expected a JSON object {\"target\": [..], \"start\": \"2016-07-01\", ..}");
}

}  // namespace
}  // namespace recur::series_test
