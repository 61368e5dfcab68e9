#include "data/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/parse.h"

namespace recur {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Seconds kDay = 86'400;

sys_days day_of(Seconds date) { return std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(date))); }
Seconds second_of_day(Seconds date) { return date - day_of(date).time_since_epoch().count() * kDay; }
// Months since year 0 began.
long month_number(Seconds date) {
  const year_month_day day{day_of(date)};
  return static_cast<int>(day.year()) * 12L + static_cast<long>(static_cast<unsigned>(day.month())) - 1;
}

// Takes a number of exactly so many digits off the front of a text.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  const auto number = parse_number<unsigned>(text.substr(0, digits));
  text.remove_prefix(digits);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// [hours:minutes], [:seconds]; parts of a second and a Z are let be.
std::optional<Seconds> parse_time(std::string_view text, DateStyle& style) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  style.end = DateStyle::End::minute;
  int second = 0;
  if (take(text, ':')) {
    const auto read = take_digits(text, 2);
    if (!read || *read > 60) return std::nullopt;
    second = *read;
    style.end = DateStyle::End::second;
    if (take(text, '.')) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  }
  take(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return *hour * Seconds{3600} + *minute * Seconds{60} + second;
}

// The same day of a later month, or its last where it is shorter.
Seconds add_months(Seconds date, long months) {
  const year_month_day from{day_of(date)};
  const std::chrono::year_month month = from.year() / from.month() + std::chrono::months(months);
  year_month_day to = month / from.day();
  if (!to.ok()) to = month / std::chrono::last;
  return sys_days(to).time_since_epoch().count() * kDay + second_of_day(date);
}

}  // namespace

std::optional<Seconds> parse_date(std::string_view text, DateStyle& style) {
  const auto year = take_digits(text, 4);
  if (!year || text.empty() || (text.front() != '-' && text.front() != '/')) return std::nullopt;
  style = {DateStyle::End::month, text.front(), ' '};
  take(text, style.dash);
  const auto month = take_digits(text, 2);
  if (!month) return std::nullopt;
  int day = 1;
  if (take(text, style.dash)) {
    const auto read = take_digits(text, 2);
    if (!read) return std::nullopt;
    day = *read;
    style.end = DateStyle::End::day;
  }
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const Seconds midnight = sys_days(date).time_since_epoch().count() * kDay;
  if (text.empty()) return midnight;
  if (style.end != DateStyle::End::day || (text.front() != ' ' && text.front() != 'T')) return std::nullopt;
  style.gap = text.front();
  const auto time = parse_time(text.substr(1), style);
  return time ? std::optional(midnight + *time) : std::nullopt;
}

std::string date_text(Seconds date, const DateStyle& style) {
  const year_month_day day{day_of(date)};
  std::string text =
      fmt::format("{:04}{}{:02}", static_cast<int>(day.year()), style.dash, static_cast<unsigned>(day.month()));
  if (style.end == DateStyle::End::month) return text;
  text += fmt::format("{}{:02}", style.dash, static_cast<unsigned>(day.day()));
  if (style.end == DateStyle::End::day) return text;
  const Seconds second = second_of_day(date);
  text += fmt::format("{}{:02}:{:02}", style.gap, second / 3600, second / 60 % 60);
  if (style.end == DateStyle::End::second) text += fmt::format(":{:02}", second % 60);
  return text;
}

DateStep usual_step(std::span<const Seconds> dates) {
  if (dates.size() < 2) return {};
  const auto day = [](Seconds date) { return year_month_day{day_of(date)}.day(); };
  std::vector<Seconds> seconds, months;
  bool whole = true;
  for (std::size_t i = 1; i < dates.size(); ++i) {
    seconds.push_back(dates[i] - dates[i - 1]);
    months.push_back(month_number(dates[i]) - month_number(dates[i - 1]));
    whole = whole && months.back() > 0 && day(dates[i]) == day(dates[0]) &&
            second_of_day(dates[i]) == second_of_day(dates[0]);
  }
  std::vector<Seconds>& of = whole ? months : seconds;
  std::ranges::nth_element(of, of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2));
  const Seconds middle = of[of.size() / 2];
  return whole ? DateStep{static_cast<int>(middle), 0} : DateStep{0, middle};
}

std::optional<DateStep> parse_frequency(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = digits == 0 ? std::optional(1) : parse_number<int>(text.substr(0, digits));
  const std::string_view unit = text.substr(digits, text.find('-') - digits);  // W-SUN
  if (!count || *count < 1 || *count > 100'000) return std::nullopt;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, unit) != names.end();
  };
  if (is({"s", "S"})) return DateStep{0, *count};
  if (is({"min", "T"})) return DateStep{0, *count * Seconds{60}};
  if (is({"h", "H"})) return DateStep{0, *count * Seconds{3600}};
  if (is({"d", "D", "B"})) return DateStep{0, *count * kDay};
  if (is({"w", "W"})) return DateStep{0, *count * 7 * kDay};
  if (is({"m", "M", "MS", "ME"})) return DateStep{*count, 0};
  if (is({"q", "Q", "QS", "QE"})) return DateStep{*count * 3, 0};
  if (is({"y", "Y", "A", "YS", "YE"})) return DateStep{*count * 12, 0};
  return std::nullopt;
}

Seconds advance(Seconds date, const DateStep& step, std::size_t steps) {
  if (step.months > 0) return add_months(date, step.months * static_cast<long>(steps));
  return date + step.seconds * static_cast<Seconds>(steps);
}

std::size_t steps_between(Seconds from, Seconds to, const DateStep& step) {
  const double difference = step.months > 0 ? static_cast<double>(month_number(to) - month_number(from)) / step.months
                                            : static_cast<double>(to - from) / static_cast<double>(step.seconds);
  return static_cast<std::size_t>(std::llround(difference));
}

double share_of_day(Seconds date) { return static_cast<double>(second_of_day(date)) / static_cast<double>(kDay); }

double share_of_week(Seconds date) {
  const unsigned weekday = std::chrono::weekday(day_of(date)).iso_encoding() - 1;
  return (weekday + share_of_day(date)) / 7;
}

double share_of_year(Seconds date) {
  const sys_days day = day_of(date);
  const auto year = year_month_day{day}.year();
  const sys_days first{year / 1 / 1}, next{(year + std::chrono::years(1)) / 1 / 1};
  return (static_cast<double>((day - first).count()) + share_of_day(date)) /
         static_cast<double>((next - first).count());
}

}  // namespace recur
