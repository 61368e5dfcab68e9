#include "draw/svg_strokes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace recur {
namespace {

constexpr double kDrawing = 160, kMargin = 12;  // pixels

// The rectangle that the points of a drawing take, its beginning among them.
struct Extent {
  explicit Extent(std::span<const PenStep> drawing) {
    double x = 0, y = 0;
    for (const PenStep& step : drawing) {
      x += step.dx;
      y += step.dy;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  double width() const { return right - left; }
  double height() const { return bottom - top; }

  double left = 0, right = 0, top = 0, bottom = 0;
};

// The lines of a drawing whose beginning is at x, y. A point alone is a dot, which a line to itself draws.
std::string path_of(std::span<const PenStep> drawing, double x, double y, double scale) {
  std::string path;
  bool drawn = true;  // is the line to the next point
  fmt::format_to(std::back_inserter(path), "M{:.2f} {:.2f}", x, y);
  for (const PenStep& step : drawing) {
    x += scale * step.dx;
    y += scale * step.dy;
    fmt::format_to(std::back_inserter(path), "{}{:.2f} {:.2f}", drawn ? "L" : "M", x, y);
    if (!drawn && step.lifts) path += "l0 0";
    drawn = !step.lifts;
  }
  return path;
}

// Where drawings stand: side by side, each in the middle of a cell, at one scale.
struct Grid {
  explicit Grid(std::span<const Extent> extents) {
    double widest = 0, highest = 0;
    for (const Extent& e : extents) {
      widest = std::max(widest, e.width());
      highest = std::max(highest, e.height());
    }
    const double largest = std::max(widest, highest);
    if (largest > 0) scale = kDrawing / largest;
    cell_width = std::max(scale * widest, 1.0) + 2 * kMargin;
    cell_height = std::max(scale * highest, 1.0) + 2 * kMargin;
    // As wide as high, where long lines of handwriting stand below each other.
    const auto count = static_cast<double>(extents.size());
    columns = std::clamp(std::ceil(std::sqrt(count * cell_height / cell_width)), 1.0, std::max(count, 1.0));
    rows = std::max(std::ceil(count / columns), 1.0);
  }
  // Where drawing i begins.
  std::pair<double, double> beginning(std::size_t i, const Extent& e) const {
    const double column = std::fmod(static_cast<double>(i), columns),
                 row = std::floor(static_cast<double>(i) / columns);
    return {(column + 0.5) * cell_width - scale * (e.left + e.right) / 2,
            (row + 0.5) * cell_height - scale * (e.top + e.bottom) / 2};
  }

  double scale = 1, cell_width = 0, cell_height = 0, columns = 1, rows = 1;
};

}  // namespace

std::string svg_strokes(std::span<const std::vector<PenStep>> drawings) {
  const std::vector<Extent> extents(drawings.begin(), drawings.end());
  const Grid grid(extents);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<g fill=\"none\" stroke=\"black\" stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n",
      grid.columns * grid.cell_width, grid.rows * grid.cell_height);
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    const auto [x, y] = grid.beginning(i, extents[i]);
    svg += fmt::format("<path d=\"{}\"/>\n", path_of(drawings[i], x, y, grid.scale));
  }
  return svg + "</g>\n</svg>\n";
}

}  // namespace recur
