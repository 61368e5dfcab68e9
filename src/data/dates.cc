#include "data/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

#include "base/parse.h"
#include "base/utf8.h"

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

// Z, UTC, +01, +0100 or +01:00, with a blank before it or not.
std::optional<Seconds> parse_zone(std::string_view text) {
  take(text, ' ');
  if (text == "Z" || text == "UTC") return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  const bool more = take(text, ':') || !text.empty();
  const auto minutes = more ? take_digits(text, 2) : std::optional(0);
  if (!hours || !minutes || *hours > 18 || *minutes > 59 || !text.empty()) return std::nullopt;
  return (west ? -1 : 1) * (*hours * Seconds{3600} + *minutes * Seconds{60});
}

// [hours:minutes], [:seconds], [zone]; parts of a second are let be.
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
    style.cut = take(text, '.');
    if (style.cut) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  }
  if (!text.empty()) {
    const auto offset = parse_zone(text);
    if (!offset) return std::nullopt;
    style.zone = text;
    style.offset = *offset;
  }
  return *hour * Seconds{3600} + *minute * Seconds{60} + second;
}

bool is_weekend(sys_days day) { return std::chrono::weekday(day).iso_encoding() > 5; }

// That day of a month, or its last where it is shorter; of weekdays the last until then.
sys_days day_in(std::chrono::year_month month, unsigned day, bool weekdays) {
  const std::chrono::year_month_day_last last = month / std::chrono::last;
  sys_days to = last;
  if (day < static_cast<unsigned>(last.day())) to = month / std::chrono::day(day);
  while (weekdays && is_weekend(to)) to -= days(1);
  return to;
}

std::chrono::year_month month_of(Seconds date) {
  const year_month_day day{day_of(date)};
  return day.year() / day.month();
}
unsigned day_of_month(Seconds date) { return static_cast<unsigned>(year_month_day{day_of(date)}.day()); }

Seconds add_months(Seconds date, long months, const DateStep& step) {
  const unsigned day = step.day > 0 ? step.day : day_of_month(date);
  const sys_days to = day_in(month_of(date) + std::chrono::months(months), day, step.weekdays);
  return to.time_since_epoch().count() * kDay + second_of_day(date);
}

// Weekdays since a Monday; a Saturday and a Sunday count as the Monday behind them.
long weekday_number(Seconds date) {
  const long day = day_of(date).time_since_epoch().count() + 3;  // 1970 began on a Thursday
  const long week = day >= 0 ? day / 7 : (day - 6) / 7;
  return 5 * week + std::min(day - 7 * week, 5L);
}

Seconds add_weekdays(Seconds date, long count) {
  const long number = weekday_number(date) + count, week = number >= 0 ? number / 5 : (number - 4) / 5;
  return (7 * week + (number - 5 * week) - 3) * kDay + second_of_day(date);
}

// Whether every date is on that day of its month.
bool all_on(std::span<const Seconds> dates, unsigned day, bool weekdays) {
  return std::ranges::all_of(dates,
                             [&](Seconds date) { return day_of(date) == day_in(month_of(date), day, weekdays); });
}

// Of two in the middle the smaller one: the dates may have left out what is between the larger one's ends.
Seconds middle_of(std::vector<Seconds> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() - 1) / 2);
  std::ranges::nth_element(numbers, middle);
  return *middle;
}

// What dates are apart, each from the one before.
template <class Count>
std::vector<Seconds> differences(std::span<const Seconds> dates, const Count& count) {
  std::vector<Seconds> apart;
  for (std::size_t i = 1; i < dates.size(); ++i) apart.push_back(count(dates[i]) - count(dates[i - 1]));
  return apart;
}

