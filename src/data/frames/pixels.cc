#include "data/frames/pixels.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

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

double white_of(std::span<const double> numbers) {
  return std::ranges::any_of(numbers, [](double x) { return x > 1; }) ? 255 : 1;
}

Pixels scaled(const Pixels& from, std::size_t height, std::size_t width) {
  const std::size_t channels = from.channels, line = from.width * channels;
  const std::vector<Cover> rows = covers(from.height, height), columns = covers(from.width, width);
  std::vector<float> tall(line);  // a new row of old columns, [from.width, channels]
  Pixels to{height, width, channels, std::vector<float>(height * width * channels)};
  for (std::size_t y = 0; y < height; ++y) {
    std::ranges::fill(tall, 0.0F);
    for (std::size_t k = 0; k < rows[y].shares.size(); ++k) {
      const float* old = from.values.data() + (rows[y].first + k) * line;
      for (std::size_t x = 0; x < line; ++x) tall[x] += rows[y].shares[k] * old[x];
    }
    for (std::size_t x = 0; x < width; ++x) {
      const float* old = tall.data() + columns[x].first * channels;
      float* now = to.values.data() + (y * width + x) * channels;
      for (std::size_t k = 0; k < columns[x].shares.size() * channels; ++k) {
        now[k % channels] += columns[x].shares[k / channels] * old[k];
      }
    }
  }
  return to;
}

Frames line_columns(const Pixels& picture, std::size_t height, const std::string& name) {
  const double scale = static_cast<double>(height) / static_cast<double>(picture.height);
  const double width = std::max(1.0, std::round(static_cast<double>(picture.width) * scale));
  if (width * static_cast<double>(height) > static_cast<double>(kMostPixels)) {
    fail("{}: {} x {} pixels would be {} wide at --height {}; expected at most {} pixels", name, picture.width,
         picture.height, width, height, with_thousands(kMostPixels));
  }
  const Pixels line = scaled(picture, height, static_cast<std::size_t>(width));
  Frames frames{std::vector<float>(line.values.size()), height};
  for (std::size_t y = 0; y < line.height; ++y) {
    for (std::size_t x = 0; x < line.width; ++x) {
      frames.values[x * height + y] = 1 - line.values[y * line.width + x];
    }
  }
  return frames;
}

}  // namespace recur
