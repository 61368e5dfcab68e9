#include "measures/output_groups.h"

#include <span>

#include "data/memory_source.h"

namespace recur {

namespace {

// The same for inputs that are the same: a text itself; of numbers a hash; of what is not known the record's number.
std::string key_of(const Cell& input, std::size_t record) {
  if (const auto* text = std::get_if<std::string>(&input)) return *text;
  return std::to_string(std::holds_alternative<Numbers>(input) ? hash_of(std::span<const Cell>(&input, 1)) : record);
}

}  // namespace

void OutputGroups::add(const Cell& input, const std::string& wanted, const std::string& output) {
  const auto [place, is_new] = place_of_.try_emplace(key_of(input, records_++), groups_.size());
  if (is_new) {
    const auto* text = std::get_if<std::string>(&input);
    groups_.push_back({text == nullptr ? "" : *text, {}, output});
  }
  groups_[place->second].wanted.push_back(wanted);
}

}  // namespace recur
