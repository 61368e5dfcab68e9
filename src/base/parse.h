#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace recur {

// The number that the whole of a text is; nothing where it is none of that type.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A number as data has it, with a plus sign or without; nothing where it is none.
inline std::optional<double> parse_decimal(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return parse_number<double>(text);
}

// Names of columns with commas between, as a flag has them. Throws Error naming it for an empty one.
std::vector<std::string> parse_names(std::string_view names, const char* flag);

}  // namespace recur
