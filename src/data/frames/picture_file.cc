#include "data/frames/picture_file.h"

#include <algorithm>

#include "data/frames/picture_decoder.h"
#include "data/frames/pixels.h"

namespace recur {
namespace {

Pixels pixels_of(const Picture& picture) {
  Pixels pixels{picture.height, picture.width, picture.channels, {}};
  pixels.values.reserve(picture.bytes.size());
  for (const std::uint8_t level : picture.bytes) pixels.values.push_back(static_cast<float>(level) / 255);
  return pixels;
}

}  // namespace

bool has_pictures() { return true; }

Frames read_picture(const std::string& path, std::size_t height) {
  return line_columns(pixels_of(decode_picture(path, 1)), height, path);
}

Frames read_pixels(const std::string& path, const ImageSpec& size) {
  Pixels pixels = scaled(pixels_of(decode_picture(path, size.colour ? 3 : 1)), size.height, size.width);
  for (float& x : pixels.values) x = std::clamp(x, 0.0F, 1.0F);  // sums of shares may be a bit more
  return {std::move(pixels.values), pixels.width * pixels.channels};
}

}  // namespace recur
