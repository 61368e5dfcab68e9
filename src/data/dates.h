// Dates as tables of series have them: 2016-07-01 00:00:00, 2016-07-01T00:00, 1981-01-31, 1949-01; with / for -.
// Without time zones: what a file says is taken as it stands.
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
};

// From one step to the next: so many months, or else so many seconds. Neither: not known.
struct DateStep {
  int months = 0;
  Seconds seconds = 0;

  bool known() const { return months > 0 || seconds > 0; }
  // How long it is, of months about.
  double length() const { return months > 0 ? months * 2'629'746.0 : static_cast<double>(seconds); }
};

// Nothing for a text that is no date; leaves in `style` how it looks.
std::optional<Seconds> parse_date(std::string_view text, DateStyle& style);
std::string date_text(Seconds date, const DateStyle& style);

// The usual step of ascending dates: whole months where all are, else the middle of their differences.
DateStep usual_step(std::span<const Seconds> dates);
// "30min", "h", "D", "W", "M", "Q", "Y" as in GluonTS and pandas; nothing for others.
std::optional<DateStep> parse_frequency(std::string_view text);

Seconds advance(Seconds date, const DateStep& step, std::size_t steps);
// The number of steps from one date to a later one, rounded.
std::size_t steps_between(Seconds from, Seconds to, const DateStep& step);

// How far a date is in its day, its week (from Monday) and its year, from 0 to below 1.
double share_of_day(Seconds date);
double share_of_week(Seconds date);
double share_of_year(Seconds date);

}  // namespace recur
