#include "base/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace recur {

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  if (text.size() <= kLongest) return fmt::format("{:?}", text);
  std::size_t end = kLongest;
  // At most three bytes go on with a character, so anything more is not text and may be cut anywhere.
  while (end > kLongest - 4 && !begins_character(text[end])) --end;
  return fmt::format("{:?}...", text.substr(0, end));
}

std::string printable(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      escaped += fmt::format("\\x{:02x}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string quoted_list(std::span<const std::string> names, std::size_t most) {
  std::string list;
  for (const std::string& name : names.first(std::min(names.size(), most))) {
    list += (list.empty() ? "" : ", ") + quote(name);
  }
  return names.size() > most ? list + ", .." : list;
}

std::string number_text(double number) {
  const double before_point = number == 0 ? 0 : std::floor(std::log10(std::abs(number))) + 1;
  const int digits = std::isfinite(before_point) ? static_cast<int>(std::clamp(before_point + 4, 7.0, 15.0)) : 7;
  return fmt::format("{:.{}g}", number, digits);
}

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

}  // namespace recur
