// Series from tables: a row is a step.
#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/read_series.h"
#include "data/source_plan.h"
#include "data/table_rows.h"
#include "data/white_space.h"

namespace recur {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// Which columns a table has, by the user's names and by its header.
class Header {
 public:
  Header(const InputFile& file, bool csv) : file_(file) {
    TableRows rows(file, csv);
    if (!rows.next()) fail("{}: expected a header and rows, got an empty file", file.name());
    names_ = header_names(rows.cells());
    // Of each column the first cell that says something, of the first rows.
    for (int row = 0; row < 100 && rows.next(); ++row) {
      if (row == 0) top_.assign(rows.cells().begin(), rows.cells().end());
      first_.resize(std::max(first_.size(), rows.cells().size()));
      for (std::size_t i = 0; i < rows.cells().size(); ++i) {
        if (is_missing(trimmed(first_[i]))) first_[i] = rows.cells()[i];
      }
    }
    if (!csv) check_tabs();
  }

  // Fills in the columns that are left open.
  void complete(SeriesColumns& columns) const {
    if (columns.date.empty()) columns.date = find_date();
    if (columns.date.empty()) find_undated(columns);
    if (!columns.target.empty()) return;
    for (const std::string& name : names_) {
      const bool input = contains(columns.inputs, name) || contains(columns.known, name);
      if (!input && name != columns.date && name != columns.group) columns.target = name;
    }
    if (columns.target.empty()) fail("{}: expected a column of numbers beside the others; give --target", file_.name());
  }

  void check(const char* flag, const std::string& name) const {
    const auto count = std::ranges::count(names_, name);
    if (count == 1) return;
    fail("{}: {}: expected a column of the header, {}, got {}{}", file_.name(), flag, quoted_list(names_), quote(name),
         count > 1 ? ", which is there twice" : "");
  }

 private:
  std::string find_date() const {
    DateStyle style;
    for (std::size_t i = 0; i < std::min(names_.size(), top_.size()); ++i) {
      if (parse_date(trimmed(top_[i]), style)) return names_[i];
    }
    return "";
  }

  // Notes what looks like a date to a person, in a column that has no other use.
  void find_undated(SeriesColumns& columns) const {
    for (std::size_t i = 0; i < std::min(names_.size(), first_.size()); ++i) {
      const std::string& name = names_[i];
      const bool used = name == columns.target || name == columns.group || contains(columns.inputs, name) ||
                        contains(columns.known, name) || (columns.target.empty() && i + 1 == names_.size());
      DateStyle style;
      const std::string_view text = trimmed(first_[i]);
      const bool date = parse_date(text, style).has_value();
      if (used || (!date && !may_be_date(text))) continue;
      columns.notes.push_back(
          fmt::format("{}: {} begins with {}, {} and is not looked at; {}", file_.name(), quote(name), quote(text),
                      date ? "but not in the first row," : "which is no date as 2016-07-01 or 2016-07-01T12:00",
                      date ? "write a date in each row" : "write such dates"));
      return;
    }
  }

  // Of lines with tabs: commas or semicolons alone are not what stands between cells.
  void check_tabs() const {
    if (names_.size() > 1 || first_.size() != 1) return;
    for (const char separator : {',', ';'}) {
      if (names_[0].find(separator) == std::string::npos || first_[0].find(separator) == std::string::npos) continue;
      fail("{}: read as lines with tabs, and there is none in the header, {}; {}", file_.name(), quote(names_[0]),
           separator == ',' ? "give --format csv" : "write commas for the semicolons and give --format csv");
    }
  }

  const InputFile& file_;
  std::vector<std::string> names_, top_, first_;
};

class TableSeries {
 public:
  TableSeries(const InputFile& file, DataFormat format, SeriesColumns& columns, const DateStep& known)
      : name_(file.name()), columns_(columns), known_step_(known) {
    const auto ask = [&](const std::string& name) {
      requests_.push_back({name, CellKind::text});
      return requests_.size() - 1;
    };
    target_ = ask(columns.target);
    for (const std::string& name : columns.inputs) ask(name);
    for (const std::string& name : columns.known) ask(name);
    if (!columns.date.empty()) date_ = ask(columns.date);
    if (!columns.group.empty()) group_ = ask(columns.group);
    source_ = open_named(file, format, requests_, {});
  }

