// Results are checked where they leave a network: finite weights can overflow on the way to them, and an infinity or a
// NaN is then one clear Error, not a number among others.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"

namespace recur {

// A pass without branches, for what is checked at every step.
inline bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7F800000;  // all its bits are set in an infinity and in a NaN alone
  std::uint32_t found = 0;
  for (const float value : values) found |= (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent ? 1 : 0;
  return found == 0;
}

// `what` a result is: "the loss".
inline void check_result(double value, std::string_view what) {
  if (std::isfinite(value)) return;
  fail(
      "the model's output is not a finite number: {} is {}; its training went wrong, or what it reads is too large: "
      "use "
      "another model",
      what, std::isnan(value) ? std::abs(value) : value);  // a NaN's sign says nothing
}

inline void check_results(std::span<const float> values, std::string_view what) {
  if (all_finite(values)) return;
  for (const float value : values) check_result(static_cast<double>(value), what);
}

}  // namespace recur
