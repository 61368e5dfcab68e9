// For the tests of sources: what a file of some bytes holds, record by record, as a text.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "data/source.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur {

inline const std::vector<FieldRequest> kLabelled = {{"label", CellKind::label, true}, {"text", CellKind::text}};
inline const std::vector<FieldRequest> kPairs = {{"source", CellKind::text}, {"target", CellKind::text, true}};
inline const std::vector<FieldRequest> kTagged = {{"words", CellKind::words}, {"tags", CellKind::words, true}};
inline const std::vector<FieldRequest> kSequences = {{"label", CellKind::label, true}, {"sequence", CellKind::numbers}};

// x, [a b], (1 2; 3 4), or - where there is nothing.
inline std::string shown(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  std::string shown;
  if (const auto* words = std::get_if<std::vector<std::string>>(&cell)) {
    for (const std::string& word : *words) shown += (shown.empty() ? "" : " ") + word;
    return "[" + shown + "]";
  }
  if (const auto* numbers = std::get_if<Numbers>(&cell)) {
    for (std::size_t i = 0; i < numbers->values.size(); ++i) {
      shown += fmt::format("{}{}", i == 0 ? "" : i % numbers->width == 0 ? "; " : " ", numbers->values[i]);
    }
    return "(" + shown + ")";
  }
  return "-";
}

// Options of reading for one file, and its records: fields with | between, a record a line, "blank" for a blank one.
struct SourceCase {
  // g++ 12 takes the members of an aggregate's temporary for uninitialised.
  explicit SourceCase(std::vector<FieldRequest> requests, DataLayout where = {})
      : fields(std::move(requests)), layout(std::move(where)) {}

  std::string records_of_file(const std::string& path) const {
    const InputFile file(path);
    const auto source = open_source(file, layout, fields, options);
    std::string records;
    while (source->next()) {
      std::string record;
      for (std::size_t i = 0; i < fields.size(); ++i) record += (i == 0 ? "" : "|") + shown((*source)[i]);
      records += (source->blank() ? "blank" : record) + "\n";
    }
    return records;
  }
  std::string records(const std::string& bytes) const {
    const TempFolder folder;
    return records_of_file(folder.write(name, bytes));
  }
  // What is wrong with the bytes, without the folder.
  std::string problem(const std::string& bytes) const {
    const TempFolder folder;
    const std::string path = folder.write(name, bytes);
    std::string message = error_of([&] { records_of_file(path); });
    for (std::size_t at = 0; (at = message.find(folder.path() + "/")) != message.npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message;
  }
  SourceCase unanswered() const {
    SourceCase other = *this;
    other.options.answers = false;
    return other;
  }
  SourceCase with_columns(const std::string& columns) const {
    SourceCase other = *this;
    other.layout.columns = columns;
    return other;
  }
  SourceCase named(const std::string& file) const {
    SourceCase other = *this;
    other.name = file;
    return other;
  }

  std::vector<FieldRequest> fields;
  DataLayout layout;
  SourceOptions options;
  std::string name = "data";  // of the file
};

}  // namespace recur
