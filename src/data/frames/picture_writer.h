// Pictures into files.
#pragma once

#include <string>

#include "data/frames/picture_decoder.h"

namespace recur {

// A PNG of one channel or three, all at once or not at all. Throws Error naming the file.
void write_png(const std::string& path, const Picture& picture);

}  // namespace recur
