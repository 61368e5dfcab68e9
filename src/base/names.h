// Names of the values of an enum: a table of pairs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace recur {

template <class Kind, std::size_t count>
using Names = std::array<std::pair<Kind, std::string_view>, count>;

template <class Kind, std::size_t count>
std::string_view name_of(Kind kind, const Names<Kind, count>& names) {
  for (const auto& [known, name] : names) {
    if (known == kind) return name;
  }
  return "";
}

// Throws Error, listing the names, for any other text; `what` is how it calls the choice.
template <class Kind, std::size_t count>
void find_name(std::string_view text, const Names<Kind, count>& names, const char* what, Kind& kind) {
  std::string all;
  for (const auto& [known, name] : names) {
    if (name == text) return void(kind = known);
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  fail("unknown {} '{}'; choose one of {}", what, text, all);
}

}  // namespace recur
