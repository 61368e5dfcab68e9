#include "data/series_field.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/learn_series.h"
#include "recur/types/record.h"

namespace recur {
namespace {

// Where what is held out of a series begins.
std::size_t training_end(const Series& series, double held_out) {
  const auto steps = static_cast<double>(series.steps());
  return series.steps() - std::min(series.steps(), static_cast<std::size_t>(std::ceil(held_out * steps)));
}

// What reading them found, and the first series that goes on at another pace than the model's.
void add_notes(const RecordData& data, const SeriesColumns& columns, std::span<const Series> series,
               const DateStep& step, std::vector<std::string>& notes) {
  notes.insert(notes.end(), columns.notes.begin(), columns.notes.end());
  const auto other = std::ranges::find_if(
      series, [&step](const Series& one) { return step.known() && one.step.known() && !one.step.is_like(step); });
  if (other == series.end()) return;
  notes.push_back(fmt::format("{}:{} goes on in steps of {}, and the model learned from steps of {}", data.name(),
                              other->group.empty() ? "" : " " + quote(other->group) + ":", step_text(other->step),
                              step_text(step)));
}

bool any_known(std::span<const double> numbers) {
  return std::ranges::any_of(numbers, [](double x) { return !std::isnan(x); });
}

}  // namespace

SeriesField::SeriesField(const FieldSpec& spec, std::optional<Learned> learned)
    : Field(spec, CellKind::numbers), spec_(std::get<SeriesSpec>(spec.kind)), learned_(std::move(learned)) {
  if (learned_) look_up();
}

void SeriesField::look_up() {
  places_.clear();
  cycles_.clear();
  for (std::size_t i = 0; i < learned_->groups.size(); ++i) places_.emplace(learned_->groups[i].group, i);
  for (const Cycle& cycle : all_cycles()) {
    if (std::ranges::find(learned_->calendar, cycle.name) != learned_->calendar.end()) cycles_.push_back(&cycle);
  }
}

void SeriesField::fail_records() { fail("a model of series reads windows of them, not records"); }

std::vector<Series> SeriesField::read(const RecordData& data, std::vector<std::string>& notes) const {
  SeriesColumns columns = learned_->columns;
  std::vector<Series> series = read_series(data, columns, learned_->step);
  add_notes(data, columns, series, learned_->step, notes);
  for (Series& one : series) {
    one.moments = place_of(one.group);
    const SeriesMoments& m = learned_->groups[one.moments];
    for (std::size_t step = 0; step < one.target.size(); ++step) {
      const double x = one.target[step];
      if (std::isnan(x) || std::isfinite(static_cast<float>((x - m.mean) / m.deviation))) continue;
      fail("{}: {}: expected numbers of the size of those that are learned from, got {} at {}{}", data.name(),
           quote(columns.shown_target()), x,
           one.dates.empty() ? fmt::format("step {}", step + 1) : date_text(one.date(step), one.style),
           one.group.empty() ? "" : " of " + quote(one.group));
    }
    if (!learned_->calendar.empty() && one.dates.empty()) {
      fail("{}: the model learned from dates, and there are none; expected {}", data.name(),
           columns.date.empty() ? "\"start\" and \"freq\"" : "dates as " + quote(columns.date));
    }
  }
  return series;
}

void SeriesField::learn(const RecordData& data, double held_out) {
  SeriesColumns columns{spec_.target, spec_.date, spec_.group, parse_names(spec_.inputs, "inputs"),
                        parse_names(spec_.known, "known")};
  if (spec_.rolled && !columns.inputs.empty()) {
    fail("--inputs: a forecast that is rolled out has no values of them ahead; give them as --known, or no --rolled");
  }
  check_series_columns(data, columns);
  const std::vector<Series> series = read_series(data, columns);
  columns.notes.clear();  // which are told of what is read later
  std::vector<std::size_t> ends;
  for (const Series& one : series) ends.push_back(training_end(one, held_out));
  learned_ = learn_series(spec_, std::move(columns), series, ends);
  look_up();
}

std::unique_ptr<Records> SeriesField::windows(const RecordData& data, RecordPart part, double held_out) const {
  std::vector<std::string> notes;
  std::vector<Series> series = read(data, notes);
  std::vector<SeriesWindow> windows;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::span<const double> target = series[i].target;
    const std::size_t split = training_end(series[i], held_out);
    const std::size_t end = part == RecordPart::training ? split : target.size();
    if (end <= horizon()) continue;
    const std::size_t last = end - horizon();
    const std::size_t first = part == RecordPart::held_out ? split : std::min(learned_->context, last);
    for (std::size_t origin = std::max<std::size_t>(first, 1); origin <= last; ++origin) {
      const std::size_t begin = origin - std::min(origin, learned_->context);
      const bool known = any_known(target.subspan(begin, origin - begin));
      if (known && any_known(target.subspan(origin, horizon()))) windows.push_back({i, origin});
    }
  }
  if (windows.empty()) {
    std::size_t longest = 0;
    for (const Series& one : series) longest = std::max(longest, one.steps());
    const char* which = held_out == 0                  ? ""
                        : part == RecordPart::training ? " before what is held out"
                                                       : " in what is held out";
    fail("{}: no window of {} steps{} and one before them: the longest series has {}; give longer series{}",
         data.name(), horizon(), which, longest,
         held_out > 0                   ? ", a smaller --horizon, or another --valid-share"
         : part == RecordPart::training ? " or a smaller --horizon"
                                        : "");
  }
  return make_records(std::move(series), std::move(windows), std::move(notes));
}

