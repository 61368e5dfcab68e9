// White space of texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// Of ASCII: what separates words, line ends among it.
constexpr bool is_blank(std::uint32_t code) { return code == ' ' || (code >= '\t' && code <= '\r'); }

// Whether `text`, in UTF-8, is nothing but white space, no-break spaces and the like included (Unicode's category Z).
bool is_blank_text(std::string_view text);

// The words that blanks separate.
std::vector<std::string> cut_at_blanks(std::string_view text);

}  // namespace recur