  std::vector<Series> read() {
    while (source_->next()) add();
    for (std::size_t i = 0; i < series_.size(); ++i) {
      settle(series_[i], offsets_[i]);
      fill_gaps(series_[i]);
    }
    if (uneven_ > 0) {
      columns_.notes.push_back(
          fmt::format("{}: {} row{} no whole steps behind the one before, the first {}; each is "
                      "read as a step",
                      name_, with_thousands(uneven_), uneven_ == 1 ? " is" : "s are", first_uneven_));
    }
    return std::move(series_);
  }

 private:
  std::string_view cell(std::size_t i) const { return trimmed(std::get<std::string>((*source_)[i])); }

  double number(std::size_t i) const {
    const std::string_view text = cell(i);
    if (is_missing(text)) return kUnknownNumber;
    const auto number = parse_decimal(text);
    if (!number || !std::isfinite(*number)) {
      source_->fail(fmt::format("expected a number as {}, or nothing where it is missing, got {}",
                                quote(requests_[i].name), quote(text)));
    }
    return *number;
  }

  std::size_t series_of_row() {
    const std::string name(group_ ? cell(*group_) : "");
    if (group_ && is_blank_text(name)) {
      source_->fail(fmt::format("expected the name of a series in {}, got nothing", quote(columns_.group)));
    }
    const auto [place, is_new] = places_.emplace(name, series_.size());
    if (is_new) {
      series_.emplace_back().group = name;
      offsets_.emplace_back();
    }
    return place->second;
  }

  void add() {
    const std::size_t place = series_of_row();
    Series& series = series_[place];
    if (date_) add_date(series, offsets_[place]);
    series.target.push_back(number(target_));
    for (std::size_t i = 0; i < columns_.inputs.size(); ++i) series.inputs.push_back(number(1 + i));
    for (std::size_t i = 0; i < columns_.known.size(); ++i) {
      series.known.push_back(number(1 + columns_.inputs.size() + i));
    }
  }

  void add_date(Series& series, std::vector<Seconds>& offsets) const {
    DateStyle style;
    const auto date = parse_date(cell(*date_), style);
    if (!date) {
      source_->fail(fmt::format("expected a date as {}, such as 2016-07-01 or 2016-07-01 12:00:00, got {}",
                                quote(columns_.date), quote(cell(*date_))));
    }
    if (!series.dates.empty()) {
      check_order(series, offsets.back(), *date, style);
      style.end = std::max(style.end, series.style.end);
    }
    series.dates.push_back(*date);
    series.style = style;
    offsets.push_back(style.offset);
  }

  // The instant counts: where summer ends an hour comes twice.
  void check_order(const Series& series, Seconds offset, Seconds date, const DateStyle& style) const {
    const std::string before = date_text(series.dates.back(), series.style);
    if (style.zone.empty() != series.style.zone.empty()) {
      source_->fail(fmt::format("expected a date {} its offset from UTC, as the one before, {}, got {}",
                                style.zone.empty() ? "with" : "without", before, quote(cell(*date_))));
    }
    const Seconds since = date - style.offset - (series.dates.back() - offset);
    if (since > 0) return;
    const char* advice = since < 0                ? "sort the rows by date"
                         : style.cut              ? "dates are read to the second; keep one row a second"
                         : columns_.group.empty() ? "keep one row a date, or name the column of several series: --group"
                                                  : "sort the rows by date";
    source_->fail(fmt::format("expected a date after {}, got {}{}; {}", before, cell(*date_),
                              since == 0 ? " again" : "", advice));
  }

  // Of offsets that change with the time of the year: days go on by the clock of the place, hours by that of the last.
  static void settle(Series& series, const std::vector<Seconds>& offsets) {
    if (std::ranges::adjacent_find(offsets, std::not_equal_to()) == offsets.end()) return;
    constexpr Seconds kDay = 86'400;
    const std::vector<Seconds>& dates = series.dates;
    const bool days = std::ranges::all_of(dates, [&](Seconds date) { return (date - dates[0]) % kDay == 0; });
    if (days && std::ranges::is_sorted(dates, std::less_equal())) return;
    for (std::size_t i = 0; i < dates.size(); ++i) series.dates[i] += series.style.offset - offsets[i];
  }

