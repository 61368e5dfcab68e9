// White space of texts.
#pragma once

#include <cstdint>
#include <string_view>

namespace recur {

// Of ASCII: what separates words, line ends among it.
constexpr bool is_blank(std::uint32_t code) { return code == ' ' || (code >= '\t' && code <= '\r'); }

// Whether `text`, in UTF-8, is nothing but white space, no-break spaces and the like included (Unicode's category Z).
bool is_blank_text(std::string_view text);

}  // namespace recur
