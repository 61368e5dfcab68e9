#include "data/label_names.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json_fields.h"
#include "base/parse.h"
#include "base/show.h"

namespace recur {

std::vector<std::string> read_labels(const nlohmann::json& configuration, const std::string& name) {
  std::vector<std::string> labels;
  ReadFields{configuration}(name.c_str(), labels);
  if (labels.size() < 2) fail("its configuration's '{}' are {}; expected at least 2", name, labels.size());
  std::set<std::string_view> known;
  for (const std::string& label : labels) {
    if (label.empty() || label.find_first_of("\t\n") != label.npos) {
      fail("its configuration's '{}' holds {}; expected names of one line without tabs", name, quote(label));
    }
    if (!known.insert(label).second) fail("its configuration's '{}' holds {} twice", name, quote(label));
  }
  return labels;
}

namespace {

// The longest of the labels that `given` begins with, an equals sign behind it.
std::optional<std::size_t> label_before_equals(std::string_view given, const std::vector<std::string>& labels) {
  std::optional<std::size_t> longest;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!given.starts_with(labels[i]) || !given.substr(labels[i].size()).starts_with('=')) continue;
    if (!longest || labels[i].size() > labels[*longest].size()) longest = i;
  }
  return longest;
}

[[noreturn]] void fail_without_label(std::string_view given, const std::vector<std::string>& labels) {
  const std::string_view item = given.substr(0, given.find(','));
  const std::size_t equals = item.rfind('=');
  if (equals == item.npos) {
    fail("--class-weights: expected balanced, or label=weight with commas between, got {}", quote(item));
  }
  fail("--class-weights: the data has no label {}; expected one of {}", quote(item.substr(0, equals)),
       quoted_list(labels));
}

}  // namespace

std::vector<float> label_weights(const std::string& option, const std::vector<std::string>& labels,
                                 const std::vector<std::size_t>& counts) {
  if (option.empty()) return {};
  std::vector<float> weights(labels.size(), 1.0F);
  if (option == "balanced") {
    const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      weights[i] = static_cast<float>(total / static_cast<double>(labels.size() * counts[i]));
    }
    return weights;
  }
  for (std::size_t begin = 0; begin <= option.size();) {
    const std::string_view given = std::string_view(option).substr(begin);
    const auto label = label_before_equals(given, labels);
    if (!label) fail_without_label(given, labels);
    const std::size_t number_begin = begin + labels[*label].size() + 1;
    const std::size_t end = std::min(option.find(',', number_begin), option.size());
    const std::string_view number = std::string_view(option).substr(number_begin, end - number_begin);
    const auto weight = parse_number<float>(number);
    if (!weight || !(*weight >= 0) || !std::isfinite(*weight)) {
      fail("--class-weights: expected a number of at least 0 for {}, got {}", quote(labels[*label]), quote(number));
    }
    weights[*label] = *weight;
    begin = end + 1;
  }
  if (std::ranges::all_of(weights, [](float weight) { return weight == 0; })) {
    fail("--class-weights: expected a weight above 0 for a label at least, got {}", quote(option));
  }
  return weights;
}

namespace {

// Whether a label, whatever its capitals, says that something is right. A 1 does beside a word, as beside a larger
// number it may be the worse mark.
bool says_right(std::string_view label, std::string_view other) {
  std::string lower(label);
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  if (lower == "1") return !parse_number<double>(other);
  const auto words = {"right", "correct", "true", "yes", "+", "+1"};
  return std::ranges::find(words, lower) != words.end();
}

}  // namespace

const std::string& right_of(const std::vector<std::string>& labels) {
  const std::string &first = labels.front(), &last = labels.back();
  return says_right(first, last) && !says_right(last, first) ? first : last;
}

void LabelNames::count(std::string_view name) {
  const auto place = learned_.find(name);
  if (place != learned_.end()) {
    ++place->second;
  } else {
    learned_.emplace(name, 1);
  }
}

void LabelNames::finish() {
  std::vector<std::string> names;
  for (const auto& [name, count] : learned_) {
    names.push_back(name);
    counts_.push_back(count);
  }
  learned_.clear();
  known_.emplace(std::move(names));
}

std::string LabelNames::describe() const { return fmt::format("{}: {}", all().size(), quoted_list(all())); }

}  // namespace recur
