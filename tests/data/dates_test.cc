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
                           "0001-01-01 00:00:00", "1969-12-31 23:59", "2020-01-01T00:00:00+01:00",
                           "2020-01-01 00:00 -0330", "2020-01-01T00:00Z", "2020-01-01 00:00:00 UTC"}) {
    DateStyle style;
    const auto parsed = parse_date(text, style);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(date_text(*parsed, style), text);
  }
  EXPECT_EQ(date("1970-01-01"), 0);
  EXPECT_EQ(date("2000-03-01 01:00:01.250Z"), 951'872'401);  // date -u -d
  for (const char* text : {"", "2016", "2016-13", "2021-02-29", "2016-07-01 24:00", "2016-07-01 12:60", "16-07-01",
                           "2016-07-01x", "2016-07-01 12", "2016.07.01", "-2016-07-01", "2016-7-1", "2016-07-01 12:00+",
                           "2016-07-01 12:00+1", "2016-07-01 12:00+19", "2016-07-01 12:00+01:",
                           "2016-07-01 12:00+01:60", "2016-07-01 12:00 CET", "2016-07-01+01:00"}) {
    DateStyle style;
    EXPECT_FALSE(parse_date(text, style)) << text;
  }
}

TEST(Dates, SayTheirOffset) {
  DateStyle style;
  EXPECT_EQ(*parse_date("2020-01-01T02:00:00+01:30", style) - style.offset, date("2020-01-01 00:30:00"));
  EXPECT_EQ(*parse_date("2020-01-01T02:00:00-05", style) - style.offset, date("2020-01-01 07:00:00"));
  EXPECT_FALSE(style.cut);
  EXPECT_TRUE(parse_date("2020-01-01T02:00:00.5Z", style) && style.cut);
  EXPECT_TRUE(parse_date("2020-01-01", style) && style.zone.empty() && style.offset == 0);
}

TEST(Dates, OfOtherKindsAreNoticed) {
  for (const char* text : {"20200101T0000", "2020-W01", "01.01.2020", "1/2/2020", "2020-1-1", "2020Q1", "20200101"}) {
    EXPECT_TRUE(may_be_date(text)) << text;
  }
  for (const char* text : {"", "12", "2020", "1577836800", "3.14", "1e10", "shop 1", "a", "12:30", "20209901"}) {
    EXPECT_FALSE(may_be_date(text)) << text;
  }
}

// Dates of a table, what comes behind them by their usual step.
std::vector<std::string> going_on(const std::vector<std::string>& texts, std::size_t count = 3) {
  std::vector<Seconds> dates;
  DateStyle style;
  for (const std::string& text : texts) dates.push_back(parse_date(text, style).value());
  const DateStep step = usual_step(dates);
  std::vector<std::string> next;
  for (std::size_t i = 1; i <= count; ++i) next.push_back(date_text(advance(dates.back(), step, i), style));
  return next;
}

TEST(Dates, GoOnAtTheEndsOfMonths) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(going_on({"2019-10-31", "2019-11-30", "2019-12-31"}), (Texts{"2020-01-31", "2020-02-29", "2020-03-31"}));
  EXPECT_EQ(going_on({"2019-01-31", "2019-02-28"}), (Texts{"2019-03-31", "2019-04-30", "2019-05-31"}));
  EXPECT_EQ(going_on({"2019-03-31", "2019-06-30"}), (Texts{"2019-09-30", "2019-12-31", "2020-03-31"}));
  EXPECT_EQ(going_on({"2019-06-30", "2019-09-30"}, 1), (Texts{"2019-12-31"}));
  EXPECT_EQ(going_on({"2018-02-28", "2019-02-28"}, 1), (Texts{"2020-02-29"}));
  EXPECT_EQ(going_on({"2018-12-30", "2019-01-30", "2019-02-28"}, 2), (Texts{"2019-03-30", "2019-04-30"}));
  EXPECT_EQ(going_on({"2019-01-15", "2019-02-15"}, 2), (Texts{"2019-03-15", "2019-04-15"}));
  EXPECT_EQ(going_on({"2010-03-31", "2010-04-30", "2010-05-31", "2010-06-30", "2010-07-30"}, 2),
            (Texts{"2010-08-31", "2010-09-30"}));  // the last weekday; 2010-07-31 is a Saturday
  EXPECT_EQ(going_on({"2019-01-30", "2019-01-31", "2019-02-01"}, 1), (Texts{"2019-02-02"}));
}

