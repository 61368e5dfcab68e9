// Texts in UTF-16, which are not read: a user who gives one is told so.
#pragma once

#include <string_view>

namespace recur {

// Throws Error naming the file if `begin`, the bytes that it begins with, are UTF-16: they have its mark, or zero bytes
// and these only at even or only at odd places.
void refuse_utf16(std::string_view begin, std::string_view file);

}  // namespace recur
