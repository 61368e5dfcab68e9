#pragma once

#include <string_view>

namespace recur {

// What a text in UTF-8 may begin with; it is no part of it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether a byte begins a character of UTF-8; those of the form 10xxxxxx go on with one.
constexpr bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

constexpr bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace recur
