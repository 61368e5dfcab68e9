#include "data/frames/picture_file.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 24;

// A PNG's pixels as ink: 0 white, 1 black, [height, width].
struct Picture {
  std::size_t width = 0, height = 0;
  std::vector<float> ink;
};

[[noreturn]] void fail_png(const std::string& path, png_image& image) {
  const std::string reason = image.message;
  png_image_free(&image);
  fail("{}: expected a picture (PNG); {}", path, printable(reason));
}

Picture read_png(const std::string& path) {
  const InputFile file(path);
  std::vector<char> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), std::uint64_t{1} << 28)));
  bytes.resize(file.read(0, bytes));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) fail_png(path, image);
  const std::uint64_t pixels = std::uint64_t{image.width} * image.height;
  if (pixels > kMostPixels) {
    png_image_free(&image);
    fail("{}: {} x {} pixels; expected at most {}: cut it into lines", path, image.width, image.height,
         with_thousands(kMostPixels));
  }
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // as those of 8 bits are
  image.format = PNG_FORMAT_GRAY;            // of 8 bits; what is transparent is put on white
  const png_color white = {255, 255, 255};
  std::vector<png_byte> grey(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, &white, grey.data(), 0, nullptr) == 0) fail_png(path, image);
  Picture picture{image.width, image.height, {}};
  picture.ink.reserve(grey.size());
  for (const png_byte level : grey) picture.ink.push_back(static_cast<float>(255 - level) / 255);
  return picture;
}

// The shares of old places that each of `to` new ones covers of `from`.
struct Cover {
  std::size_t first = 0;
  std::vector<float> shares;  // they add up to 1
};
std::vector<Cover> covers(std::size_t from, std::size_t to) {
  std::vector<Cover> all(to);
  const double size = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * size, end = begin + size;
    all[i].first = std::min(static_cast<std::size_t>(begin), from - 1);
    for (std::size_t k = all[i].first; k < from && (all[i].shares.empty() || static_cast<double>(k) < end - 1e-9);
         ++k) {
      const double left = std::max(begin, static_cast<double>(k)), right = std::min(end, static_cast<double>(k + 1));
      all[i].shares.push_back(static_cast<float>((right - left) / size));
    }
  }
  return all;
}

}  // namespace

bool has_pictures() { return true; }

Frames read_picture(const std::string& path, std::size_t height) {
  const Picture picture = read_png(path);
  const double scale = static_cast<double>(height) / static_cast<double>(picture.height);
  const double scaled = std::max(1.0, std::round(static_cast<double>(picture.width) * scale));
  if (scaled * static_cast<double>(height) > static_cast<double>(kMostPixels)) {
    fail("{}: {} x {} pixels would be {} wide at --height {}; expected at most {} pixels", path, picture.width,
         picture.height, scaled, height, with_thousands(kMostPixels));
  }
  const auto width = static_cast<std::size_t>(scaled);
  const std::vector<Cover> rows = covers(picture.height, height), columns = covers(picture.width, width);
  // First the rows, [height, picture.width].
  std::vector<float> lines(height * picture.width);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t k = 0; k < rows[y].shares.size(); ++k) {
      const float* from = picture.ink.data() + (rows[y].first + k) * picture.width;
      for (std::size_t x = 0; x < picture.width; ++x) lines[y * picture.width + x] += rows[y].shares[k] * from[x];
    }
  }
  Frames frames{std::vector<float>(width * height), height};
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y) {
      const float* from = lines.data() + y * picture.width + columns[x].first;
      float& to = frames.values[x * height + y];
      for (std::size_t k = 0; k < columns[x].shares.size(); ++k) to += columns[x].shares[k] * from[k];
    }
  }
  return frames;
}

}  // namespace recur
