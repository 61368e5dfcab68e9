#include "draw/svg_forecast.h"

#include <fmt/format.h>

#include "draw/svg_chart.h"

namespace recur {
namespace {

constexpr std::size_t kLevels = forecast_levels.size();

// There along quantile `level` and back along the one that is as far from the other end.
ChartSeries band(const ForecastPrediction& forecast, std::size_t level) {
  const std::size_t steps = forecast.mean.size(), other = kLevels - 1 - level;
  ChartSeries band{
      fmt::format("{:.0f} %", 100 * (forecast_levels[other] - forecast_levels[level])), {}, ChartMark::band};
  for (std::size_t h = 0; h < steps; ++h) {
    band.points.emplace_back(static_cast<double>(h + 1), forecast.quantiles[h * kLevels + other]);
  }
  for (std::size_t h = steps; h-- > 0;) {
    band.points.emplace_back(static_cast<double>(h + 1), forecast.quantiles[h * kLevels + level]);
  }
  return band;
}

}  // namespace

std::string svg_forecast(const ForecastPrediction& forecast) {
  const std::string of = forecast.group.empty() ? "" : " of " + forecast.group;
  Chart chart{.title = forecast.target + of, .x_label = "steps ahead", .y_label = forecast.target};
  if (!forecast.dates.empty()) chart.x_label += ", the first is " + forecast.dates.front();
  ChartSeries past{"known"}, mean{"forecast"};
  for (std::size_t i = 0; i < forecast.past.size(); ++i) {
    past.points.emplace_back(static_cast<double>(i + 1) - static_cast<double>(forecast.past.size()), forecast.past[i]);
  }
  for (std::size_t h = 0; h < forecast.mean.size(); ++h) {
    mean.points.emplace_back(static_cast<double>(h + 1), forecast.mean[h]);
  }
  chart.series = {past, mean};
  if (!forecast.quantiles.empty()) {
    chart.series.push_back(band(forecast, 0));
    chart.series.push_back(band(forecast, 2));
  }
  return svg_chart(chart);
}

}  // namespace recur