// Of dates at one time of their days. Unknown where they are not in months of their own, or on other days.
DateStep step_of_months(std::span<const Seconds> dates) {
  const std::vector<Seconds> months = differences(dates, month_number);
  if (std::ranges::min(months) <= 0) return {};
  const int usual = static_cast<int>(middle_of(months));
  if (all_on(dates, 31, false)) return {usual, 0, 31};
  unsigned day = 0;
  for (const Seconds date : dates) day = std::max(day, day_of_month(date));
  if (all_on(dates, day, false)) return {usual, 0, day};
  // Two dates may be anything.
  return dates.size() > 2 && all_on(dates, 31, true) ? DateStep{usual, 0, 31, true} : DateStep();
}

// The same; two weeks without a date at their ends are enough to tell.
DateStep step_of_weekdays(std::span<const Seconds> dates, bool known) {
  if (!known && dates.back() - dates.front() < 14 * kDay) return {};
  if (std::ranges::any_of(dates, [](Seconds date) { return is_weekend(day_of(date)); })) return {};
  return middle_of(differences(dates, weekday_number)) == 1 ? DateStep{0, kDay, 0, true} : DateStep();
}

// A model's step, from a date on.
DateStep fitted(DateStep step, Seconds date) {
  if (step.months > 0 && !all_on({&date, 1}, step.day, step.weekdays)) return {step.months, 0, day_of_month(date)};
  if (step.months == 0 && is_weekend(day_of(date))) step.weekdays = false;
  return step;
}

// 20200101, of our time.
bool is_day_number(std::string_view text) {
  const auto year = take_digits(text, 4), month = take_digits(text, 2), day = take_digits(text, 2);
  return text.empty() && year && month && day && *year >= 1900 && *year < 2100 && *month >= 1 && *month <= 12 &&
         *day >= 1 && *day <= 31;
}

}  // namespace

std::optional<Seconds> parse_date(std::string_view text, DateStyle& style) {
  const auto year = take_digits(text, 4);
  if (!year || text.empty() || (text.front() != '-' && text.front() != '/')) return std::nullopt;
  style = {DateStyle::End::month, text.front(), ' ', {}, 0, false};
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
  return text + style.zone;
}

void refine(DateStyle& style, const DateStep& step) {
  if (step.seconds == 0) return;
  const auto end = step.seconds % 60 != 0     ? DateStyle::End::second
                   : step.seconds % kDay != 0 ? DateStyle::End::minute
                                              : DateStyle::End::day;
  style.end = std::max(style.end, end);
}

bool may_be_date(std::string_view text) {
  if (is_day_number(text)) return true;
  if (text.empty() || parse_number<double>(text)) return false;
  constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};
  constexpr std::string_view kMarks[] = {"t", "w", "q", "z", "am", "pm", "utc", "gmt"};
  const auto is_month = [&](std::string_view word) {
    return word.size() >= 3 && std::ranges::any_of(kMonths, [word](std::string_view month) {
             return word == month || word == month.substr(0, 3) || (word == "sept" && month == "september");
           });
  };
  std::size_t digits = 0, groups = 0;
  bool month = false, comma = false;
  std::string word;
  char before = ' ';
  for (const char c : std::string(text) + " ") {
    const bool digit = c >= '0' && c <= '9';
    if (is_ascii_letter(c)) {
      word += static_cast<char>(c | 0x20);
    } else {
      const bool named = is_month(word);
      if (!word.empty() && !named && std::ranges::find(kMarks, word) == std::end(kMarks)) return false;
      month = month || named;
      word.clear();
      comma = comma || c == ',';
      if (!digit && std::string_view("-/.:+, ").find(c) == std::string_view::npos) return false;
    }
    digits += digit ? 1 : 0;
    groups += digit && !(before >= '0' && before <= '9') ? 1 : 0;
    before = c;
  }
  if (month) return digits >= 3 && groups >= 2;
  return !comma && digits >= 5 && groups >= 2 && text.front() >= '0' && text.front() <= '9';
}

double DateStep::length() const {
  if (months > 0) return months * 2'629'746.0;
  return static_cast<double>(seconds) * (weekdays ? 1.4 : 1);
}

bool DateStep::is_like(const DateStep& other) const {
  const double ratio = length() / other.length();
  return ratio > 0.8 && ratio < 1.25 && (months > 0 || weekdays == other.weekdays);
}

