// TableRows: the rows of a table of cells, one at a time, in bounded memory. Of CSV as RFC 4180 has it, where a cell in
// quotes may hold commas, doubled quotes and line ends, which become \n; or of lines with tabs between their cells.
// Throws Error for CSV whose header shows that its separator is a semicolon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/line_reader.h"

namespace recur {

// The columns' names in a header: a cell that says nothing, as of an index that pandas writes, is "column 1" by its
// place.
std::vector<std::string> header_names(std::span<const std::string> cells);

class TableRows {
 public:
  // `file` must outlive this.
  TableRows(const InputFile& file, bool csv) : file_(&file), lines_(file), csv_(csv) {}

  // Moves to the next row; false at the end. Throws BadRecord naming file and line of a row that is none or too long;
  // the next call then goes on behind its first line, as a quote that nothing ends may have taken in others.
  bool next();
  // Valid until the next call of next(); at least one.
  std::span<const std::string> cells() const { return std::span(cells_).first(count_); }
  bool blank() const { return blank_; }
  // "FILE: line N", the line on which the row begins; throws BadRecord "FILE: line N: problem".
  std::string place() const;
  [[noreturn]] void fail(std::string_view problem) const;

 private:
  void read_row();
  void check_separator() const;
  std::string& add_cell();
  std::string_view checked_line();
  std::string_view read_cell(std::string_view rest);
  std::string_view read_quoted(std::string_view rest);

  const InputFile* file_;
  LineReader lines_;
  bool csv_, blank_ = false;
  std::vector<std::string> cells_;  // the first count_ are the row's; the others keep their memory
  std::size_t count_ = 0, bytes_ = 0;
  std::uint64_t first_line_ = 0;
};

}  // namespace recur
