#include "data/read_series.h"

#include <cmath>

#include "base/error.h"
#include "base/show.h"
#include "data/data_format.h"

namespace recur {
namespace {

// Of arrays and of records in memory: a series each, or a step each of one.
std::vector<Series> series_of_records(const RecordData& data) {
  const FieldRequest request{"target", CellKind::numbers};
  const auto source = data.open({&request, 1}, {});
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

// Arrays and records in memory are targets and nothing else.
void check_columns(const RecordData& data, const SeriesColumns& columns) {
  if (columns.inputs.empty() && columns.known.empty()) return;
  fail("{}: --{}: arrays have a target alone; give a table or lines of JSON", data.name(),
       columns.inputs.empty() ? "known" : "inputs");
}

}  // namespace

std::vector<Series> read_series(const RecordData& data, SeriesColumns& columns) {
  if (!data.layout().columns.empty()) {
    fail(
        "--columns: series have those that recur train forecast was told: --target, --date, --group, --inputs, "
        "--known");
  }
  std::vector<Series> series;
  if (data.file() == nullptr) {
    check_columns(data, columns);
    series = series_of_records(data);
  } else {
    const FieldRequest request{"target", CellKind::text};
    const DataFormat format = format_of(*data.file(), data.layout(), {&request, 1});
    switch (format) {
      case DataFormat::json:
        series = read_json_series(*data.file(), columns);
        break;
      case DataFormat::csv:
      case DataFormat::tsv:
        series = read_table_series(*data.file(), format, columns);
        break;
      case DataFormat::numpy:
      case DataFormat::idx:
        check_columns(data, columns);
        series = series_of_records(data);
        break;
      default:
        fail("{}: read as {}, which has no series; give --format csv, tsv, json or numpy", data.name(),
             to_string(format));
    }
  }
  for (Series& one : series) trim(one, columns.inputs.size());
  std::erase_if(series, [](const Series& one) { return one.steps() == 0; });
  if (series.empty()) fail("{}: no series; expected numbers in the column {}", data.name(), quote(columns.target));
  return series;
}

}  // namespace recur
