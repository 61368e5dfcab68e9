// What the sources of all formats share: what is asked of which file, where the user says it is, and how a text becomes
// a cell.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/source.h"

namespace recur {

struct SourcePlan {
  const InputFile* file;
  DataFormat format;  // not automatic
  std::vector<FieldRequest> fields;
  std::vector<std::string> columns;  // [fields], as the user named them; empty: the format's own place
  const char* columns_flag;          // what messages call them
  SourceOptions options;
  bool named = false;  // the fields are called as columns are, of tsv too, which then has a header

  // Whether every record must have the field, which is then checked.
  bool required(std::size_t field) const { return options.answers || !fields[field].answer; }
  bool has_columns() const;
  // The user's name of the field's place, else its own.
  const std::string& place(std::size_t field) const {
    return columns[field].empty() ? fields[field].name : columns[field];
  }
};

// The column of each field of "text=review,label=stars", empty for those that it does not name. Throws Error naming
// the flag for a text that is no such list, or names a field that is none, or a field or a column twice.
std::vector<std::string> parse_columns(const SourceLayout& layout, std::span<const FieldRequest> fields);

// The items of --columns as they stand there. Throws Error naming the flag for one that is none.
struct NamedColumn {
  std::string_view field, column;
};
std::vector<NamedColumn> split_columns(const SourceLayout& layout);

// Whether one of these is called by its name and not its number, so that tsv has a header.
bool name_columns(const SourceLayout& layout);

// The number, from 1, that a column is; nothing for a name. Throws Error naming the flag for 0.
std::optional<std::size_t> column_number(std::string_view column, const char* flag);

// Throws Error when two fields have the same of a file's places, numbered from 0.
void check_different(const SourcePlan& plan, std::span<const std::optional<std::size_t>> places);

// Throws Error unless the format has fields of the kinds that are required.
void check_kinds(const SourcePlan& plan, std::initializer_list<CellKind> kinds, std::string_view better);

// For messages of words and their tags: "tag" of "tags".
std::string_view singular(std::string_view name);

// Whether a text says that a number is missing: NA, nan, null, ? and the like, or nothing.
bool is_missing(std::string_view text);

// The cell of field i that the file has as a text. Throws through source.fail() for what is none, or no label; where
// the field is not required, nothing instead.
Cell cell_of_text(const Source& source, const SourcePlan& plan, std::size_t field, std::string_view text);
// The same of words that are cut already.
Cell cell_of_words(const Source& source, const SourcePlan& plan, std::size_t field, std::vector<std::string> words);

// A source a format.
std::unique_ptr<Source> open_delimited(SourcePlan plan);  // tsv, csv and lines
std::unique_ptr<Source> open_json(SourcePlan plan);
std::unique_ptr<Source> open_conll(SourcePlan plan);
std::unique_ptr<Source> open_arrays(SourcePlan plan);  // numpy and idx

}  // namespace recur
