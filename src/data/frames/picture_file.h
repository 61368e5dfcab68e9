// Pictures in files: PNG and JPEG, told apart by how they begin.
#pragma once

#include <cstddef>
#include <string>

#include "data/frames/features.h"
#include "recur/types/recipe.h"

namespace recur {

// Whether this program can read pictures.
bool has_pictures();

// The columns of a picture of a line of text, from left to right, of `height` numbers each, from the top: 0 for white
// paper, 1 for black ink (Breuel et al. 2013). Colours become grey, what is transparent is paper. The picture is scaled
// to that height, its width by as much: each number is the mean over what it covers. Throws Error naming the file: one
// that is no picture or not whole, or has more than 2^24 pixels.
Frames read_picture(const std::string& path, std::size_t height);

// The rows of any picture, each [width, channels], scaled to the size asked for: 0 for black, 1 for white; what is
// transparent lies on white. Throws Error as read_picture().
Frames read_pixels(const std::string& path, const ImageSpec& size);

}  // namespace recur
