#include "data/data_format.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json_fields.h"
#include "data/array_reader.h"
#include "data/frames/frame_reader.h"
#include "data/line_reader.h"
#include "data/source_plan.h"
#include "data/table_rows.h"
#include "data/zip_directory.h"

namespace recur {
namespace {

using nlohmann::json;

bool is_standard_input(const InputFile& file) { return file.name() == shown_name("-"); }

std::optional<DataFormat> format_of_name(const InputFile& file, bool words) {
  if (is_standard_input(file)) return std::nullopt;
  std::string name = file.name().substr(file.name().find_last_of('/') + 1);
  std::ranges::transform(name, name.begin(), ascii_lower);
  const auto ends = [&](std::initializer_list<std::string_view> endings) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
  };
  if (ends({".csv"})) return DataFormat::csv;
  if (ends({".json", ".jsonl", ".ndjson"})) return DataFormat::json;
  if (ends({".conll", ".conllu"})) return DataFormat::conll;
  if (ends({".npy", ".npz"})) return DataFormat::numpy;
  if (ends({".tsv"})) return words ? DataFormat::conll : DataFormat::tsv;
  if (ends({".idx", "-ubyte"}) || name.find("-idx") != name.npos) return DataFormat::idx;
  return std::nullopt;
}

// Moves to the next line that is not blank; false where there is none. Of what is wrong with one before it tells who
// reads the records.
bool next_with_text(LineReader& lines) {
  bool found = lines.next_readable();
  while (found && lines.blank()) found = lines.next_readable();
  return found;
}

// The first line that is not blank, as a JSON object; discarded where it is none.
json first_object(const InputFile& file) {
  LineReader lines(file);
  if (next_with_text(lines) && lines.line().substr(lines.line().find_first_not_of(" \t")).starts_with('{')) {
    json first = json::parse(lines.line(), nullptr, false);
    if (first.is_object() && !first.empty()) return first;
  }
  return json(json::value_t::discarded);
}

// An object, or what others than JSON write as one: {"target": [NaN]}.
bool begins_with_object(const InputFile& file) {
  if (first_object(file).is_object()) return true;
  LineReader lines(file);
  if (!next_with_text(lines)) return false;
  const std::string_view text = lines.line().substr(lines.line().find_first_not_of(" \t"));
  return text.starts_with("{\"") && text.ends_with('}') && !json_problem(text).empty();
}

std::optional<DataFormat> format_of_bytes(const InputFile& file) {
  std::array<char, 4> begin{};
  const std::string_view start(begin.data(), file.read(0, begin));
  if (start.starts_with("\x1F\x8B")) {
    fail("{}: expected data, got a file that gzip has compressed; unpack it first: gunzip", file.name());
  }
  if (is_idx(start)) return DataFormat::idx;
  return start == "\x93NUM" || is_zip(start) ? std::optional(DataFormat::numpy) : std::nullopt;
}

// The column that the layout has for a field, if it names one.
std::optional<std::string_view> named_column(const SourceLayout& layout, std::string_view field) {
  for (const auto& [name, column] : split_columns(layout)) {
    if (name == field) return column;
  }
  return std::nullopt;
}

}  // namespace

DataFormat format_of(const InputFile& file, const SourceLayout& layout, std::span<const FieldRequest> fields) {
  const std::optional<DataFormat> of_bytes = format_of_bytes(file);
  if (layout.format != DataFormat::automatic) return layout.format;
  const bool words = std::ranges::find(fields, CellKind::words, &FieldRequest::kind) != fields.end();
  if (const auto of_name = format_of_name(file, words)) return *of_name;
  if (of_bytes) return *of_bytes;
  const auto input = std::ranges::find(fields, false, &FieldRequest::answer);
  const bool numbers = input != fields.end() && (input->kind == CellKind::numbers || input->kind == CellKind::notes);
  if (numbers || begins_with_object(file)) return DataFormat::json;
  return words ? DataFormat::conll : DataFormat::tsv;
}

bool is_told(const InputFile& file, const SourceLayout& layout, DataFormat format) {
  if (layout.format != DataFormat::automatic) return layout.format == format && !layout.guessed;
  return format_of_name(file, false) == format;
}

bool has_numbers(const InputFile& file, const SourceLayout& layout, std::string_view field) {
  const std::string_view column = named_column(layout, field).value_or(field);
  switch (format_of(file, layout, {})) {
    case DataFormat::json: {
      const json first = first_object(file);
      const auto place = first.is_object() ? first.find(column) : first.end();
      return place != first.end() && place->is_array();
    }
    case DataFormat::idx:
      return true;
    case DataFormat::numpy:
      if (begins_as_zip(file)) return find_member(read_zip_directory(file), column) != nullptr;
      return !ArrayReader(file).is_text();
    default:
      return false;
  }
}

bool columns_are_files(const InputFile& file, const SourceLayout& layout) {
  const DataFormat format = format_of(file, layout, {});
  return format == DataFormat::idx || (format == DataFormat::numpy && !begins_as_zip(file));
}

bool has_frames(const InputFile& file, const SourceLayout& layout, const FramesPlace& place) {
  if (named_column(layout, place.field)) return true;
  const DataFormat format = format_of(file, layout, {});
  switch (format) {
    case DataFormat::json:
      return first_object(file).contains(place.field);
    case DataFormat::csv: {
      TableRows rows(file, true);
      return rows.next() && std::ranges::find(rows.cells(), place.field) != rows.cells().end();
    }
    case DataFormat::tsv:
    case DataFormat::lines: {
      LineReader lines(file);
      const bool found = next_with_text(lines);
      if (!found) return false;
      // A text that ends so but has blanks may be a sentence about a file: not if that file is there.
      const auto is_path = [&](std::string_view cell) {
        if (!(place.pictures ? is_picture_path(cell) : is_heard_path(cell))) return false;
        return cell.find(' ') == cell.npos || std::filesystem::exists(beside(file, cell));
      };
      const std::string_view line = lines.line();
      return is_path(place.first ? line.substr(0, line.find('\t')) : line.substr(line.rfind('\t') + 1));
    }
    default:
      return false;
  }
}

}  // namespace recur
