// A forecast as one SVG image: what was known, how it goes on and, where there are quantiles, the bands between them.
#pragma once

#include <string>

#include "recur/types/prediction.h"

namespace recur {

std::string svg_forecast(const ForecastPrediction& forecast);

}  // namespace recur
