#include "data/white_space.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>

namespace recur {

bool is_blank_text(std::string_view text) {
  while (!text.empty()) {
    std::int32_t code = 0;
    const auto* const place = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const std::ptrdiff_t length = utf8proc_iterate(place, static_cast<std::ptrdiff_t>(text.size()), &code);
    if (length <= 0) return false;
    if (!is_blank(static_cast<std::uint32_t>(code)) && utf8proc_category_string(code)[0] != 'Z') return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

std::vector<std::string> cut_at_blanks(std::string_view text) {
  std::vector<std::string> words;
  const auto blank = [](char c) { return is_blank(static_cast<unsigned char>(c)); };
  for (auto place = text.begin(); place != text.end();) {
    const auto begin = std::find_if_not(place, text.end(), blank);
    place = std::find_if(begin, text.end(), blank);
    if (begin != place) words.emplace_back(begin, place);
  }
  return words;
}

}  // namespace recur
