#include "data/read_series.h"

#include <cmath>

#include "base/error.h"
#include "base/show.h"
#include "data/data_format.h"
#include "data/source_plan.h"
#include "data/zip_directory.h"

namespace recur {
namespace {

bool is_archive(const RecordData& data) { return data.file() != nullptr && begins_as_zip(*data.file()); }

// Which array of an archive has the targets: the one that the user named, or "target", or the only one.
std::string array_of(const RecordData& data, const SeriesColumns& columns) {
  std::vector<std::string> names;
  const std::vector<ZipMember> members = read_zip_directory(*data.file());
  for (const std::string& name : {columns.target, std::string("target")}) {
    if (!name.empty() && find_member(members, name) != nullptr) return name;
  }
  for (const ZipMember& member : members) {
    if (member.name != "lengths.npy") names.push_back(member.name.substr(0, member.name.rfind(".npy")));
  }
  if (names.size() == 1) return names[0];
  fail("{}: expected an array \"target\", got {}; say which: --target ARRAY", data.name(), quoted_list(names));
}

// Of arrays and of records in memory: a series each, or a step each of one. NaN: missing.
std::vector<Series> series_of_records(const RecordData& data, const SeriesColumns& columns) {
  const std::string name = is_archive(data) ? array_of(data, columns) : "target";
  const FieldRequest request{name, CellKind::numbers, true};
  const auto source =
      is_archive(data) ? open_named(*data.file(), DataFormat::numpy, {&request, 1}, {}) : data.open({&request, 1}, {});
  std::vector<Series> series;
  bool steps = true;
  while (source->next()) {
    const Numbers& numbers = std::get<Numbers>((*source)[0]);
    if (numbers.width != 1) source->fail(fmt::format("expected one number a step, got {}", numbers.width));
    steps = steps && numbers.steps() == 1;
    series.emplace_back().target = numbers.values;
  }
  if (!steps || series.size() < 2) return series;
  for (std::size_t i = 1; i < series.size(); ++i) series[0].target.push_back(series[i].target[0]);
  series.resize(1);
  return series;
}

// Rows that are steps ahead: no target is known from there on.
void trim(Series& series, std::size_t inputs) {
  while (!series.target.empty() && std::isnan(series.target.back())) series.target.pop_back();
  series.inputs.resize(series.steps() * inputs);
}

// Series without a number.
void note_unknown(const RecordData& data, std::span<const Series> series, std::vector<std::string>& notes) {
  const auto unknown = [](const Series& one) { return one.steps() == 0; };
  const auto count = std::ranges::count_if(series, unknown);
  if (count == 0) return;
  const auto first = std::ranges::find_if(series, unknown);
  notes.push_back(
      fmt::format("{}: {} series of which no number is known {} left out, the first is {}", data.name(), count,
                  count == 1 ? "is" : "are",
                  first->group.empty() ? fmt::format("number {}", first - series.begin() + 1) : quote(first->group)));
}

// Arrays and records in memory are targets and nothing else.
void check_columns(const RecordData& data, const SeriesColumns& columns) {
  if (columns.inputs.empty() && columns.known.empty()) return;
  fail("{}: --{}: arrays have a target alone; give a table or lines of JSON", data.name(),
       columns.inputs.empty() ? "known" : "inputs");
}

}  // namespace

void check_series_columns(const RecordData& data, const SeriesColumns& columns) {
  const FieldRequest request{"target", CellKind::text};
  const DataFormat format =
      data.file() == nullptr ? DataFormat::numpy : format_of(*data.file(), data.layout(), {&request, 1});
  const bool arrays = format == DataFormat::numpy || format == DataFormat::idx;
  if (!arrays && format != DataFormat::json) return;
  const char* form = arrays ? "an array" : "a line of JSON";
  if (!columns.date.empty()) fail("{}: --date: {} has no column of dates; leave it out", data.name(), form);
  if (!columns.group.empty()) fail("{}: --group: {} has no column of groups; leave it out", data.name(), form);
  if (columns.target.empty()) return;
  if (!arrays) {
    if (has_numbers(*data.file(), data.layout(), columns.target)) return;
    fail("{}: --target: its first line has no list {}", data.name(), quote(columns.target));
  }
  if (!is_archive(data)) fail("{}: --target: it is one array, which has no name; leave it out", data.name());
  if (find_member(read_zip_directory(*data.file()), columns.target) == nullptr) {
    fail("{}: --target: there is no array {}", data.name(), quote(columns.target));
  }
}

std::vector<Series> read_series(const RecordData& data, SeriesColumns& columns, const DateStep& known) {
  if (!data.layout().columns.empty()) {
    fail(
        "--columns: series have those that recur train forecast was told: --target, --date, --group, --inputs, "
        "--known");
  }
  std::vector<Series> series;
  if (data.file() == nullptr) {
    check_columns(data, columns);
    series = series_of_records(data, columns);
  } else {
    const FieldRequest request{"target", CellKind::text};
    const DataFormat format = format_of(*data.file(), data.layout(), {&request, 1});
    switch (format) {
      case DataFormat::json:
        series = read_json_series(*data.file(), columns, known);
        break;
      case DataFormat::csv:
      case DataFormat::tsv:
        series = read_table_series(*data.file(), format, columns, known);
        break;
      case DataFormat::numpy:
      case DataFormat::idx:
        check_columns(data, columns);
        series = series_of_records(data, columns);
        break;
      default:
        fail("{}: read as {}, which has no series; give --format csv, tsv, json or numpy", data.name(),
             to_string(format));
    }
  }
  for (Series& one : series) {
    trim(one, columns.inputs.size());
    refine(one.style, one.step);
  }
  note_unknown(data, series, columns.notes);
  std::erase_if(series, [](const Series& one) { return one.steps() == 0; });
  if (series.empty())
    fail("{}: no series; expected numbers in the column {}", data.name(), quote(columns.shown_target()));
  return series;
}

}  // namespace recur
