#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/show.h"

namespace recur {

bool Given::has(std::string_view name) const { return std::ranges::find(texts_, name, &Text::name) != texts_.end(); }

bool Given::has_own(std::string_view name) const {
  return std::ranges::any_of(texts_, [name](const Text& text) { return text.name == name && !text.of_preset; });
}

bool Given::has_any(const OptionList& list) const {
  return std::ranges::any_of(list.all(), [this](const Option& option) { return has(option.name); });
}

void Given::apply(const OptionList& list) const {
  for (const Text& given : texts_) {
    if (const Option* option = list.find(given.name)) set_option(*option, given.text);
  }
}

std::vector<std::string> Given::unknown_to(const OptionList& list) const {
  std::vector<std::string> names;
  for (const Text& given : texts_) {
    if (list.find(given.name) == nullptr) names.push_back(given.name);
  }
  return names;
}

void refuse_groups(const OptionList& list, const Given& given, std::initializer_list<std::string_view> groups,
                   std::initializer_list<std::string_view> except, const std::string& why) {
  const auto has = [](std::initializer_list<std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const Option& option : list.all()) {
    if (!has(groups, option.group) || has(except, option.name) || !given.has(option.name)) continue;
    fail("--{}: {}", option.name, why);
  }
}

void set_option(const Option& option, const std::string& text) {
  const std::string expected = option.set(option.parse(text));
  if (expected.empty()) return;
  throw Misuse(
      fmt::format("{}{}: expected {}, got {}", option.argument ? "" : "--", option.name, expected, quote(text)));
}

}  // namespace recur