TEST(Dates, PassOverWeekends) {
  using Texts = std::vector<std::string>;
  Texts two_weeks;
  for (const int day : {2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19}) {
    two_weeks.push_back("2020-03-" + std::string(day < 10 ? "0" : "") + std::to_string(day));
  }
  EXPECT_EQ(going_on(two_weeks), (Texts{"2020-03-20", "2020-03-23", "2020-03-24"}));
  const std::vector<Seconds> short_one = {date("2020-03-05"), date("2020-03-06"), date("2020-03-09")};
  EXPECT_FALSE(usual_step(short_one).weekdays);
  EXPECT_TRUE(usual_step(short_one, {0, 86'400, 0, true}).weekdays);
  two_weeks.push_back("2020-03-21");
  EXPECT_EQ(going_on(two_weeks, 1), (Texts{"2020-03-22"}));
  const DateStep step = *parse_frequency("B");
  EXPECT_EQ(steps_between(date("2020-03-06"), date("2020-03-10"), step), 2U);
  EXPECT_EQ(advance(date("2020-03-07"), step, 0), date("2020-03-09"));
  EXPECT_EQ(advance(date("1969-12-26"), step, 3), date("1969-12-31"));
}

TEST(Dates, HaveTheStepOfAModelWhereTheyDoNotTell) {
  const std::vector<Seconds> one = {date("2019-02-28")};
  EXPECT_FALSE(usual_step(one).known());
  EXPECT_EQ(usual_step(one, {0, 3600}).seconds, 3600);
  EXPECT_EQ(usual_step(one, {1, 0, 31}).day, 31U);
  EXPECT_EQ(usual_step(one, {1, 0, 1}).day, 28U);
  EXPECT_TRUE(DateStep({0, 3600}).is_like({0, 3599}));
  EXPECT_FALSE(DateStep({0, 3600}).is_like({1, 0, 1}));
  EXPECT_EQ(step_text({0, 3600}), "1 hour");
  EXPECT_EQ(step_text({3, 0, 31}), "3 months");
  EXPECT_EQ(step_text({0, 86'400, 0, true}), "1 weekday");
}

TEST(Dates, HaveAUsualStep) {
  const std::vector<Seconds> months = {date("1949-01"), date("1949-02"), date("1949-03"), date("1949-05")};
  EXPECT_EQ(usual_step(months).months, 1);
  EXPECT_EQ(steps_between(months[2], months[3], usual_step(months)), 2U);
  const std::vector<Seconds> days = {date("1980-12-30"), date("1980-12-31"), date("1981-01-02"), date("1981-01-03")};
  EXPECT_EQ(usual_step(days).months, 0);
  EXPECT_EQ(usual_step(days).seconds, 86'400);
  EXPECT_FALSE(usual_step({}).known());
  // One of three days is left out, one of two months.
  EXPECT_EQ(going_on({"2020-01-01", "2020-01-02", "2020-01-04"}, 1), std::vector<std::string>{"2020-01-05"});
  EXPECT_EQ(going_on({"2020-01-15", "2020-02-15", "2020-04-15"}, 1), std::vector<std::string>{"2020-05-15"});
  EXPECT_EQ(parse_frequency("30min")->seconds, 1800);
  EXPECT_EQ(parse_frequency("W-SUN")->seconds, 7 * 86'400);
  EXPECT_EQ(parse_frequency("Q")->months, 3);
  EXPECT_EQ(parse_frequency("M", date("2016-04-30"))->day, 31U);
  EXPECT_EQ(parse_frequency("MS", date("2016-04-01"))->day, 1U);
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
