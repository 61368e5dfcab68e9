// A chart as one SVG image, as text: no scripts, no fonts of its own, a white background, so that it reads the same in
// a browser, in a README on a dark page, and on paper.
//
// A page that holds the image may colour it by the classes of its parts: paper, grid, axis, and for series c0, c1, ...
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recur {

// band: the area within a line that comes back to where it began, in the colour of the series before it.
enum class ChartMark { line, points, band };

struct ChartSeries {
  std::string name = {};  // in the legend; none if empty
  // x, y; in the order in which a line is drawn. What is not finite, or lies outside the axes' ranges, or is
  // below 1e-280 on a logarithmic scale, is a gap in the line; a point between two gaps is a dot.
  std::vector<std::pair<double, double>> points = {};
  ChartMark mark = ChartMark::line;
};

// From `low` to `high`; chosen from the points if both are 0.
struct AxisRange {
  double low = 0, high = 0;
};

struct Chart {
  std::string title = {}, x_label = {}, y_label = {};
  bool log_y = false;  // log10
  std::vector<ChartSeries> series = {};
  AxisRange x_range = {}, y_range = {};
  bool diagonal = false;          // a thin line from the upper left to the lower right corner
  int width = 860, height = 480;  // of the viewBox; a legend that is too long for it makes it higher
};

// Seven colours (Okabe & Ito's, which the colour-blind tell apart; without their yellow, too pale for a line), then the
// same dashed, then dotted.
std::string svg_chart(const Chart& chart);

// For XML and HTML, in text or between double quotes; without the control characters that neither may hold.
std::string escape_markup(std::string_view text);

}  // namespace recur
