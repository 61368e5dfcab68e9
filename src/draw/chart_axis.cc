#include "draw/chart_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace recur {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max() / 4;

// The least of 1, 2, 5 times a power of ten that is not below `step`.
double nice_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (step <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string superscript(int number) {
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (const char c : std::to_string(number)) text += c == '-' ? "⁻" : kDigits[c - '0'];
  return text;
}

// With as many digits as tell the multiples of `step` apart.
std::string linear_label(double value, double step) {
  const double size = std::max(std::abs(value), step);
  if (size >= 1e6 || step < 1e-4) {
    const int digits = static_cast<int>(std::floor(std::log10(size)) - std::floor(std::log10(step)));
    return value == 0 ? "0" : fmt::format("{:.{}e}", value, std::clamp(digits, 0, 15));
  }
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return fmt::format("{:.{}f}", value, digits);
}

std::vector<Tick> linear_ticks(double low, double high, double step) {
  std::vector<Tick> ticks;
  const double slack = step * 1e-6;  // the rounding of low and high
  const double first = std::ceil((low - slack) / step);
  for (double i = first; i * step <= high + slack && i < first + 1000; ++i) {
    const double value = i * step + 0.0;  // -0 becomes 0
    ticks.push_back({std::clamp(value, low, high), linear_label(value, step)});
  }
  return ticks;
}

// Whether powers of ten in this range are written in full.
bool is_plain(double low, double high) { return low > 5e-5 && high < 2e5; }

// The powers of ten from `first` to `last`, each `every`-th labelled; with minor lines if that is each one.
std::vector<Tick> power_ticks(int first, int last, int every, bool minor, double low, double high) {
  const bool plain = is_plain(low, high);
  std::vector<Tick> ticks;
  const auto add = [&](double value, std::string label) {
    if (value >= low && value <= high) ticks.push_back({value, std::move(label)});
  };
  for (int power = first - 1; power <= last; ++power) {
    const double value = std::pow(10, power);
    if (power % every == 0) add(value, plain ? fmt::format("{:g}", value) : "10" + superscript(power));
    for (int factor = 2; minor && factor < 10; ++factor) add(factor * value, "");
  }
  return ticks;
}

// 1, 2 and 5 times each power of ten.
std::vector<Tick> ticks_within_decades(int first, int last, double low, double high) {
  const bool plain = is_plain(low, high);
  std::vector<Tick> ticks;
  for (int power = first; power <= last; ++power) {
    for (const int factor : {1, 2, 5}) {
      const double value = factor * std::pow(10, power);
      if (value < low || value > high) continue;
      const std::string label = fmt::format("{}·10{}", factor, superscript(power));
      ticks.push_back({value, plain ? fmt::format("{:g}", value) : label});
    }
  }
  return ticks;
}

}  // namespace

bool Axis::contains(double value) const { return std::isfinite(value) && value >= low && value <= high; }

double Axis::place(double value) const {
  if (is_log) return (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
  return (value - low) / (high - low);
}

Axis linear_axis(double low, double high, int most_ticks, bool widen) {
  low = std::clamp(low, -kLargest, kLargest);
  high = std::clamp(high, -kLargest, kLargest);
  // So near to each other that no numbers of use lie between them.
  const double margin = std::max(std::abs(low), std::abs(high)) * 1e-9;
  if (high - low <= margin || high - low < 1e-300) {
    const double around = std::max(std::abs(low) / 10, low == 0 ? 1.0 : 1e-290);
    low -= around;
    high += around;
  }
  const double step = nice_step((high - low) / most_ticks);
  Axis axis{low, high, false, {}};
  if (widen) {
    axis.low = std::min(low, std::floor(low / step + 1e-9) * step);
    axis.high = std::max(high, std::ceil(high / step - 1e-9) * step);
  }
  axis.ticks = linear_ticks(axis.low, axis.high, step);
  return axis;
}

Axis log_axis(double low, double high, int most_ticks) {
  // A margin of a fiftieth at both ends; equal values stand in the middle of a decade.
  const double low_power = std::log10(low), high_power = std::log10(high);
  const double margin = high_power - low_power < 1e-6 ? 0.5 : (high_power - low_power) / 50;
  Axis axis;
  axis.is_log = true;
  axis.low = std::pow(10, low_power - margin);
  axis.high = std::min(std::pow(10, high_power + margin), std::numeric_limits<double>::max());

  const double decades = std::log10(axis.high) - std::log10(axis.low);
  const int first = static_cast<int>(std::floor(std::log10(axis.low)));
  const int last = static_cast<int>(std::ceil(std::log10(axis.high)));
  if (decades > 2) {
    const int every = static_cast<int>(nice_step(std::max(1.0, decades / most_ticks)));
    axis.ticks = power_ticks(first, last, every, decades <= 4, axis.low, axis.high);
    return axis;
  }
  axis.ticks = ticks_within_decades(first, last, axis.low, axis.high);
  if (axis.ticks.size() < 3) axis.ticks = linear_axis(axis.low, axis.high, most_ticks, false).ticks;
  return axis;
}

}  // namespace recur
