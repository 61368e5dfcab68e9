#include "data/record_ends.h"

#include <algorithm>

#include "base/utf8.h"
#include "data/source_plan.h"
#include "data/white_space.h"

namespace recur {
namespace {

std::size_t first_line(std::string_view lines) { return std::min(lines.find('\n') + 1, lines.size()); }

// Behind the last empty line that ends a sentence. Comments of CoNLL-U alone are none: what begins with a sentence
// shows which of the two formats it is.
std::size_t end_of_sentences(std::string_view lines) {
  std::size_t end = 0;
  bool words = false;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t behind = std::min(lines.find('\n', begin), lines.size() - 1) + 1;
    const std::string_view line = lines.substr(begin, behind - begin);
    const bool blank = is_blank_text(line);
    if (blank && words) end = behind;
    words = !blank && (words || !line.starts_with('#'));
    begin = behind;
  }
  return end;
}

// Calls use(end) behind each row until that is true. A quote begins a cell in quotes only at the cell's beginning, and
// within such a one two are a quote.
template <class Use>
void for_each_row(std::string_view lines, const Use& use) {
  bool begins = true, quoted = false;
  const std::size_t mark = lines.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (std::size_t i = mark; i < lines.size(); ++i) {
    const char c = lines[i];
    if (quoted) {
      quoted = c != '"' || (i + 1 < lines.size() && lines[i + 1] == '"');
      if (c == '"' && quoted) ++i;
      begins = false;
      continue;
    }
    quoted = begins && c == '"';
    begins = c == ',' || c == '\n';
    if (c == '\n' && use(i + 1)) return;
  }
}

std::size_t end_of_rows(std::string_view lines) {
  std::size_t end = 0;
  for_each_row(lines, [&](std::size_t behind) {
    end = behind;
    return false;
  });
  return end;
}

std::size_t first_row(std::string_view lines) {
  std::size_t end = lines.size();
  for_each_row(lines, [&](std::size_t behind) {
    end = behind;
    return true;
  });
  return end;
}

}  // namespace

std::optional<RecordEnds> record_ends(DataFormat format, const SourceLayout& layout) {
  const auto all = [](std::string_view lines) { return lines.size(); };
  switch (format) {
    case DataFormat::conll:
      return RecordEnds{end_of_sentences};
    case DataFormat::csv:
      return RecordEnds{end_of_rows, first_row};
    case DataFormat::tsv:
      return name_columns(layout) ? RecordEnds{all, first_line} : RecordEnds{all};
    default:
      return std::nullopt;
  }
}

}  // namespace recur
