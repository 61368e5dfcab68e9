#include "tasks/tagger_data.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "data/line_reader.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t";

// The first and the last of the columns; only the first where there is one.
struct Columns {
  std::string_view first;
  std::optional<std::string_view> last;
};

Columns split(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlanks);
  const std::size_t end = line.find_last_not_of(kBlanks) + 1;
  line = line.substr(begin, end - begin);
  const std::size_t gap = line.find_first_of(kBlanks);
  if (gap == line.npos) return {line, std::nullopt};
  return {line.substr(0, gap), line.substr(line.find_last_of(kBlanks) + 1)};
}

}  // namespace

void read_sentences(const InputFile& file, const ReadOptions& options, Records& records,
                    const std::function<void(const Sentence& sentence)>& visit) {
  LineReader lines(file);
  Sentence sentence;
  std::uint64_t index = 0;
  const auto finish = [&] {
    if (sentence.words.empty()) return;
    if (!options.wants(index)) {
      sentence = {};
      return;
    }
    const std::size_t length =
        options.answers ? records.limited(sentence.words.size(), options.length) : sentence.words.size();
    sentence.words.resize(length);
    if (options.answers) sentence.tags.resize(length);
    if (length > 0) visit(sentence);
    sentence = {};
  };
  while (lines.next()) {
    if (lines.line().find_first_not_of(kBlanks) == std::string_view::npos) {
      if (!sentence.words.empty()) {
        finish();
        ++index;
      }
      if (!options.answers) records.empty_before.push_back(records.size());
      continue;
    }
    const Columns columns = split(lines.line());
    if (options.answers && !columns.last) {
      lines.fail(fmt::format("expected a word and its tag, got only {}", quote(columns.first)));
    }
    sentence.words.emplace_back(columns.first);
    if (options.answers) sentence.tags.emplace_back(*columns.last);
    if (!options.answers && sentence.words.size() == options.length.most) finish();
  }
  finish();
}

}  // namespace recur
