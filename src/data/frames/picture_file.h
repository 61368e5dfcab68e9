// Pictures in files: PNG and JPEG, told apart by how they begin.
#pragma once

#include <cstddef>
#include <string>

#include "data/frames/features.h"
#include "recur/types/recipe.h"

namespace recur {

// Whether this program can read pictures.
bool has_pictures();

// line_columns() of a picture of a line of text. Colours become grey, what is transparent is paper. Throws Error naming
// the file: one that is no picture or not whole, or has more than kMostPixels.
Frames read_picture(const std::string& path, std::size_t height);

// The rows of any picture, each [width, channels], scaled to the size asked for: 0 for black, 1 for white; what is
// transparent lies on white. Throws Error as read_picture().
Frames read_pixels(const std::string& path, const ImageSpec& size);

}  // namespace recur
