// Dates as tables of series have them: 2016-07-01 00:00:00, 2016-07-01T00:00, 1981-01-31, 1949-01; with / for -; with
// an offset from UTC behind a time: Z, +01:00. What a file says is taken as it stands, by the clock of its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace recur {

using Seconds = std::int64_t;  // since 1970 began

// How a date looks: what it ends with, and what stands between its parts.
struct DateStyle {
  enum class End { month, day, minute, second } end = End::day;
  char dash = '-', gap = ' ';
  std::string zone = {};  // behind the time, as it is written: Z, +01:00; empty: nothing
  Seconds offset = 0;     // of that zone, to the east of UTC
  bool cut = false;       // parts of a second stood there, and are not kept
};

// From one step to the next: so many months, or else so many seconds. Neither: not known.
struct DateStep {
  int months = 0;
  Seconds seconds = 0;
  // Of months: which day of a month, or its last where that comes before, so that 31 is always the last. 0: that of the
  // date that it starts from.
  unsigned day = 0;
  // Of days: Saturdays and Sundays are no steps. Of months: the last day that is neither.
  bool weekdays = false;

  bool known() const { return months > 0 || seconds > 0; }
  // How long it is, of months and weekdays about.
  double length() const;
  // Whether it is about as long, and of weekdays or not.
  bool is_like(const DateStep& other) const;
};

// Nothing for a text that is no date; leaves in `style` how it looks.
std::optional<Seconds> parse_date(std::string_view text, DateStyle& style);
std::string date_text(Seconds date, const DateStyle& style);
// Makes a date's end so fine that dates a step apart look different.
void refine(DateStyle& style, const DateStep& step);

// Whether a text that is no date to parse_date() looks as if it were one to a person: 01.01.2020, 2020-W01, 20200101.
bool may_be_date(std::string_view text);

// The usual step of ascending dates: whole months where all are, on one day or at their end; weekdays where no date is
// on another and two weeks show it; else the middle of their differences. `known`: what a model knows of such dates,
// where they do not tell.
DateStep usual_step(std::span<const Seconds> dates, const DateStep& known = {});
// "30min", "h", "D", "B", "W", "M", "Q", "Y" as in GluonTS and pandas, of dates from `start` on; nothing for others.
std::optional<DateStep> parse_frequency(std::string_view text, Seconds start = 0);
// For messages: "3 months", "1 hour", "1 weekday".
std::string step_text(const DateStep& step);

Seconds advance(Seconds date, const DateStep& step, std::size_t steps);
// The number of steps from one date to a later one, rounded.
std::size_t steps_between(Seconds from, Seconds to, const DateStep& step);

// How far a date is in its day, its week (from Monday) and its year, from 0 to below 1.
double share_of_day(Seconds date);
double share_of_week(Seconds date);
double share_of_year(Seconds date);

}  // namespace recur
