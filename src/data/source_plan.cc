#include "data/source_plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/white_space.h"

namespace recur {
namespace {

std::string quoted_names(std::span<const FieldRequest> fields) {
  std::vector<std::string> names;
  for (const FieldRequest& field : fields) names.push_back(field.name);
  return quoted_list(names);
}

// What a line of output has room for.
bool is_of_one_line(std::string_view text) {
  return !text.empty() && text.find_first_of(std::string_view("\t\r\n\0", 4)) == text.npos;
}

}  // namespace

std::vector<NamedColumn> split_columns(const SourceLayout& layout) {
  const std::string_view columns = layout.columns;
  std::vector<NamedColumn> split;
  for (std::size_t begin = 0; !columns.empty() && begin <= columns.size();) {
    const std::size_t end = std::min(columns.find(',', begin), columns.size());
    const std::string_view item = columns.substr(begin, end - begin), name = item.substr(0, item.find('='));
    begin = end + 1;
    if (name.size() == item.size()) {
      fail("{}: expected field=column with commas between, got {}", layout.columns_flag, quote(item));
    }
    split.push_back({name, item.substr(name.size() + 1)});
  }
  return split;
}

bool SourcePlan::has_columns() const {
  return !std::ranges::all_of(columns, [](const std::string& column) { return column.empty(); });
}

bool name_columns(const SourceLayout& layout) {
  return std::ranges::any_of(split_columns(layout),
                             [&layout](const NamedColumn& c) { return !column_number(c.column, layout.columns_flag); });
}

std::vector<std::string> parse_columns(const SourceLayout& layout, std::span<const FieldRequest> fields) {
  const char* flag = layout.columns_flag;
  std::vector<std::string> places(fields.size());
  for (const auto& [name, part] : split_columns(layout)) {
    const std::string column(part);
    const auto field = std::ranges::find(fields, name, &FieldRequest::name);
    if (field == fields.end()) {
      fail("{}: there is no field {}; expected one of {}", flag, quote(name), quoted_names(fields));
    }
    std::string& place = places[static_cast<std::size_t>(field - fields.begin())];
    if (column.empty()) fail("{}: expected a column for {}, got none", flag, quote(name));
    if (!place.empty()) fail("{}: {} is given twice, as {} and {}", flag, quote(name), quote(place), quote(column));
    const auto other = std::ranges::find(places, column);
    if (other != places.end()) {
      fail("{}: {} is given for {} and {}; expected a column for each", flag, quote(column),
           quote(fields[static_cast<std::size_t>(other - places.begin())].name), quote(name));
    }
    place = column;
  }
  return places;
}

std::optional<std::size_t> column_number(std::string_view column, const char* flag) {
  const auto number = parse_number<std::size_t>(column);
  if (number && *number == 0) fail("{}: expected a column from 1, got 0", flag);
  return number;
}

void check_different(const SourcePlan& plan, std::span<const std::optional<std::size_t>> places) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!places[i] || places[i] != places[j]) continue;
      fail("{}: column {} is given for {} and {}; expected a column for each", plan.columns_flag, *places[i] + 1,
           quote(plan.fields[j].name), quote(plan.fields[i].name));
    }
  }
}

void check_kinds(const SourcePlan& plan, std::initializer_list<CellKind> kinds, std::string_view better) {
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const FieldRequest& field = plan.fields[i];
    if (!plan.required(i) || std::ranges::find(kinds, field.kind) != kinds.end()) continue;
    // A vector that is to be predicted fits where a text does; a sequence of them does not.
    const bool text = std::ranges::find(kinds, CellKind::text) != kinds.end();
    if (text && field.kind == CellKind::numbers && field.answer) continue;
    fail("{}: read as {}, which has no place for {}; give --format {}", plan.file->name(), to_string(plan.format),
         quote(field.name), better);
  }
}

std::string_view singular(std::string_view name) {
  return name.size() > 1 && name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
}

