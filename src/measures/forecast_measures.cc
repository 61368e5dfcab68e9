#include "measures/forecast_measures.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "measures/root_mean_square.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

struct Errors {
  RootMeanSquare squares, scaled_squares;
  double absolute = 0, percent = 0, symmetric = 0, seasonal = 0, scaled_absolute = 0;
  std::size_t count = 0, percents = 0, seasonals = 0;

  void add(double forecast, double y, const SeriesMoments& moments) {
    const double error = std::abs(forecast - y), size = std::abs(y) + std::abs(forecast);
    const double scaled = error / moments.deviation;
    absolute += error;
    squares.add(error);
    symmetric += size > 0 ? 2 * error / size : 0;
    if (moments.naive_error > 0) {
      seasonal += error / moments.naive_error;
      ++seasonals;
    }
    scaled_absolute += scaled;
    scaled_squares.add(scaled);
    ++count;
    if (y == 0) return;
    percent += error / std::abs(y);
    ++percents;
  }

  ordered_json metrics() const {
    const auto steps = static_cast<double>(count);
    const auto known = [&](double value) { return or_null(count > 0, value); };
    return {{"mean_absolute_error", known(absolute / steps)},
            {"root_mean_square_error", known(squares.root())},
            {"mape", or_null(percents > 0, 100 * percent / static_cast<double>(percents))},
            {"smape", known(100 * symmetric / steps)},
            {"mase", or_null(seasonals > 0, seasonal / static_cast<double>(seasonals))},
            {"scaled_absolute_error", known(scaled_absolute / steps)},
            {"scaled_square_error", known(scaled_squares.root() * scaled_squares.root())}};
  }
};

// What can be said without a model; the past has a number that is known.
class NaiveForecasts {
 public:
  NaiveForecasts(std::span<const double> past, std::size_t season) : past_(past), season_(season) {
    const auto known = [](double x) { return !std::isnan(x); };
    first_ = static_cast<std::size_t>(std::ranges::find_if(past, known) - past.begin());
    last_ = past.size() - 1;
    while (std::isnan(past[last_])) --last_;
  }
  double last() const { return past_[last_]; }
  // That of the latest season that has the step; else the last.
  double seasonal(std::size_t step) const {
    for (std::size_t back = (step / season_ + 1) * season_; back <= past_.size() + step; back += season_) {
      const double x = past_[past_.size() + step - back];
      if (!std::isnan(x)) return x;
    }
    return last();
  }
  double drift(std::size_t step) const {
    const std::size_t steps = last_ - first_;
    const double slope = steps == 0 ? 0 : (past_[last_] - past_[first_]) / static_cast<double>(steps);
    return last() + slope * static_cast<double>(past_.size() - last_ + step);
  }

 private:
  std::span<const double> past_;
  std::size_t season_, first_ = 0, last_ = 0;
};

class ForecastMeasures : public Measures {
 public:
  explicit ForecastMeasures(const SeriesField& field) : field_(field) {}

  void add(const Prediction& prediction, const Cell& wanted, const Cell& /*input*/) override {
    const auto& forecast = std::get<ForecastPrediction>(prediction);
    const std::vector<double>& numbers = std::get<Numbers>(wanted).values;
    const std::size_t steps = forecast.mean.size();
    const std::span<const double> past = std::span(numbers).first(numbers.size() - steps);
    const NaiveForecasts naive(past, field_.learned().season);
    const SeriesMoments& moments = field_.moments(forecast.group);
    for (std::size_t h = 0; h < steps; ++h) {
      const double y = numbers[past.size() + h];
      if (std::isnan(y)) continue;
      model_.add(forecast.mean[h], y, moments);
      last_.add(naive.last(), y, moments);
      seasonal_.add(naive.seasonal(h), y, moments);
      drift_.add(naive.drift(h), y, moments);
      if (!forecast.quantiles.empty()) add_quantiles(forecast, h, y);
    }
  }

  ordered_json metrics(const LossSum& loss, const Records& records) const override {
    ordered_json metrics = {{"windows", records.size()}, {"steps", model_.count}};
    metrics.update(model_.metrics());
    if (with_quantiles_ > 0) {
      const auto count = static_cast<double>(with_quantiles_);
      metrics["pinball"] = pinball_ / count;
      metrics["crps"] = crps_ / count;
      metrics["coverage_80"] = static_cast<double>(covered_) / count;
    }
    metrics["loss"] = loss.mean();
    metrics["naive"] = last_.metrics();
    metrics["seasonal_naive"] = seasonal_.metrics();
    metrics["drift"] = drift_.metrics();
    return metrics;
  }

 private:
  void add_quantiles(const ForecastPrediction& forecast, std::size_t step, double y) {
    constexpr std::size_t kLevels = forecast_levels.size();
    const std::span quantiles = std::span(forecast.quantiles).subspan(step * kLevels, kLevels);
    double pinball = 0;
    for (std::size_t i = 0; i < kLevels; ++i) {
      const double above = y - quantiles[i];
      pinball += std::max(forecast_levels[i] * above, (forecast_levels[i] - 1) * above) / kLevels;
    }
    const std::size_t count = forecast.samples.size() / forecast.mean.size();
    crps_ += count == 0 ? 2 * pinball : sample_crps(std::span(forecast.samples).subspan(step * count, count), y);
    pinball_ += pinball;
    covered_ += y >= quantiles.front() && y <= quantiles.back() ? 1 : 0;
    ++with_quantiles_;
  }

  const SeriesField& field_;
  Errors model_, last_, seasonal_, drift_;
  double pinball_ = 0, crps_ = 0;
  std::size_t covered_ = 0, with_quantiles_ = 0;
};

}  // namespace

double sample_crps(std::span<const double> samples, double y) {
  const auto count = static_cast<double>(samples.size());
  double to_y = 0, between = 0;  // between: the sum over pairs i < j of x_j - x_i
  for (std::size_t i = 0; i < samples.size(); ++i) {
    to_y += std::abs(samples[i] - y);
    between += samples[i] * (2 * static_cast<double>(i) + 1 - count);
  }
  return to_y / count - between / (count * count);
}

std::unique_ptr<Measures> make_forecast_measures(const SeriesField& field) {
  return std::make_unique<ForecastMeasures>(field);
}

}  // namespace recur
