#include "draw/svg_chart.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/utf8.h"
#include "draw/chart_axis.h"

namespace recur {
namespace {

constexpr const char* kColours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333"};
constexpr const char* kDashes[] = {"", " stroke-dasharray=\"7 4\"", " stroke-dasharray=\"2 4\""};
constexpr double kLetterWidth = 7.5;  // about, at the legend's size
constexpr std::size_t kLongestName = 26;
constexpr int kLegendRow = 20;

// The plot's rectangle in the image.
struct Frame {
  double left, top, right, bottom;
};

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

// At most `most` characters, the last of which is then three dots.
std::string shortened(std::string_view text, std::size_t most) {
  if (characters_in(text) <= most) return std::string(text);
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && ++count == most) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string text_at(double x, double y, const char* anchor, std::string_view text, std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     escape_markup(text));
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view more) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"{}/>\n", x1, y1, x2, y2, more);
}

Axis axis_for(const Chart& chart, bool is_y) {
  const AxisRange range = is_y ? chart.y_range : chart.x_range;
  const bool is_log = is_y && chart.log_y;
  const int most_ticks = (is_y ? chart.height : chart.width) / (is_y ? 50 : 90) + 2;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  if (range.low != range.high) {
    low = range.low;
    high = range.high;
  } else {
    for (const ChartSeries& series : chart.series) {
      for (const auto& [x, y] : series.points) {
        const double value = is_y ? y : x, other = is_y ? x : y;
        if (!std::isfinite(value) || !std::isfinite(other) || (chart.log_y && y < kLeastLogarithmic)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  if (low > high) {
    low = is_log ? 0.1 : 0;
    high = is_log ? 10 : 1;
  }
  return is_log ? log_axis(low, high, most_ticks) : linear_axis(low, high, most_ticks, is_y && range.low == range.high);
}

std::string axes_svg(const Chart& chart, const Axis& x_axis, const Axis& y_axis, const Frame& frame) {
  std::string grid, labels;
  for (const Tick& tick : x_axis.ticks) {
    const double x = frame.left + x_axis.place(tick.value) * (frame.right - frame.left);
    grid += line_at(x, frame.top, x, frame.bottom, "");
    labels += text_at(x, frame.bottom + 18, "middle", tick.label);
  }
  for (const Tick& tick : y_axis.ticks) {
    const double y = frame.bottom - y_axis.place(tick.value) * (frame.bottom - frame.top);
    grid += line_at(frame.left, y, frame.right, y, tick.label.empty() ? " stroke-opacity=\"0.4\"" : "");
    if (!tick.label.empty()) labels += text_at(frame.left - 8, y + 4, "end", tick.label);
  }
  const double middle_x = (frame.left + frame.right) / 2, middle_y = (frame.top + frame.bottom) / 2;
  return "<g class=\"grid\" stroke=\"#DDDDDD\">\n" + grid + "</g>\n<g class=\"axis\" stroke=\"#555555\">\n" +
         line_at(frame.left, frame.top, frame.left, frame.bottom, "") +
         line_at(frame.left, frame.bottom, frame.right, frame.bottom, "") +
         (chart.diagonal ? line_at(frame.left, frame.top, frame.right, frame.bottom, " stroke-dasharray=\"3 4\"")
                         : "") +
         "</g>\n" + labels + text_at(middle_x, 24, "middle", chart.title, " font-size=\"15\" font-weight=\"bold\"") +
         text_at(middle_x, frame.bottom + 42, "middle", chart.x_label) +
         text_at(18, middle_y, "middle", chart.y_label, fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", middle_y));
}

// The number of a series' colour: a band has that of the series before it.
std::size_t colour_index(const Chart& chart, std::size_t series) {
  std::size_t index = 0;
  for (std::size_t i = 1; i <= series; ++i) index += chart.series[i].mark == ChartMark::band ? 0 : 1;
  return index;
}

// Two paths, of the lines and of the points; a part of a line with one point is a point. A point is a line as long as
// 0 with round ends.
std::string series_svg(const ChartSeries& series, std::size_t index, const Axis& x_axis, const Axis& y_axis,
                       const Frame& frame) {
  std::string lines, dots, part;
  std::size_t length = 0;  // points of this part of the line
  const auto end_part = [&] {
    if (length == 1) dots += part + "h0";
    if (length > 1) lines += part;
    part.clear();
    length = 0;
  };
  for (const auto& [x, y] : series.points) {
    if (!x_axis.contains(x) || !y_axis.contains(y)) {
      end_part();
      continue;
    }
    part += fmt::format("{}{:.1f} {:.1f}", length == 0 ? "M" : "L",
                        frame.left + x_axis.place(x) * (frame.right - frame.left),
                        frame.bottom - y_axis.place(y) * (frame.bottom - frame.top));
    ++length;
    if (series.mark == ChartMark::points) end_part();
  }
  end_part();
  const std::size_t colour = index % std::size(kColours);
  const auto path = [&](const std::string& data, std::string_view style) {
    if (data.empty()) return std::string();
    return fmt::format("<path class=\"c{}\" fill=\"none\" stroke=\"{}\" stroke-linecap=\"round\"{} d=\"{}\"/>\n",
                       colour, kColours[colour], style, data);
  };
  if (series.mark == ChartMark::band) {
    return lines.empty() ? ""
                         : fmt::format("<path class=\"c{}\" fill=\"{}\" fill-opacity=\"0.2\" d=\"{}Z\"/>\n", colour,
                                       kColours[colour], lines);
  }
  const char* dashes = kDashes[index / std::size(kColours) % std::size(kDashes)];
  return path(lines, fmt::format(" stroke-width=\"2\" stroke-linejoin=\"round\"{}", dashes)) +
         path(dots,
              series.mark == ChartMark::line ? " stroke-width=\"5\"" : " stroke-width=\"5\" stroke-opacity=\"0.55\"");
}

std::string legend_svg(const Chart& chart, const Frame& frame) {
  std::string text;
  double y = frame.top + 10;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const ChartSeries& series = chart.series[i];
    if (series.name.empty()) continue;
    const double x = frame.right + 18;
    const std::size_t index = colour_index(chart, i), colour = index % std::size(kColours);
    const bool is_line = series.mark == ChartMark::line;
    text += line_at(x + (is_line ? 0 : 13), y, x + (is_line ? 26 : 13), y,
                    fmt::format(" class=\"c{}\" stroke=\"{}\" stroke-linecap=\"round\" stroke-width=\"{}\"{}", colour,
                                kColours[colour], is_line ? "2.5" : "8",
                                is_line ? kDashes[index / std::size(kColours) % std::size(kDashes)] : ""));
    text += text_at(x + 34, y + 4, "start", shortened(series.name, kLongestName));
    y += kLegendRow;
  }
  return text;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                                     static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    const std::string_view character = text.substr(at, static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 1)));
    at += character.size();
    const bool is_control = (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
    const bool is_no_character = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
    if (length <= 0 || is_control || is_no_character) {
      escaped += "\uFFFD";
    } else if (code == '&') {
      escaped += "&amp;";
    } else if (code == '<') {
      escaped += "&lt;";
    } else if (code == '>') {
      escaped += "&gt;";
    } else if (code == '"') {
      escaped += "&quot;";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string svg_chart(const Chart& chart) {
  std::size_t longest_name = 0;
  int named = 0;
  for (const ChartSeries& series : chart.series) {
    longest_name = std::max(longest_name, std::min(characters_in(series.name), kLongestName));
    named += series.name.empty() ? 0 : 1;
  }
  const Axis x_axis = axis_for(chart, false), y_axis = axis_for(chart, true);
  std::size_t longest_label = 0;
  for (const Tick& tick : y_axis.ticks) longest_label = std::max(longest_label, characters_in(tick.label));
  const double legend_width = named == 0 ? 20 : 60 + kLetterWidth * static_cast<double>(longest_name);
  const double label_width = kLetterWidth * static_cast<double>(longest_label);
  const Frame frame{44 + label_width, 42, chart.width - legend_width, chart.height - 58.0};
  const int height = std::max(chart.height, static_cast<int>(frame.top) + 20 + kLegendRow * named);

  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" "
      "font-family=\"system-ui, sans-serif\" font-size=\"12.5\" fill=\"#222222\">\n"
      "<rect class=\"paper\" width=\"{}\" height=\"{}\" fill=\"#FFFFFF\"/>\n",
      chart.width, height, escape_markup(chart.title), chart.width, height);
  svg += axes_svg(chart, x_axis, y_axis, frame);
  bool is_empty = true;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const std::string path = series_svg(chart.series[i], colour_index(chart, i), x_axis, y_axis, frame);
    is_empty = is_empty && path.empty();
    svg += path;
  }
  if (is_empty) {
    svg += text_at((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2, "middle",
                   chart.log_y ? "no positive values" : "no values");
  }
  return svg + legend_svg(chart, frame) + "</svg>\n";
}

}  // namespace recur
