// Pictures of lines of text.
#pragma once

#include <cstddef>
#include <string>

#include "data/frames/features.h"

namespace recur {

// Whether this program can read pictures.
bool has_pictures();

// The columns of a PNG, from left to right, of `height` numbers each, from the top: 0 for white paper, 1 for black ink
// (Breuel et al. 2013). Colours become grey, what is transparent is paper. The picture is scaled to that height, its
// width by as much: each number is the mean over what it covers. Throws Error naming the file: one that is no PNG or
// not whole, or has more than 2^24 pixels.
Frames read_picture(const std::string& path, std::size_t height);

}  // namespace recur
