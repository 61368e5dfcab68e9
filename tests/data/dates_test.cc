#include "data/dates.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur::dates_test {
namespace {

Seconds date(const std::string& text) {
  DateStyle style;
  const auto parsed = parse_date(text, style);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(0);
}

TEST(Dates, AreReadAndWrittenAsTheyStand) {
  for (const char* text : {"2016-07-01 23:05:59", "2016-07-01T00:15", "1981-12-31", "1949-01", "2020/02/29",
                           "0001-01-01 00:00:00", "1969-12-31 23:59"}) {
    DateStyle style;
    const auto parsed = parse_date(text, style);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(date_text(*parsed, style), text);
  }
  EXPECT_EQ(date("1970-01-01"), 0);
  EXPECT_EQ(date("2000-03-01 01:00:01.250Z"), 951'872'401);  // date -u -d
  for (const char* text : {"", "2016", "2016-13", "2021-02-29", "2016-07-01 24:00", "2016-07-01 12:60", "16-07-01",
                           "2016-07-01x", "2016-07-01 12", "2016.07.01", "-2016-07-01", "2016-7-1"}) {
    DateStyle style;
    EXPECT_FALSE(parse_date(text, style)) << text;
  }
}

TEST(Dates, HaveAUsualStep) {
  const std::vector<Seconds> months = {date("1949-01"), date("1949-02"), date("1949-03"), date("1949-05")};
  EXPECT_EQ(usual_step(months).months, 1);
  EXPECT_EQ(steps_between(months[2], months[3], usual_step(months)), 2U);
  const std::vector<Seconds> days = {date("1980-12-30"), date("1980-12-31"), date("1981-01-02"), date("1981-01-03")};
  EXPECT_EQ(usual_step(days).months, 0);
  EXPECT_EQ(usual_step(days).seconds, 86'400);
  EXPECT_FALSE(usual_step({}).known());
  EXPECT_EQ(parse_frequency("30min")->seconds, 1800);
  EXPECT_EQ(parse_frequency("W-SUN")->seconds, 7 * 86'400);
  EXPECT_EQ(parse_frequency("Q")->months, 3);
  EXPECT_FALSE(parse_frequency("fortnight"));
}

TEST(Dates, AreAdvancedByTheCalendar) {
  DateStyle style;
  const Seconds january = *parse_date("2019-01-31", style);
  EXPECT_EQ(date_text(advance(january, {1, 0}, 1), style), "2019-02-28");
  EXPECT_EQ(date_text(advance(january, {1, 0}, 14), style), "2020-03-31");
  EXPECT_EQ(date_text(advance(january, {0, 86'400}, 29), style), "2019-03-01");
}

TEST(Dates, KnowTheirPlaceInCycles) {
  EXPECT_DOUBLE_EQ(share_of_day(date("2016-07-01 06:00")), 0.25);
  EXPECT_DOUBLE_EQ(share_of_week(date("2026-11-30")), 0);  // a Monday
  EXPECT_DOUBLE_EQ(share_of_week(date("2026-11-29 12:00")), 6.5 / 7);
  EXPECT_DOUBLE_EQ(share_of_year(date("2019-01-01")), 0);
  EXPECT_DOUBLE_EQ(share_of_year(date("2020-12-31")), 365.0 / 366);
}

}  // namespace
}  // namespace recur::dates_test