bool is_missing(std::string_view text) {
  constexpr std::string_view kNames[] = {"", "NA", "N/A", "NaN", "nan", "null", "?"};
  return std::ranges::find(kNames, text) != std::end(kNames);
}

namespace {

// Why a number may be none: a network's are floats.
const char* too_large(std::optional<double> number) {
  return number && std::isfinite(*number) ? ", which is too large" : "";
}

// One vector: numbers with blanks between, in an answer also NA and the like.
Cell numbers_of(const Source& source, const SourcePlan& plan, std::size_t field, std::string_view text) {
  Numbers numbers;
  for (const std::string& word : cut_at_blanks(text)) {
    const auto number = is_missing(word) ? kUnknownNumber : parse_decimal(word);
    if (!number || !takes_number(plan.fields[field], *number)) {
      if (!plan.required(field)) return {};
      source.fail(fmt::format("expected numbers as {}, got {}{}", quote(plan.fields[field].name), quote(word),
                              too_large(number)));
    }
    numbers.values.push_back(*number);
  }
  numbers.width = std::max<std::size_t>(numbers.values.size(), 1);
  return numbers;
}

Cell number_of(const Source& source, const SourcePlan& plan, std::size_t field, std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number || !takes_number(plan.fields[field], *number)) {
    source.fail(fmt::format("expected a number as {}, got {}{}", quote(plan.fields[field].name), quote(text),
                            too_large(number)));
  }
  return Numbers{{*number}, 1};
}

// What stands between commas, without the blanks around it; of a blank text nothing.
std::vector<std::string> cut_at_commas(std::string_view text) {
  constexpr std::string_view kBlanks = " ";
  std::vector<std::string> parts;
  if (text.find_first_not_of(kBlanks) == text.npos) return parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    part.remove_prefix(std::min(part.find_first_not_of(kBlanks), part.size()));
    part = part.substr(0, part.find_last_not_of(kBlanks) + 1);
    parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

// A file beside the data's, unless its path begins at the root.
Cell path_of(const Source& source, const SourcePlan& plan, std::size_t field, std::string_view text) {
  if (is_blank_text(text)) return std::string();
  if (text.find('\0') != text.npos) {
    source.fail(fmt::format("expected {} to be a path, got a NUL character", quote(plan.fields[field].name)));
  }
  return beside(*plan.file, text);
}

}  // namespace

Cell cell_of_text(const Source& source, const SourcePlan& plan, std::size_t field, std::string_view text) {
  const FieldRequest& request = plan.fields[field];
  if (request.kind == CellKind::words) return cell_of_words(source, plan, field, cut_at_blanks(text));
  if (request.kind == CellKind::labels) return cut_at_commas(text);
  if (request.kind == CellKind::numbers) return numbers_of(source, plan, field, text);
  if (request.kind == CellKind::number) return number_of(source, plan, field, text);
  if (request.kind == CellKind::frames) return path_of(source, plan, field, text);
  if (request.kind == CellKind::label && plan.required(field) && !is_of_one_line(text)) {
    source.fail(fmt::format("expected a {} of one line without tabs, got {}", quote(request.name), quote(text)));
  }
  if (plan.options.lines == LineKind::text && text.find('\0') != text.npos) {
    if (!plan.required(field)) return {};
    source.fail(fmt::format("expected {} to be a text, got a NUL character", quote(request.name)));
  }
  return std::string(text);
}

Cell cell_of_words(const Source& source, const SourcePlan& plan, std::size_t field, std::vector<std::string> words) {
  const bool answer = plan.fields[field].answer;
  const auto wrong = std::ranges::find_if_not(
      words, [&](const std::string& word) { return is_of_one_line(word) || (answer && word.empty()); });
  const bool right = wrong == words.end();
  if (!right && plan.required(field)) {
    const std::string& name = plan.fields[field].name;
    source.fail(fmt::format("expected every {} of {} to be of one line without tabs, got {}", singular(name),
                            quote(name), quote(*wrong)));
  }
  return right ? Cell(std::move(words)) : Cell();
}

}  // namespace recur