DateStep usual_step(std::span<const Seconds> dates, const DateStep& known) {
  if (dates.empty()) return {};
  if (dates.size() == 1) return fitted(known, dates.front());
  const Seconds time = second_of_day(dates.front());
  if (std::ranges::all_of(dates, [time](Seconds date) { return second_of_day(date) == time; })) {
    if (const DateStep months = step_of_months(dates); months.known()) return months;
    if (const DateStep weekdays = step_of_weekdays(dates, known.weekdays); weekdays.known()) return weekdays;
  }
  return {0, middle_of(differences(dates, std::identity()))};
}

std::optional<DateStep> parse_frequency(std::string_view text, Seconds start) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = digits == 0 ? std::optional(1) : parse_number<int>(text.substr(0, digits));
  const std::string_view unit = text.substr(digits, text.find('-') - digits);  // W-SUN
  if (!count || *count < 1 || *count > 100'000) return std::nullopt;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, unit) != names.end();
  };
  const unsigned day = day_of_month(start), end = all_on({&start, 1}, 31, false) ? 31 : day;
  if (is({"s", "S"})) return DateStep{0, *count};
  if (is({"min", "T"})) return DateStep{0, *count * Seconds{60}};
  if (is({"h", "H"})) return DateStep{0, *count * Seconds{3600}};
  if (is({"d", "D"})) return DateStep{0, *count * kDay};
  if (is({"b", "B"})) return DateStep{0, *count * kDay, 0, true};
  if (is({"w", "W"})) return DateStep{0, *count * 7 * kDay};
  if (is({"MS"})) return DateStep{*count, 0, day};
  if (is({"QS"})) return DateStep{*count * 3, 0, day};
  if (is({"YS", "AS"})) return DateStep{*count * 12, 0, day};
  if (is({"m", "M", "ME"})) return DateStep{*count, 0, end};
  if (is({"q", "Q", "QE"})) return DateStep{*count * 3, 0, end};
  if (is({"y", "Y", "A", "YE"})) return DateStep{*count * 12, 0, end};
  if (is({"BM", "BME"})) return DateStep{*count, 0, 31, true};
  if (is({"BQ", "BQE"})) return DateStep{*count * 3, 0, 31, true};
  if (is({"BY", "BA", "BYE"})) return DateStep{*count * 12, 0, 31, true};
  return std::nullopt;
}

std::string step_text(const DateStep& step) {
  struct Unit {
    Seconds size;
    const char* name;
  };
  constexpr Unit kMonths[] = {{12, "year"}, {1, "month"}}, kWeekdays[] = {{kDay, "weekday"}};
  constexpr Unit kSeconds[] = {{7 * kDay, "week"}, {kDay, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  const std::span<const Unit> units = step.months > 0 ? std::span<const Unit>(kMonths)
                                      : step.weekdays ? std::span<const Unit>(kWeekdays)
                                                      : std::span<const Unit>(kSeconds);
  const Seconds length = step.months > 0 ? step.months : step.seconds;
  const auto unit = std::ranges::find_if(units, [length](const Unit& u) { return length % u.size == 0; });
  const Seconds count = length / unit->size;
  return fmt::format("{} {}{}", count, unit->name, count == 1 ? "" : "s");
}

Seconds advance(Seconds date, const DateStep& step, std::size_t steps) {
  const long count = static_cast<long>(steps);
  if (step.months > 0) return add_months(date, step.months * count, step);
  if (step.weekdays) return add_weekdays(date, step.seconds / kDay * count);
  return date + step.seconds * count;
}

std::size_t steps_between(Seconds from, Seconds to, const DateStep& step) {
  const auto steps = [&](long difference, Seconds of) {
    return static_cast<std::size_t>(std::llround(static_cast<double>(difference) / static_cast<double>(of)));
  };
  if (step.months > 0) return steps(month_number(to) - month_number(from), step.months);
  if (step.weekdays) return steps(weekday_number(to) - weekday_number(from), step.seconds / kDay);
  return steps(to - from, step.seconds);
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
