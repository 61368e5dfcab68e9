// A few names, numbered in order: the labels of records, the tags of words.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/vocabulary.h"

namespace recur {

inline constexpr std::size_t kFewLabels = 100;  // so many may come from any data

// Labels of a model's configuration. Throws Error unless there are at least two, all different, none of them empty or
// with a tab or the end of a line in it.
std::vector<std::string> read_labels(const nlohmann::json& configuration, const std::string& name);

// The weight of each label in the loss: none (empty), "balanced" (in inverse proportion to how often it occurs, 1 on
// average over records), or "label=weight,..." (the others 1), where of labels of which one begins with another and =
// the longest counts. Throws Error naming --class-weights.
std::vector<float> label_weights(const std::string& option, const std::vector<std::string>& labels,
                                 const std::vector<std::size_t>& counts);

// Which of two labels, in order, says that something is right: yes, true, 1 and the like, where one of them is such a
// word, else the last.
const std::string& right_of(const std::vector<std::string>& labels);

class LabelNames {
 public:
  LabelNames() = default;
  explicit LabelNames(std::vector<std::string> names) : known_(std::in_place, std::move(names)) {}

  // Learns from data, until all of it was seen.
  void count(std::string_view name);
  std::size_t distinct() const { return learned_.size(); }
  const std::string& first() const { return learned_.begin()->first; }
  void finish();

  const std::vector<std::string>& all() const { return known_->tokens(); }
  std::optional<int> id(std::string_view name) const { return known_->id(name); }
  const std::vector<std::size_t>& counts() const { return counts_; }
  std::string describe() const;

 private:
  std::map<std::string, std::size_t, std::less<>> learned_;
  std::optional<Vocabulary> known_;
  std::vector<std::size_t> counts_;
};

}  // namespace recur
