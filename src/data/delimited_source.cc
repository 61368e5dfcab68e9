// Lines of fields with tabs between, plain lines, and tables: CSV, and lines with tabs whose columns the user names.
#include <algorithm>

#include "base/error.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/source_plan.h"
#include "data/table_rows.h"

namespace recur {
namespace {

constexpr auto kTexts = {CellKind::text,  CellKind::label,  CellKind::labels,
                         CellKind::words, CellKind::frames, CellKind::number};
constexpr std::string_view kNumberFormats = "json, numpy or idx";

std::string joined(const SourcePlan& plan, std::span<const std::size_t> fields) {
  std::string names;
  for (const std::size_t field : fields) names += (names.empty() ? "" : "<TAB>") + plan.fields[field].name;
  return names;
}

// A line is n fields, cut at the first n - 1 tabs.
class FieldLines final : public Source {
 public:
  // `fields`: those that a line has, by their number, in order.
  FieldLines(SourcePlan plan, std::vector<std::size_t> fields)
      : plan_(std::move(plan)),
        fields_(std::move(fields)),
        line_form_(joined(plan_, fields_)),
        lines_(*plan_.file, plan_.options.lines) {
    for (const std::size_t field : fields_) {
      if (plan_.required(field)) required_.push_back(field);
    }
    expected_ = "lines of " + line_form_;
  }

  bool next() override {
    if (!lines_.next()) return false;
    line_ = lines_.line();
    cut_ = lines_.cut();
    cells_.assign(plan_.fields.size(), {});
    blank_ = plan_.options.takes_empty_lines() && lines_.blank();
    if (!blank_) read_line();
    return true;
  }

  std::string place() const override { return lines_.place(); }

 private:
  void read_line() {
    const std::size_t tabs = std::min(static_cast<std::size_t>(std::ranges::count(line_, '\t')), fields_.size() - 1);
    std::string_view rest = line_;
    for (std::size_t i = 0; i < tabs; ++i) {
      const std::size_t end = rest.find('\t');
      read_cell(field_at(i, tabs), rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    read_cell(field_at(tabs, tabs), rest);
  }

  // Which field stands behind i of the line's tabs: one of all, or, where answers are left out, of the others.
  std::size_t field_at(std::size_t i, std::size_t tabs) const {
    if (tabs + 1 == fields_.size()) return fields_[i];
    if (tabs + 1 == required_.size()) return required_[i];
    const std::string got = tabs > 0 ? fmt::format("{} tabs", tabs) : lines_.blank() ? "an empty line" : "no tab";
    const std::string fewer = required_.size() < fields_.size() ? ", or " + joined(plan_, required_) : "";
    fail(fmt::format("expected {}{}, got {}", line_form_, fewer, tabs == 1 ? "one tab" : got));
  }

  void read_cell(std::size_t field, std::string_view text) {
    const FieldRequest& request = plan_.fields[field];
    if (request.kind == CellKind::label && text.empty() && plan_.required(field)) {
      fail(fmt::format("expected {}, got an empty {}", line_form_, request.name));
    }
    cells_[field] = cell_of_text(*this, plan_, field, text);
  }

  SourcePlan plan_;
  std::vector<std::size_t> fields_, required_;
  std::string line_form_;  // "label<TAB>text"
  LineReader lines_;
};

// Rows of cells, with a header where there are names.
class Table final : public Source {
 public:
  explicit Table(SourcePlan plan)
      : plan_(std::move(plan)), rows_(*plan_.file, plan_.format == DataFormat::csv), places_(plan_.fields.size()) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      if (plan_.required(i)) names.push_back(plan_.place(i));
    }
    expected_ = "rows with the columns " + quoted_list(names);
    if (plan_.format == DataFormat::csv || has_names()) {
      if (rows_.next()) read_header();
    } else {
      number_columns();
    }
    check_different(plan_, places_);
  }

  bool next() override {
    if (!rows_.next()) return false;
    cells_.assign(plan_.fields.size(), {});
    blank_ = plan_.options.takes_empty_lines() && rows_.blank();
    if (!blank_) read_row();
    return true;
  }

  std::string place() const override { return rows_.place(); }

