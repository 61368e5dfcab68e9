#include "measures/forecast_measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace recur::forecast_measures_test {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

SeriesField field_of(double deviation, double naive_error) {
  SeriesField::Learned learned;
  learned.context = 4;
  learned.season = 2;
  learned.groups = {{"", 0, deviation, naive_error}};
  return {FieldSpec{"series", SeriesSpec{.horizon = 3}, true}, learned};
}

nlohmann::ordered_json measured(const ForecastPrediction& prediction, const std::vector<double>& numbers) {
  const SeriesField field = field_of(2, 0.5);
  const auto measures = make_forecast_measures(field);
  measures->add(prediction, Numbers{numbers, 1}, {});
  return measures->metrics({6, 3}, {});
}

// By hand: errors 1, -2 and, of a number that is missing, none.
TEST(ForecastMeasures, AreThoseOfTheirFormulas) {
  ForecastPrediction forecast;
  forecast.mean = {5, 2, 9};
  const auto metrics = measured(forecast, {1, 2, 3, 6, 4, 4, kMissing});
  EXPECT_EQ(metrics["steps"], 2);
  EXPECT_DOUBLE_EQ(metrics["mean_absolute_error"], 1.5);
  EXPECT_DOUBLE_EQ(metrics["root_mean_square_error"], std::sqrt(2.5));
  EXPECT_DOUBLE_EQ(metrics["mape"], 100 * (0.25 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(metrics["smape"], 100 * (2.0 / 9 + 4.0 / 6) / 2);
  EXPECT_DOUBLE_EQ(metrics["mase"], 3);
  EXPECT_DOUBLE_EQ(metrics["scaled_absolute_error"], 0.75);
  EXPECT_DOUBLE_EQ(metrics["scaled_square_error"], 0.625);
  EXPECT_DOUBLE_EQ(metrics["loss"], 2);
  EXPECT_FALSE(metrics.contains("crps"));
}

// Of numbers that are all 0 there are no percents, and of numbers that nobody knows no errors.
TEST(ForecastMeasures, AreNullWhereNothingCouldBeMeasured) {
  ForecastPrediction forecast;
  forecast.mean = {5, 2, 9};
  const auto zeros = measured(forecast, {1, 2, 3, 6, 0, 0, 0});
  EXPECT_TRUE(zeros["mape"].is_null()) << zeros["mape"];
  EXPECT_DOUBLE_EQ(zeros["smape"], 200);
  EXPECT_TRUE(zeros["naive"]["mape"].is_null());
  const auto unknown = measured(forecast, {1, 2, 3, 6, kMissing, kMissing, kMissing});
  EXPECT_EQ(unknown["steps"], 0);
  for (const char* name : {"mean_absolute_error", "root_mean_square_error", "mape", "smape", "mase",
                           "scaled_absolute_error", "scaled_square_error"}) {
    EXPECT_TRUE(unknown[name].is_null()) << name << ": " << unknown[name];
  }
}

TEST(ForecastMeasures, HaveNoMaseWhereThereIsNothingToDivideBy) {
  const SeriesField field = field_of(2, 0);
  const auto measures = make_forecast_measures(field);
  ForecastPrediction forecast;
  forecast.mean = {5, 2, 9};
  measures->add(forecast, Numbers{{1, 2, 3, 6, 4, 4, 4}, 1}, {});
  const auto metrics = measures->metrics({6, 3}, {});
  EXPECT_TRUE(metrics["mase"].is_null()) << metrics["mase"];
  EXPECT_TRUE(metrics["naive"]["mase"].is_null());
  EXPECT_DOUBLE_EQ(metrics["mean_absolute_error"], (1 + 2 + 5) / 3.0);
}

TEST(ForecastMeasures, HaveSquaresOfNumbersOfAnySize) {
  for (const double size : {1e-300, 1.0, 1e300}) {
    ForecastPrediction forecast;
    forecast.mean = {5 * size, 2 * size, 4 * size};
    const auto metrics = measured(forecast, {size, size, size, size, 4 * size, 4 * size, 4 * size});
    EXPECT_DOUBLE_EQ(metrics["root_mean_square_error"].get<double>() / size, std::sqrt(5.0 / 3)) << size;
  }
}

// The past is 1, 2, 3, 6: the last is 6, a season before are 3, 6, 3, and each step adds (6 - 1) / 3.
TEST(ForecastMeasures, StandBesideForecastsWithoutAModel) {
  ForecastPrediction forecast;
  forecast.mean = {0, 0, 0};
  const auto metrics = measured(forecast, {1, 2, 3, 6, 6, 6, 6});
  EXPECT_DOUBLE_EQ(metrics["naive"]["mean_absolute_error"], 0);
  EXPECT_DOUBLE_EQ(metrics["seasonal_naive"]["mean_absolute_error"], 2);
  EXPECT_DOUBLE_EQ(metrics["drift"]["mean_absolute_error"], (1 + 2 + 3) * 5 / 9.0);
  // Of what is missing the season before that, and else the last that is known.
  const auto gaps = measured(forecast, {1, kMissing, 3, kMissing, 3, 3, 3});
  EXPECT_DOUBLE_EQ(gaps["naive"]["mean_absolute_error"], 0);
  EXPECT_DOUBLE_EQ(gaps["seasonal_naive"]["mean_absolute_error"], 0);
  EXPECT_DOUBLE_EQ(gaps["drift"]["mean_absolute_error"], 3);  // a step adds 1, and the last known is one back
}

TEST(ForecastMeasures, OfQuantilesAndDraws) {
  EXPECT_NEAR(sample_crps(std::vector<double>{-1, 0.5, 0.75, 2, 2.5}, 1), 0.37, 1e-12);  // by the double sum
  EXPECT_DOUBLE_EQ(sample_crps(std::vector<double>{3}, 1), 2);
  ForecastPrediction forecast;
  for (int h = 0; h < 3; ++h) {
    forecast.mean.push_back(0);
    for (int level = 1; level <= 9; ++level) forecast.quantiles.push_back(level - 5);
  }
  const auto metrics = measured(forecast, {1, 0, 0, -4.5});
  EXPECT_NEAR(metrics["coverage_80"], 2.0 / 3, 1e-12);
  // At 0: 2 (0.1 4 + 0.2 3 + 0.3 2 + 0.4 1) = 4; at -4.5: the sum of (1 - q) (f + 4.5).
  double far = 0;
  for (int level = 1; level <= 9; ++level) far += (1 - 0.1 * level) * (level - 0.5);
  EXPECT_NEAR(metrics["pinball"], (4 + 4 + far) / 27, 1e-12);
  EXPECT_NEAR(metrics["crps"], 2 * (4 + 4 + far) / 27, 1e-12);
}

}  // namespace
}  // namespace recur::forecast_measures_test
