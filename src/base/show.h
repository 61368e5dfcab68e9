// How texts and numbers look to people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// For messages: the text in double quotes, cut after some 40 bytes, with everything that cannot be printed escaped.
std::string quote(std::string_view text);
// Control characters become escapes, so that a line stays one.
std::string printable(std::string_view text);
// Names in double quotes with commas between, the first of them.
std::string quoted_list(std::span<const std::string> names, std::size_t most = 20);
// As data has it: 7 digits at least, and of a large number 4 behind the point, so that what differs looks so.
std::string number_text(double number);
std::string with_thousands(std::uint64_t number);  // 240,321

}  // namespace recur
