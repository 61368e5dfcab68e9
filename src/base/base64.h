// Base64 (RFC 4648, section 4): bytes as text.
#pragma once

#include <string>
#include <string_view>

namespace recur {

std::string to_base64(std::string_view bytes);
// Throws Error for whatever to_base64() cannot have written.
std::string from_base64(std::string_view text);

}  // namespace recur
