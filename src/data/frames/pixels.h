// Pictures as numbers, scaled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/frames/features.h"

namespace recur {

inline constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 24;

struct Pixels {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<float> values;  // [height, width, channels]: 0 for black, 1 for white
};

// What of a picture's numbers is white: 255 where any is above 1, and 1 where none is.
double white_of(std::span<const double> numbers);

// To another size: each number is the mean over what it covers.
Pixels scaled(const Pixels& from, std::size_t height, std::size_t width);

// The columns of a grey picture of a line of text, from left to right, of `height` numbers each, from the top: 0 for
// white paper, 1 for black ink (Breuel et al. 2013). The picture is scaled to that height, its width by as much, to one
// column at least. Throws Error beginning with `name` where that would be more than kMostPixels.
Frames line_columns(const Pixels& picture, std::size_t height, const std::string& name);

}  // namespace recur
