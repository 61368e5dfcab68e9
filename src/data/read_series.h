// Series from data: a table with a header (CSV, or lines with tabs) whose rows are steps; lines of JSON, a series each,
// with the keys of GluonTS: target (or what --target calls it), start, freq, item_id, feat_dynamic_real ([known, steps
// and more]); arrays and records in memory, whose field "target" has a series each, or a step each of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/read_records.h"
#include "data/series.h"

namespace recur {

// Where a table has what (SeriesSpec). An empty target is the last column that nothing else is in; an empty date the
// first column that begins with one, if any.
struct SeriesColumns {
  std::string target, date, group;
  std::vector<std::string> inputs, known;
  // Once they are read: what people should know of it, for messages.
  std::vector<std::string> notes = {};

  // For people: an array's has no name of its own.
  const std::string& shown_target() const {
    static const std::string kTarget = "target";
    return target.empty() ? kTarget : target;
  }
};

// Fills in what `columns` leaves open. Numbers are finite or, where the data says nothing, NA, nan, null or ?, NaN;
// what comes behind the last target that is known is only kept of what is known ahead. Dates that are left out are
// steps whose numbers are missing. Throws Error naming file and line of a row with more or fewer cells than the header,
// of a text where a number should be, of a date that is none or does not come after the one before it in its group;
// naming the flag of a column that is not there; and of data without a series. `known`: the step of a model, for dates
// that do not tell theirs.
std::vector<Series> read_series(const RecordData& data, SeriesColumns& columns, const DateStep& known = {});
// Throws Error for columns that a user has named and data of that format does not have.
void check_series_columns(const RecordData& data, const SeriesColumns& columns);

// Of lines of JSON and of tables; `format` is csv or tsv.
std::vector<Series> read_json_series(const InputFile& file, const SeriesColumns& columns, const DateStep& known);
std::vector<Series> read_table_series(const InputFile& file, DataFormat format, SeriesColumns& columns,
                                      const DateStep& known);

}  // namespace recur