  // A row that stands between two steps.
  void check_even(const Series& series, std::size_t i) {
    const DateStep& step = series.step;
    if (step.seconds == 0 || step.weekdays || (series.dates[i] - series.dates[i - 1]) % step.seconds == 0) return;
    if (uneven_++ > 0) return;
    first_uneven_ = fmt::format("{}, where steps are of {}", date_text(series.dates[i], series.style), step_text(step));
  }

  // Dates that are left out become steps of which nothing is known.
  void fill_gaps(Series& series) {
    series.step = usual_step(series.dates, known_step_);
    if (!series.step.known()) return;
    Series filled{series.group, {}, series.style, series.step, {}, {}, {}};
    const std::size_t inputs = columns_.inputs.size(), known = columns_.known.size();
    const std::size_t most = 10 * series.dates.size() + 1000;
    for (std::size_t i = 0; i < series.dates.size(); ++i) {
      const std::size_t missing =
          i == 0 ? 0 : std::max<std::size_t>(steps_between(series.dates[i - 1], series.dates[i], series.step), 1) - 1;
      if (i > 0) check_even(series, i);
      if (filled.dates.size() + missing > most) {
        fail("{}: the dates{} leave out more than they have: from {} to {}; fill them in, or give no --date column",
             name_, series.group.empty() ? "" : " of " + quote(series.group),
             date_text(series.dates[i - 1], series.style), date_text(series.dates[i], series.style));
      }
      for (std::size_t k = 1; k <= missing; ++k) {
        filled.dates.push_back(advance(series.dates[i - 1], series.step, k));
        filled.target.push_back(kUnknownNumber);
        filled.inputs.insert(filled.inputs.end(), inputs, kUnknownNumber);
        filled.known.insert(filled.known.end(), known, kUnknownNumber);
      }
      filled.dates.push_back(series.dates[i]);
      filled.target.push_back(series.target[i]);
      const auto copy = [i](const std::vector<double>& from, std::size_t width, std::vector<double>& to) {
        const auto begin = from.begin() + static_cast<std::ptrdiff_t>(i * width);
        to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
      };
      copy(series.inputs, inputs, filled.inputs);
      copy(series.known, known, filled.known);
    }
    series = std::move(filled);
  }

  std::string name_;
  SeriesColumns& columns_;
  DateStep known_step_;
  std::vector<FieldRequest> requests_;
  std::size_t target_ = 0;
  std::optional<std::size_t> date_, group_;
  std::unique_ptr<Source> source_;
  std::vector<Series> series_;
  std::vector<std::vector<Seconds>> offsets_;  // [series, steps]: from UTC
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t uneven_ = 0;  // rows
  std::string first_uneven_;
};

// A column is one thing.
void check_uses(const InputFile& file, const SeriesColumns& columns) {
  for (const std::string* other : {&columns.date, &columns.group}) {
    if (*other != columns.target) continue;
    fail("{}: --target: {} says when a row was, or of which series; name a column of numbers", file.name(),
         quote(columns.target));
  }
  std::vector<std::string> named = {columns.target, columns.date, columns.group};
  for (const auto& [flag, names] : {std::pair("--inputs", &columns.inputs), std::pair("--known", &columns.known)}) {
    for (const std::string& name : *names) {
      if (contains(named, name))
        fail("{}: {}: {} is named twice; name each column once", file.name(), flag, quote(name));
      named.push_back(name);
    }
  }
}

}  // namespace

std::vector<Series> read_table_series(const InputFile& file, DataFormat format, SeriesColumns& columns,
                                      const DateStep& known) {
  const Header header(file, format == DataFormat::csv);
  header.complete(columns);
  header.check("--target", columns.target);
  if (!columns.date.empty()) header.check("--date", columns.date);
  if (!columns.group.empty()) header.check("--group", columns.group);
  check_uses(file, columns);
  for (const std::string& name : columns.inputs) header.check("--inputs", name);
  for (const std::string& name : columns.known) header.check("--known", name);
  return TableSeries(file, format, columns, known).read();
}

}  // namespace recur
