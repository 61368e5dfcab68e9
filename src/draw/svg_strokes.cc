#include "draw/svg_strokes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace recur {
namespace {

constexpr double kCell = 160, kMargin = 12;  // pixels

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

}  // namespace

std::string svg_strokes(std::span<const std::vector<PenStep>> drawings) {
  std::vector<Extent> extents;
  double largest = 0, widest = 0, highest = 0;
  for (const std::vector<PenStep>& drawing : drawings) {
    const Extent& e = extents.emplace_back(drawing);
    widest = std::max(widest, e.width());
    highest = std::max(highest, e.height());
  }
  largest = std::max(widest, highest);
  const double scale = largest > 0 ? kCell / largest : 1;
  const double cell_width = std::max(scale * widest, 1.0) + 2 * kMargin;
  const double cell_height = std::max(scale * highest, 1.0) + 2 * kMargin;
  // As wide as high, where long lines of handwriting stand below each other.
  const auto count = static_cast<double>(drawings.size());
  const double columns = std::clamp(std::ceil(std::sqrt(count * cell_height / cell_width)), 1.0, std::max(count, 1.0));
  const double rows = std::max(std::ceil(count / columns), 1.0);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<g fill=\"none\" stroke=\"black\" stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n",
      columns * cell_width, rows * cell_height);
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    const Extent& e = extents[i];
    const double column = std::fmod(static_cast<double>(i), columns),
                 row = std::floor(static_cast<double>(i) / columns);
    // In the middle of its cell.
    const double x = (column + 0.5) * cell_width - scale * (e.left + e.right) / 2;
    const double y = (row + 0.5) * cell_height - scale * (e.top + e.bottom) / 2;
    svg += fmt::format("<path d=\"{}\"/>\n", path_of(drawings[i], x, y, scale));
  }
  return svg + "</g>\n</svg>\n";
}

}  // namespace recur