 private:
  // The number by which the user calls the column of field i.
  std::optional<std::size_t> number_of(std::size_t i) const {
    const std::string& column = plan_.columns[i];
    return column.empty() ? std::nullopt : column_number(column, plan_.columns_flag);
  }
  bool has_names() const {
    if (plan_.named) return true;
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      if (!plan_.columns[i].empty() && !number_of(i)) return true;
    }
    return false;
  }

  void read_header() {
    header_ = header_names(rows_.cells());
    std::vector<std::string> missing;
    std::string advice;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      places_[i] = find_column(i);
      if (places_[i] || !plan_.required(i)) continue;
      missing.push_back(plan_.place(i));
      advice += fmt::format("{}{}=COLUMN", advice.empty() ? "" : ",", plan_.fields[i].name);
    }
    if (missing.empty()) return;
    fail(fmt::format("expected a header with {}, got {}; say which columns: {} {}", quoted_list(missing),
                     quoted_list(header_), plan_.columns_flag, advice));
  }

  // By name, else by number.
  std::optional<std::size_t> find_column(std::size_t field) const {
    const std::string& name = plan_.place(field);
    const auto place = std::ranges::find(header_, name);
    if (place == header_.end()) {
      const auto number = number_of(field);
      return number && *number <= header_.size() ? std::optional(*number - 1) : std::nullopt;
    }
    if (std::find(place + 1, header_.end(), name) != header_.end()) {
      fail(fmt::format("the header has {} twice; say which: {} {}=NUMBER", quote(name), plan_.columns_flag,
                       plan_.fields[field].name));
    }
    return static_cast<std::size_t>(place - header_.begin());
  }

  void number_columns() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto number = number_of(i);
      if (number) places_[i] = *number - 1;
      if (number || !plan_.required(i)) continue;
      const std::string& name = plan_.fields[i].name;
      recur::fail("{}: expected a column for {} too; add {}=NUMBER", plan_.columns_flag, quote(name), name);
    }
  }

  void read_row() {
    const auto cells = rows_.cells();
    if (header_.empty() && rows_.blank()) fail(fmt::format("expected {}, got an empty line", expected_));
    if (!header_.empty() && cells.size() != header_.size()) {
      fail(fmt::format("expected {} columns, as the header has, got {}", header_.size(),
                       rows_.blank() ? "an empty line" : std::to_string(cells.size())));
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i]) continue;
      if (*places_[i] < cells.size()) {
        cells_[i] = cell_of_text(*this, plan_, i, cells[*places_[i]]);
      } else if (plan_.required(i)) {
        fail(fmt::format("expected {} in column {}, got {}", quote(plan_.fields[i].name), *places_[i] + 1,
                         cells.size() == 1 ? "one column" : fmt::format("{} columns", cells.size())));
      }
    }
  }

  SourcePlan plan_;
  TableRows rows_;
  std::vector<std::string> header_;                 // empty: there is none
  std::vector<std::optional<std::size_t>> places_;  // [fields]: from 0
};

std::vector<std::size_t> line_fields(const SourcePlan& plan) {
  std::vector<std::size_t> fields;
  for (std::size_t i = 0; i < plan.fields.size(); ++i) fields.push_back(i);
  if (plan.format != DataFormat::lines) return fields;
  const auto input = std::ranges::find(plan.fields, false, &FieldRequest::answer);
  fields = {static_cast<std::size_t>(input - plan.fields.begin())};
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    if (i == fields.front() || !plan.required(i)) continue;
    fail("{}: read as lines, which have no {}; give --format tsv, csv or json", plan.file->name(),
         quote(plan.fields[i].name));
  }
  if (plan.has_columns()) fail("{}: lines have no columns; give another --format", plan.columns_flag);
  return fields;
}

}  // namespace

std::unique_ptr<Source> open_delimited(SourcePlan plan) {
  check_kinds(plan, kTexts, kNumberFormats);
  if (plan.format == DataFormat::csv || (plan.format == DataFormat::tsv && (plan.named || plan.has_columns()))) {
    return std::make_unique<Table>(std::move(plan));
  }
  std::vector<std::size_t> fields = line_fields(plan);
  return std::make_unique<FieldLines>(std::move(plan), std::move(fields));
}

}  // namespace recur
