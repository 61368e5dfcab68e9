// A chart's axis: its range, where its ticks stand and what is written at them.
#pragma once

#include <string>
#include <vector>

namespace recur {

// The smallest value that has a place on a logarithmic axis.
inline constexpr double kLeastLogarithmic = 1e-280;

struct Tick {
  double value = 0;
  std::string label;  // empty for a line of the grid between two numbers
};

struct Axis {
  double low = 0, high = 1;  // finite, low < high; both positive if is_log
  bool is_log = false;       // log10
  std::vector<Tick> ticks;   // in ascending order, each in [low, high]

  // Whether the axis has a place for it: it is finite, and in [low, high].
  bool contains(double value) const;
  // From 0 at `low` to 1 at `high`.
  double place(double value) const;
};

// Linear: ticks at multiples of 1, 2 or 5 times a power of ten, at most about `most_ticks`. With `widen`, the range
// grows to the next ticks. If low == high, an interval around it.
Axis linear_axis(double low, double high, int most_ticks, bool widen);
// Logarithmic: ticks at powers of ten, every second, fifth, tenth, ... if there are many; over a decade or less at 1, 2
// and 5 times a power of ten, or if those are too few, as on a linear axis. kLeastLogarithmic <= low <= high.
Axis log_axis(double low, double high, int most_ticks);

}  // namespace recur
