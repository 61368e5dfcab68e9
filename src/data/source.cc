#include "data/source.h"

#include <fmt/format.h>

#include "data/bad_record.h"
#include "data/data_format.h"
#include "data/source_plan.h"

namespace recur {

void Source::fail(std::string_view problem) const { throw BadRecord(fmt::format("{}: {}", place(), problem)); }

namespace {

std::unique_ptr<Source> open_plan(SourcePlan plan) {
  switch (plan.format) {
    case DataFormat::json:
      return open_json(std::move(plan));
    case DataFormat::conll:
      return open_conll(std::move(plan));
    case DataFormat::numpy:
    case DataFormat::idx:
      return open_arrays(std::move(plan));
    default:
      return open_delimited(std::move(plan));
  }
}

}  // namespace

std::unique_ptr<Source> open_source(const InputFile& file, const SourceLayout& layout,
                                    std::span<const FieldRequest> fields, const SourceOptions& options) {
  return open_plan({&file,
                    format_of(file, layout, fields),
                    {fields.begin(), fields.end()},
                    parse_columns(layout, fields),
                    layout.columns_flag,
                    options});
}

std::unique_ptr<Source> open_named(const InputFile& file, DataFormat format, std::span<const FieldRequest> fields,
                                   const SourceOptions& options) {
  std::vector<std::string> columns(fields.size());
  return open_plan(
      {&file, format, {fields.begin(), fields.end()}, std::move(columns), SourceLayout().columns_flag, options, true});
}

}  // namespace recur
