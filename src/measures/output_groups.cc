#include "measures/output_groups.h"

#include <fmt/format.h>

#include <span>

#include "base/content_hash.h"

namespace recur {

std::string input_key(const Cell& input, std::size_t record) {
  if (const auto* text = std::get_if<std::string>(&input)) return *text;
  const auto* numbers = std::get_if<Numbers>(&input);
  if (numbers == nullptr) return std::to_string(record);
  ContentHash hash;
  hash.add({reinterpret_cast<const char*>(numbers->values.data()), numbers->values.size() * sizeof(double)});
  return fmt::format("{:016x} {} {}", hash.value(), hash.size(), numbers->width);
}

void OutputGroups::add(const Cell& input, const std::string& wanted, const std::string& output) {
  const auto [place, is_new] = place_of_.try_emplace(input_key(input, records_++), groups_.size());
  if (is_new) {
    const auto* text = std::get_if<std::string>(&input);
    groups_.push_back({text == nullptr ? "" : *text, {}, output});
  }
  groups_[place->second].wanted.push_back(wanted);
}

}  // namespace recur
