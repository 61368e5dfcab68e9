#include "data/table_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "base/show.h"
#include "data/bad_record.h"

namespace recur {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 24;    // of a row
constexpr std::size_t kMostColumns = std::size_t{1} << 16;  // so that a row of commas is no gigabyte of cells

// Whether a header has nothing but semicolons between its cells; those in quotes are part of one.
bool has_semicolons(std::string_view header) {
  bool quoted = false, found = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == ',') return false;
    found = found || (!quoted && c == ';');
  }
  return found;
}

}  // namespace

std::vector<std::string> header_names(std::span<const std::string> cells) {
  std::vector<std::string> names(cells.begin(), cells.end());
  const std::unordered_set<std::string_view> given(cells.begin(), cells.end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = fmt::format("column {}", i + 1);
    if (names[i].empty() && !given.contains(name)) names[i] = name;
  }
  return names;
}

void TableRows::check_separator() const {
  if (!csv_ || first_line_ > 1 || !has_semicolons(lines_.line())) return;
  recur::fail(
      "{}: expected commas between the columns, got a header with semicolons, {}; write commas, or tabs and "
      "give --format tsv",
      place(), quote(lines_.line()));
}

void TableRows::fail(std::string_view problem) const { throw BadRecord(fmt::format("{}: {}", place(), problem)); }

std::string TableRows::place() const { return fmt::format("{}: line {}", file_->name(), first_line_); }

bool TableRows::next() {
  if (!lines_.next()) return false;
  count_ = bytes_ = 0;
  first_line_ = lines_.number();
  blank_ = lines_.blank();
  check_separator();
  const LineReader::Position behind = lines_.position();
  try {
    read_row();
  } catch (const BadRecord&) {
    if (lines_.number() > first_line_) lines_.go_back(behind);
    throw;
  }
  return true;
}

void TableRows::read_row() {
  const char separator = csv_ ? ',' : '\t';
  std::string_view rest = read_cell(checked_line());
  while (rest.starts_with(separator)) rest = read_cell(rest.substr(1));
  if (rest.empty()) return;
  const bool here = lines_.number() == first_line_;
  fail(fmt::format("expected a comma or the line's end after a cell in quotes{}, got {}",
                   here ? "" : fmt::format(" that ends on line {}", lines_.number()), quote(rest)));
}

std::string& TableRows::add_cell() {
  if (count_ == kMostColumns) fail(fmt::format("expected at most {} columns", with_thousands(kMostColumns)));
  if (count_ == cells_.size()) cells_.emplace_back();
  std::string& cell = cells_[count_++];
  cell.clear();
  return cell;
}

// The line that was read last, as a part of the row.
std::string_view TableRows::checked_line() {
  bytes_ += lines_.line().size() + 1;
  if (lines_.cut() || bytes_ > kMostBytes + 1) {
    fail(lines_.number() == first_line_ ? "a row longer than 16 MiB; expected shorter cells"
                                        : "a row longer than 16 MiB; is there a quote that nothing ends?");
  }
  return lines_.line();
}

// Returns what follows the cell.
std::string_view TableRows::read_cell(std::string_view rest) {
  if (csv_ && rest.starts_with('"')) return read_quoted(rest.substr(1));
  const std::size_t end = std::min(rest.find(csv_ ? ',' : '\t'), rest.size());
  add_cell() = rest.substr(0, end);
  return rest.substr(end);
}

std::string_view TableRows::read_quoted(std::string_view rest) {
  std::string& cell = add_cell();
  for (;;) {
    const std::size_t end = std::min(rest.find('"'), rest.size());
    cell += rest.substr(0, end);
    if (end == rest.size()) {
      cell += '\n';
      if (!lines_.next()) fail("expected a quote that ends the cell, got the end of the file");
      rest = checked_line();
      continue;
    }
    rest.remove_prefix(end + 1);
    if (!rest.starts_with('"')) return rest;
    cell += '"';
    rest.remove_prefix(1);
  }
}

}  // namespace recur
