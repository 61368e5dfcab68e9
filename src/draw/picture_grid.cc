#include "draw/picture_grid.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace recur {
namespace {

constexpr std::size_t kBorder = 2;
constexpr std::uint8_t kBackground = 96;
constexpr float kFarAway = 1e6F;  // pixels; no picture is as large
constexpr std::array<std::uint8_t, 3> kFrame = {255, 64, 64};

std::uint8_t level_of(float x) { return static_cast<std::uint8_t>(std::lround(255 * std::clamp(x, 0.0F, 1.0F))); }

// Cells of one size with gaps between them, pixels of pictures being squares of `scale`.
class Sheet {
 public:
  Sheet(const Drawing& like, std::size_t rows, std::size_t columns, std::size_t channels, std::size_t least_side)
      : like_(like), scale_(std::max<std::size_t>(1, least_side / std::max(like.height, like.width))) {
    sheet_.height = rows * (like.height * scale_ + kBorder) + kBorder;
    sheet_.width = columns * (like.width * scale_ + kBorder) + kBorder;
    sheet_.channels = channels;
    sheet_.bytes.assign(sheet_.height * sheet_.width * channels, kBackground);
  }

  void put(std::size_t row, std::size_t column, std::span<const float> picture) {
    const std::size_t channels = like_.channels;
    for (std::size_t y = 0; y < like_.height * scale_; ++y) {
      for (std::size_t x = 0; x < like_.width * scale_; ++x) {
        const float* from = picture.data() + (y / scale_ * like_.width + x / scale_) * channels;
        std::uint8_t* to = at(row, column, y, x);
        for (std::size_t c = 0; c < sheet_.channels; ++c) to[c] = level_of(from[channels == 1 ? 0 : c]);
      }
    }
  }

  // As far as it lies in the cell.
  void frame(std::size_t row, std::size_t column, const DrawingWindow& window) {
    const auto edge = [&](float middle, float side) {
      return std::lround(std::clamp((middle + side) * static_cast<float>(scale_), -kFarAway, kFarAway));
    };
    const float half = 0.5F * window.side;
    const long left = edge(window.x, -half), right = edge(window.x, half) - 1;
    const long top = edge(window.y, -half), bottom = edge(window.y, half) - 1;
    const auto height = static_cast<long>(like_.height * scale_), width = static_cast<long>(like_.width * scale_);
    for (long y = std::max(0L, top); y <= std::min(height - 1, bottom); ++y) {
      for (long x = std::max(0L, left); x <= std::min(width - 1, right); ++x) {
        if (y != top && y != bottom && x != left && x != right) continue;
        std::ranges::copy(kFrame, at(row, column, static_cast<std::size_t>(y), static_cast<std::size_t>(x)));
      }
    }
  }

  Picture take() && { return std::move(sheet_); }

 private:
  std::uint8_t* at(std::size_t row, std::size_t column, std::size_t y, std::size_t x) {
    const std::size_t line = kBorder + row * (like_.height * scale_ + kBorder) + y;
    return sheet_.bytes.data() +
           (line * sheet_.width + kBorder + column * (like_.width * scale_ + kBorder) + x) * sheet_.channels;
  }

  const Drawing& like_;
  std::size_t scale_;
  Picture sheet_;
};

}  // namespace

Picture picture_grid(std::span<const Drawing> drawings) {
  const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(drawings.size()))));
  const std::size_t rows = (drawings.size() + columns - 1) / columns;
  Sheet sheet(drawings.front(), rows, columns, drawings.front().channels, 64);
  for (std::size_t i = 0; i < drawings.size(); ++i) sheet.put(i / columns, i % columns, drawings[i].picture());
  return std::move(sheet).take();
}

Picture canvas_strips(std::span<const Drawing> drawings, std::size_t most_steps) {
  const std::size_t steps = drawings.front().steps(), columns = std::min(steps, most_steps);
  Sheet sheet(drawings.front(), drawings.size(), columns, kFrame.size(), 128);
  for (std::size_t row = 0; row < drawings.size(); ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t step = (column + 1) * steps / columns - 1;
      sheet.put(row, column, drawings[row].canvas(step));
      if (!drawings[row].windows.empty()) sheet.frame(row, column, drawings[row].windows[step]);
    }
  }
  return std::move(sheet).take();
}

}  // namespace recur
