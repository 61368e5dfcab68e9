// Letters of ASCII, where no others are meant: endings of names, words of a fixed list.
#pragma once

namespace recur {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace recur
