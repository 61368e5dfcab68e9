#pragma once

namespace recur {

// Whether a byte begins a character of UTF-8; those of the form 10xxxxxx go on with one.
constexpr bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace recur
