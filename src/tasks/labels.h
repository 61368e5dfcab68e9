// The labels of records: a few names, numbered in order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/json_fields.h"
#include "data/line_reader.h"
#include "data/vocabulary.h"

namespace recur {

inline constexpr std::size_t kFewLabels = 100;  // so many may come from any data

std::optional<int> find_label(const std::vector<std::string>& labels, std::string_view label);
// For messages: the first of them.
std::string list_labels(const std::vector<std::string>& labels, std::size_t most = 10);

// Labels of a model's configuration. Throws Error unless there are at least two, all different, none of them empty or
// with a tab or the end of a line in it.
std::vector<std::string> read_labels(const ReadFields& read, const char* name);

// The weight of each label in the loss: none (empty), "balanced" (in inverse proportion to how often it occurs, 1 on
// average over records), or "label=weight,..." (the others 1), where of labels of which one begins with another and =
// the longest counts. Throws Error naming --class-weights.
std::vector<float> label_weights(const std::string& option, const std::vector<std::string>& labels,
                                 const std::vector<std::size_t>& counts);

// `label<TAB>text` as its two parts; no label where there is no tab.
struct LabelledLine {
  std::optional<std::string_view> label;
  std::string_view text;
};
LabelledLine split_label(std::string_view line);
// Throws Error naming file and line when there is no label, or an empty one.
std::string_view checked_label(const LineReader& lines, const LabelledLine& line);
// Throws Error naming file and line for one that is none of `labels`.
int known_label(const LineReader& lines, const Vocabulary& labels, std::string_view label);

// Notices data in which what is to be predicted stands where the texts should.
class SwappedColumns {
 public:
  // A text, or word, of the data.
  void add(std::string_view text);
  // Throws Error naming the file when there are more labels than different texts; `expected` says what stands where.
  // kFewLabels are never too many.
  void check(const InputFile& data, std::size_t labels, const char* expected) const;

 private:
  static constexpr std::size_t kMostTexts = 100'000;  // more are many, however many
  std::unordered_set<std::size_t> texts_;             // their hashes
};

}  // namespace recur
