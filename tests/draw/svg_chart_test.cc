#include "draw/svg_chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "draw/chart_axis.h"

namespace recur::svg_chart_test {
namespace {

using Labels = std::vector<std::string>;

Labels labels(const Axis& axis) {
  Labels result;
  for (const Tick& tick : axis.ticks) {
    if (!tick.label.empty()) result.push_back(tick.label);
  }
  return result;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Chart chart_of(const std::vector<std::pair<double, double>>& points, bool log_y = false) {
  return {.title = "t", .log_y = log_y, .series = {{"s", points}}};
}

// What the first series' lines are drawn with.
std::string drawn(const Chart& chart) {
  const std::string svg = svg_chart(chart);
  std::string all;
  for (std::size_t at = svg.find(" d=\""); at != svg.npos; at = svg.find(" d=\"", at + 1)) {
    all += svg.substr(at + 4, svg.find('"', at + 4) - at - 4) + ";";
  }
  return all;
}

TEST(ChartAxis, LinearTicks) {
  EXPECT_EQ(labels(linear_axis(0, 10, 5, false)), (Labels{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(labels(linear_axis(0.1, 0.32, 5, false)), (Labels{"0.10", "0.15", "0.20", "0.25", "0.30"}));
  EXPECT_EQ(labels(linear_axis(-3, 3, 6, true)), (Labels{"-3", "-2", "-1", "0", "1", "2", "3"}));
  EXPECT_EQ(labels(linear_axis(0, 3e6, 3, false)), (Labels{"0", "1e+06", "2e+06", "3e+06"}));
  EXPECT_EQ(linear_axis(0.3, 9.2, 5, true).high, 10);
  EXPECT_EQ(linear_axis(0.3, 9.2, 5, false).high, 9.2);
}

TEST(ChartAxis, LogarithmicTicks) {
  EXPECT_EQ(labels(log_axis(1e-3, 100, 8)), (Labels{"0.001", "0.01", "0.1", "1", "10", "100"}));
  EXPECT_EQ(labels(log_axis(1e-8, 1, 5)), (Labels{"10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"}));
  EXPECT_EQ(labels(log_axis(1.4, 12, 8)), (Labels{"2", "5", "10"}));
  EXPECT_EQ(labels(log_axis(3.1e-8, 2.2e-7, 8)), (Labels{"5·10⁻⁸", "1·10⁻⁷", "2·10⁻⁷"}));
  EXPECT_EQ(labels(log_axis(0.301, 0.449, 4)), (Labels{"0.30", "0.35", "0.40", "0.45"}));
  EXPECT_NEAR(log_axis(1, 100, 4).place(10), 0.5, 1e-9);
  const std::vector<Tick> ticks = log_axis(1, 1000, 8).ticks;
  EXPECT_TRUE(std::ranges::any_of(ticks, [](const Tick& tick) { return tick.label.empty(); }));  // minor lines
}

TEST(ChartAxis, AnyRangeHasAPlaceForItsEnds) {
  const double values[] = {0, 5e-324, 1e-300, 1e-30, 0.3, 1, 7, 1e15, 1e30, 1e300};
  for (const double low : values) {
    for (const double high : values) {
      for (const double nearly : {high, std::nextafter(low, 1e308)}) {
        if (nearly < low) continue;
        std::vector<Axis> axes = {linear_axis(low, nearly, 8, true), linear_axis(-nearly, low, 8, false)};
        if (low >= kLeastLogarithmic) axes.push_back(log_axis(low, nearly, 8));
        for (const Axis& axis : axes) {
          ASSERT_LT(axis.low, axis.high) << low << " " << nearly;
          EXPECT_TRUE(axis.contains(low)) << low << " " << nearly;
          EXPECT_LE(axis.ticks.size(), 60) << low << " " << nearly;
          for (const Tick& tick : axis.ticks) EXPECT_TRUE(axis.contains(tick.value)) << tick.value;
          EXPECT_TRUE(std::ranges::is_sorted(axis.ticks, {}, &Tick::value));
        }
      }
    }
  }
}

TEST(SvgChart, DrawsALineFromPointToPoint) {
  Chart chart = chart_of({{0, 0}, {5, 1}, {10, 2}});
  chart.x_range = {0, 10};
  chart.y_range = {0, 2};
  const std::string path = drawn(chart);
  EXPECT_EQ(count(path, "M"), 1);
  EXPECT_EQ(count(path, "L"), 2);
  // The higher, the smaller y: from the lower left to the upper right.
  double x[3], y[3];
  ASSERT_EQ(std::sscanf(path.c_str(), "M%lf %lfL%lf %lfL%lf %lf", &x[0], &y[0], &x[1], &y[1], &x[2], &y[2]), 6);
  EXPECT_NEAR(x[1], (x[0] + x[2]) / 2, 0.11);
  EXPECT_NEAR(y[1], (y[0] + y[2]) / 2, 0.11);
  EXPECT_LT(x[0], x[2]);
  EXPECT_GT(y[0], y[2]);
}

TEST(SvgChart, WhatCannotBeShownIsAGap) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  const std::string path =
      drawn(chart_of({{0, 1}, {1, 2}, {2, 0}, {3, 3}, {4, nan}, {5, 1}, {6, 2}, {infinity, 1}, {8, -1}}, true));
  EXPECT_EQ(count(path, "M"), 3);                                               // 0 to 1, 5 to 6, and the point at 3
  EXPECT_EQ(count(path, "h0"), 1);                                              // a point
  EXPECT_EQ(count(drawn(chart_of({{0, 1}, {1, 0}, {2, 1}, {3, 1}})), "M"), 1);  // 0 has a place on a linear scale
  EXPECT_EQ(count(svg_chart(chart_of({{3, 0}, {4, nan}}, true)), "no positive values"), 1);
  EXPECT_EQ(count(svg_chart(chart_of({})), "no values"), 1);
}

TEST(SvgChart, NeverWritesANumberThatIsNone) {
  const double largest = std::numeric_limits<double>::max();
  const std::vector<std::vector<std::pair<double, double>>> cases = {
      {}, {{3, 7}}, {{3, 7}, {4, 7}}, {{1, 5e-324}}, {{-largest, largest}, {largest, -largest}}, {{0, 0}, {0, 1}}};
  for (const auto& points : cases) {
    for (const bool log_y : {false, true}) {
      const std::string svg = svg_chart(chart_of(points, log_y));
      EXPECT_EQ(svg.find("nan"), svg.npos);
      EXPECT_EQ(svg.find("inf"), svg.npos);
      EXPECT_TRUE(svg.ends_with("</svg>\n"));
    }
  }
}

TEST(SvgChart, EscapesText) {
  Chart chart = chart_of({{0, 1}});
  chart.title = "a<b>&\"c\x01\xff";
  chart.series[0].name = "<script>";
  const std::string svg = svg_chart(chart);
  EXPECT_NE(svg.find("a&lt;b&gt;&amp;&quot;c\uFFFD\uFFFD"), svg.npos);
  EXPECT_EQ(svg.find("<script"), svg.npos);
  EXPECT_EQ(escape_markup("é\n\t\x7f\u0085\uFFFE"), "é\n\t\uFFFD\uFFFD\uFFFD");
}

TEST(SvgChart, TheLegendHasARowForEachNamedSeriesInsideTheImage) {
  Chart chart;
  for (int i = 0; i < 40; ++i) chart.series.push_back({"name " + std::to_string(i), {{0, i}, {1, i}}});
  chart.series.push_back({"", {{0, 1}, {1, 2}}});
  const std::string svg = svg_chart(chart);
  EXPECT_EQ(count(svg, ">name "), 40);
  int width = 0, height = 0;
  ASSERT_EQ(std::sscanf(svg.c_str() + svg.find("viewBox"), "viewBox=\"0 0 %d %d\"", &width, &height), 2);
  double y = 0;
  ASSERT_EQ(std::sscanf(svg.c_str() + svg.rfind(" y=\""), " y=\"%lf\"", &y), 1);
  EXPECT_LT(y, height);
  EXPECT_GT(y, 480);

  chart.series = {{std::string(50, 'w'), {{0, 1}}}};
  EXPECT_EQ(count(svg_chart(chart), std::string(25, 'w') + "…<"), 1);
}

TEST(SvgChart, SevenSeriesHaveTheirOwnColourAndTheNextAreDashed) {
  Chart chart;
  for (int i = 0; i < 14; ++i) chart.series.push_back({"", {{0, i}, {1, i}}});
  const std::string svg = svg_chart(chart);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(count(svg, "<path class=\"c" + std::to_string(i) + "\""), 2);
  EXPECT_EQ(count(svg, "stroke-dasharray"), 7);
}

}  // namespace
}  // namespace recur::svg_chart_test