std::unique_ptr<Records> SeriesField::ends(const RecordData& data) const {
  std::vector<std::string> notes;
  std::vector<Series> series = read(data, notes);
  std::vector<SeriesWindow> windows;
  for (std::size_t i = 0; i < series.size(); ++i) {
    windows.push_back({i, series[i].steps()});
    const std::size_t told = known() == 0 ? 0 : series[i].known.size() / known(), steps = series[i].steps();
    if (known() == 0 || told >= steps + horizon()) continue;
    const std::size_t ahead = told - std::min(told, steps);
    fail(
        "{}:{} expected what is known ahead for {} steps behind the last target, got {}; add rows without a target, "
        "or of JSON longer lists",
        data.name(), series[i].group.empty() ? "" : " " + quote(series[i].group) + ":", horizon(), ahead);
  }
  return make_records(std::move(series), std::move(windows), std::move(notes));
}

std::unique_ptr<Records> SeriesField::steps(const RecordData& data) const {
  std::vector<std::string> notes;
  std::vector<Series> series = read(data, notes);
  std::vector<SeriesWindow> windows;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t origin = 1; origin < series[i].steps(); ++origin) {
      if (!std::isnan(series[i].target[origin])) windows.push_back({i, origin});
    }
  }
  return make_records(std::move(series), std::move(windows), std::move(notes));
}

std::unique_ptr<Records> SeriesField::make_records(std::vector<Series> series, std::vector<SeriesWindow> windows,
                                                   std::vector<std::string> notes) const {
  auto records = std::make_unique<Records>();
  records->notes = std::move(notes);
  Column& column = records->columns.emplace_back();
  column.series = std::make_shared<const std::vector<Series>>(std::move(series));
  column.windows = std::move(windows);
  for (std::size_t i = 0; i < column.windows.size(); ++i) {
    records->lengths.push_back(static_cast<std::uint32_t>(length(column, i)));
  }
  return records;
}

std::size_t SeriesField::width() const {
  return 1 + (learned_->gaps ? 1 : 0) + learned_->columns.inputs.size() + known() + 2 * learned_->calendar.size();
}

std::size_t SeriesField::place_of(const std::string& group) const {
  const auto place = places_.find(group);
  return place == places_.end() ? 0 : place->second;
}

const SeriesMoments& SeriesField::moments(const std::string& group) const { return learned_->groups[place_of(group)]; }

std::size_t SeriesField::context(const Column& column, std::size_t record) const {
  return std::min(column.windows[record].origin, learned_->context);
}

std::size_t SeriesField::length(const Column& column, std::size_t record) const {
  return context(column, record) + (spec_.rolled ? horizon() - 1 : 0);
}

WindowScale SeriesField::scale(const Column& column, std::size_t record) const {
  const SeriesWindow window = column.windows[record];
  const Series& series = (*column.series)[window.series];
  const std::size_t count = context(column, record);
  const std::span<const double> past = std::span(series.target).subspan(window.origin - count, count);
  const SeriesMoments& of = learned_->groups[series.moments];
  if (spec_.level == WindowLevel::last) {
    for (std::size_t t = past.size(); t-- > 0;) {
      if (!std::isnan(past[t])) return {past[t], of.deviation};
    }
  }
  if (spec_.level != WindowLevel::mean) return {of.mean, of.deviation};
  double sum = 0, known = 0;
  for (const double x : past) {
    if (std::isnan(x)) continue;
    sum += std::abs(x);
    ++known;
  }
  const double mean = sum / known;
  return {0, std::isnormal(mean) ? mean : of.deviation};
}

float SeriesField::scaled_input(std::span<const double> numbers, std::size_t at, std::size_t column) const {
  const double x = at < numbers.size() ? numbers[at] : kUnknownNumber;
  if (std::isnan(x)) return 0;
  return static_cast<float>((x - learned_->input_means[column]) / learned_->input_deviations[column]);
}

