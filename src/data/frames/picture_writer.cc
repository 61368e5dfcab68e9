#include "data/frames/picture_writer.h"

#include <png.h>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"

namespace recur {

void write_png(const std::string& path, const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.bytes.data(), 0, nullptr) == 0) {
    fail("{}: cannot make a PNG of it; {}", path, printable(image.message));
  }
  bytes.resize(size);
  replace_file(path, bytes);
}

}  // namespace recur
