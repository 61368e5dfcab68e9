// What training data says of series.
#pragma once

#include <span>
#include <string>

#include "data/series_field.h"

namespace recur {

// Cycles of which dates say the place.
struct Cycle {
  const char* name;
  double seconds;
  double (*share)(Seconds);
};
std::span<const Cycle> all_cycles();

inline constexpr std::size_t kMostContext = 100'000;  // steps

// Of each series the steps before `ends` of it are looked at.
SeriesField::Learned learn_series(const SeriesSpec& spec, SeriesColumns columns, std::span<const Series> series,
                                  std::span<const std::size_t> ends);

}  // namespace recur
