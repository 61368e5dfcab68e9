// How good forecasts of series are, beside what anybody could have said without a model.
#pragma once

#include "data/series_field.h"
#include "measures/measures.h"

namespace recur {

// The numbers wanted are as the field's cell() has them: what was known, then what came. Steps whose number is missing
// do not count.
//
//   mean_absolute_error, root_mean_square_error
//   mape       mean of |error| / |y|, in percent; steps at 0 do not count
//   smape      mean of 2 |error| / (|y| + |forecast|), in percent; 0 where both are
//   mase       mean of |error| / mean |error| of the seasonal naive forecast one step ahead in the training part
//              (Hyndman & Koehler 2006); groups where that is 0, or that are too short for it, do not count
//   scaled_*   of errors in deviations of the group in the training part
// and of forecasts that have quantiles
//   pinball      mean over levels and steps of max(q (y - f), (q - 1) (y - f))
//   coverage_80  share of steps between the first and the last quantile
//   crps         mean of E|X - y| - E|X - X'| / 2 over draws (Gneiting & Raftery 2007), else twice the pinball loss
// Then the same of the naive forecasts: the last number; that of a season before; the last and what lies between the
// first that is known and it, drawn on (drift).
std::unique_ptr<Measures> make_forecast_measures(const SeriesField& field);

// E|X - y| - E|X - X'| / 2 where X is one of `samples`, in ascending order.
double sample_crps(std::span<const double> samples, double y);

}  // namespace recur