// The row of a step at which the target is `value`, scaled.
void SeriesField::add_row(const Series& series, std::size_t step, const WindowScale& scale, double value, bool there,
                          std::vector<float>& to) const {
  const std::size_t inputs = learned_->columns.inputs.size();
  to.push_back(static_cast<float>((value - scale.offset) / scale.scale));
  if (learned_->gaps) to.push_back(there ? 1.0F : 0.0F);
  for (std::size_t k = 0; k < inputs; ++k) to.push_back(scaled_input(series.inputs, step * inputs + k, k));
  const std::size_t of = spec_.rolled ? step + 1 : step;
  for (std::size_t k = 0; k < known(); ++k) to.push_back(scaled_input(series.known, of * known() + k, inputs + k));
  for (const Cycle* cycle : cycles_) {
    const double angle = 2 * std::numbers::pi * cycle->share(series.date(of));
    to.push_back(static_cast<float>(std::sin(angle)));
    to.push_back(static_cast<float>(std::cos(angle)));
  }
}

void SeriesField::set_target(float target, std::span<float> row) const {
  row[0] = target;
  if (learned_->gaps) row[1] = 1;
}

void SeriesField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  std::vector<std::size_t> lengths;
  for (const std::size_t record : records) lengths.push_back(length(column, record));
  lay_out(lengths, to);
  to.numbers.resize(to.steps.total() * width());
  to.wanted.assign(spec_.rolled ? to.steps.total() : records.size() * horizon(),
                   std::numeric_limits<float>::quiet_NaN());
  std::vector<float> row;
  for (std::size_t place = 0; place < records.size(); ++place) {
    const std::size_t record = records[to.of[place]];
    const SeriesWindow window = column.windows[record];
    const Series& series = (*column.series)[window.series];
    const WindowScale how = scale(column, record);
    const std::size_t begin = window.origin - context(column, record);
    const auto target = [&](std::size_t step) { return step < series.steps() ? series.target[step] : kUnknownNumber; };
    const auto scaled = [&](std::size_t step) { return static_cast<float>((target(step) - how.offset) / how.scale); };
    double last = how.offset;
    for (std::size_t t = 0; t < length(column, record); ++t) {
      const std::size_t step = begin + t;
      const bool there = !std::isnan(target(step));
      if (there) last = target(step);
      row.clear();
      add_row(series, step, how, last, there, row);
      std::ranges::copy(row, to.numbers.begin() + static_cast<std::ptrdiff_t>((to.steps.offset(t) + place) * width()));
      if (spec_.rolled) to.wanted[to.steps.offset(t) + place] = scaled(step + 1);
    }
    if (spec_.rolled) continue;
    for (std::size_t h = 0; h < horizon(); ++h) to.wanted[place * horizon() + h] = scaled(window.origin + h);
  }
  if (!spec_.rolled && known() > 0) add_ahead(column, records, to);
}

// [records, horizon, known]
void SeriesField::add_ahead(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  const std::size_t inputs = learned_->columns.inputs.size();
  to.ahead.clear();
  for (const std::size_t place : to.of) {
    const SeriesWindow window = column.windows[records[place]];
    const std::vector<double>& known = (*column.series)[window.series].known;
    for (std::size_t i = 0; i < horizon() * this->known(); ++i) {
      to.ahead.push_back(scaled_input(known, window.origin * this->known() + i, inputs + i % this->known()));
    }
  }
}

Cell SeriesField::cell(const Column& column, std::size_t record) const {
  const SeriesWindow window = column.windows[record];
  const std::vector<double>& target = (*column.series)[window.series].target;
  const std::size_t begin = window.origin - std::min(window.origin, std::max(learned_->context, learned_->season));
  Numbers numbers;
  for (std::size_t step = begin; step < window.origin + horizon(); ++step) {
    numbers.values.push_back(step < target.size() ? target[step] : kUnknownNumber);
  }
  return numbers;
}

std::string SeriesField::describe() const {
  std::string text = fmt::format("{} steps of {}", learned_->context, quote(learned_->columns.shown_target()));
  for (const auto* names : {&learned_->columns.inputs, &learned_->columns.known}) {
    for (const std::string& name : *names) text += ", " + name;
  }
  for (const std::string& cycle : learned_->calendar) text += ", place in the " + cycle;
  if (learned_->groups.size() > 1) text += fmt::format("; {} groups", learned_->groups.size() - 1);
  return text;
}

const SeriesField* series_field(const Fields& fields) { return dynamic_cast<const SeriesField*>(fields.front().get()); }

}  // namespace recur
