// The bytes of pictures in files: libpng and TurboJPEG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/frames/pixels.h"

namespace recur {

struct Picture {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<std::uint8_t> bytes;  // [height, width, channels], 255 is white
};

// Grey for one channel, red, green and blue for three; what is transparent lies on white. Throws Error naming the file:
// one that is neither PNG nor JPEG, or not whole, or has more than kMostPixels.
Picture decode_picture(const std::string& path, std::size_t channels);

}  // namespace recur
