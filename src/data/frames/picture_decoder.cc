#include "data/frames/picture_decoder.h"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"

namespace recur {
namespace {

void check_pixels(const std::string& path, std::uint64_t width, std::uint64_t height) {
  if (width * height <= kMostPixels) return;
  fail("{}: {} x {} pixels; expected at most {}: make it smaller", path, width, height, with_thousands(kMostPixels));
}

[[noreturn]] void fail_picture(const std::string& path, std::string_view reason) {
  fail("{}: expected a picture (PNG or JPEG); {}", path, printable(reason));
}

struct FreePng {
  void operator()(png_image* image) const { png_image_free(image); }
};

Picture decode_png(const std::string& path, const std::vector<char>& bytes, std::size_t channels) {
  png_image image{};
  const std::unique_ptr<png_image, FreePng> freed(&image);
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) fail_picture(path, image.message);
  check_pixels(path, image.width, image.height);
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // as those of 8 bits are
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  const png_color white = {255, 255, 255};
  Picture picture{image.height, image.width, channels, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  if (png_image_finish_read(&image, &white, picture.bytes.data(), 0, nullptr) == 0) fail_picture(path, image.message);
  return picture;
}

struct DestroyJpeg {
  void operator()(void* decoder) const { tjDestroy(decoder); }
};

Picture decode_jpeg(const std::string& path, const std::vector<char>& bytes, std::size_t channels) {
  const std::unique_ptr<void, DestroyJpeg> decoder(tjInitDecompress());
  if (decoder == nullptr) fail_picture(path, tjGetErrorStr2(nullptr));
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours) != 0) {
    fail_picture(path, tjGetErrorStr2(decoder.get()));
  }
  check_pixels(path, static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  Picture picture{static_cast<std::size_t>(height), static_cast<std::size_t>(width), channels, {}};
  picture.bytes.resize(picture.height * picture.width * channels);
  const int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  // A file that ends too early comes with a warning and grey where it lacks data.
  if (tjDecompress2(decoder.get(), data, bytes.size(), picture.bytes.data(), width, 0, height, format,
                    TJFLAG_STOPONWARNING) != 0) {
    fail_picture(path, tjGetErrorStr2(decoder.get()));
  }
  return picture;
}

}  // namespace

Picture decode_picture(const std::string& path, std::size_t channels) {
  const InputFile file(path);
  std::vector<char> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), std::uint64_t{1} << 28)));
  bytes.resize(file.read(0, bytes));
  const bool jpeg = std::string_view(bytes.data(), bytes.size()).starts_with("\xFF\xD8");
  return jpeg ? decode_jpeg(path, bytes, channels) : decode_png(path, bytes, channels);
}

}  // namespace recur
