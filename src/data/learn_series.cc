#include "data/learn_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace recur {
namespace {

constexpr double kDay = 86'400, kYear = 365.25 * kDay;
constexpr std::array kCycles = {Cycle{"day", kDay, share_of_day}, Cycle{"week", 7 * kDay, share_of_week},
                                Cycle{"year", kYear, share_of_year}};

// Mean and deviation of the numbers that are there; of one number, or of equal ones, the deviation is 1.
struct Moments {
  double sum = 0, largest = 0, squares = 0, first = 0;
  std::size_t count = 0;
  bool equal = true;  // whose mean, rounded, need not be what they are

  void add(double x) {
    if (std::isnan(x)) return;
    if (count == 0) first = x;
    equal = equal && x == first;
    sum += x;
    largest = std::max(largest, std::abs(x));
    ++count;
  }
  double mean() const { return equal ? first : sum / static_cast<double>(count); }
  // Afterwards, each again: as a share of the largest, so that no square is too large or too small.
  void add_again(double x) {
    if (std::isnan(x) || largest == 0) return;
    const double share = (x - mean()) / largest;
    squares += share * share;
  }
  double deviation() const {
    if (equal) return 1;
    const double deviation = largest * std::sqrt(squares / static_cast<double>(count));
    return std::isfinite(deviation) && std::isfinite(1 / deviation) ? deviation : 1;
  }
};

// 0 where there is nothing to divide by: of series below a season, and of ones that never change.
struct NaiveError {
  double sum = 0;
  std::size_t count = 0;

  void add(std::span<const double> target, std::size_t season) {
    for (std::size_t t = season; t < target.size(); ++t) {
      const double difference = std::abs(target[t] - target[t - season]);
      if (std::isnan(difference)) continue;
      sum += difference;
      ++count;
    }
  }
  double mean() const {
    const double mean = count > 0 ? sum / static_cast<double>(count) : 0;
    return std::isfinite(mean) ? mean : 0;
  }
};

SeriesMoments moments_of(const std::string& group, std::span<const std::span<const double>> targets,
                         std::size_t season) {
  Moments moments;
  NaiveError naive;
  for (const auto target : targets) {
    for (const double x : target) moments.add(x);
  }
  for (const auto target : targets) {
    for (const double x : target) moments.add_again(x);
    naive.add(target, season);
  }
  return {group, moments.mean(), moments.deviation(), naive.mean()};
}

// The series that says what all are like: of those that have a step the one with the most of them. Null: none has.
const Series* longest_of(std::span<const Series> series, std::span<const std::size_t> ends) {
  const Series* longest = nullptr;
  std::size_t most = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series[i].step.known() || (longest != nullptr && ends[i] <= most)) continue;
    longest = &series[i];
    most = ends[i];
  }
  return longest;
}

// The cycles that are longer than a step and of which at least two were seen, in so many steps. Every series has dates
// then, as each step is told its place.
std::vector<std::string> cycles_of(std::span<const Series> series, const DateStep& step, std::size_t steps) {
  std::vector<std::string> names;
  const bool dated = std::ranges::none_of(series, [](const Series& one) { return one.dates.empty(); });
  if (!dated || !step.known()) return names;
  for (const Cycle& cycle : kCycles) {
    const bool fits =
        1.5 * step.length() < cycle.seconds && step.length() * static_cast<double>(steps) >= 2 * cycle.seconds;
    if (fits) names.emplace_back(cycle.name);
  }
  return names;
}

// 24 hours a day, 7 days a week or 5 without weekends, 12 months a year; of shorter steps a day, of other ones 1.
std::size_t season_of(const DateStep& step) {
  const double length = step.length();
  if (!step.known()) return 1;
  if (step.months > 0) return step.months <= 12 ? 12 / static_cast<std::size_t>(step.months) : 1;
  if (step.weekdays) return length < 2 * kDay ? 5 : 1;
  if (length < kDay) return static_cast<std::size_t>(kDay / length);
  return length < 2 * kDay ? 7 : length > 6 * kDay && length < 8 * kDay ? 52 : 1;
}

// Two seasons or horizons, but no more than a flag may say, nor than half of what the longest series can look back on.
std::size_t context_of(const SeriesSpec& spec, std::size_t season, std::span<const std::size_t> ends) {
  const std::size_t longest = std::ranges::max(ends), most = longest - std::min(longest, spec.horizon);
  return std::min({2 * std::max(season, spec.horizon), kMostContext, std::max<std::size_t>(most / 2, 1)});
}

}  // namespace

std::span<const Cycle> all_cycles() { return kCycles; }

SeriesField::Learned learn_series(const SeriesSpec& spec, SeriesColumns columns, std::span<const Series> series,
                                  std::span<const std::size_t> ends) {
  SeriesField::Learned learned;
  learned.columns = std::move(columns);
  const Series* longest = longest_of(series, ends);
  if (longest != nullptr) {
    learned.step = longest->step;
    learned.calendar = cycles_of(series, learned.step, ends[static_cast<std::size_t>(longest - series.data())]);
  }
  learned.season = spec.season > 0 ? spec.season : season_of(learned.step);
  learned.context = spec.context > 0 ? spec.context : context_of(spec, learned.season, ends);
  std::vector<std::span<const double>> all;
  std::vector<std::string> names;
  std::unordered_map<std::string, std::vector<std::span<const double>>> groups;
  for (std::size_t i = 0; i < series.size(); ++i) {
    all.push_back(std::span(series[i].target).first(ends[i]));
    learned.gaps = learned.gaps || std::ranges::any_of(all.back(), [](double x) { return std::isnan(x); });
    if (series[i].group.empty()) continue;
    auto& of = groups[series[i].group];
    if (of.empty()) names.push_back(series[i].group);
    of.push_back(all.back());
  }
  learned.groups.push_back(moments_of("", all, learned.season));
  for (const std::string& name : names) learned.groups.push_back(moments_of(name, groups[name], learned.season));

  const std::size_t inputs = learned.columns.inputs.size(), known = learned.columns.known.size();
  std::vector<Moments> moments(inputs + known);
  const auto visit = [&](auto add) {
    for (std::size_t i = 0; i < series.size(); ++i) {
      for (std::size_t t = 0; t < ends[i]; ++t) {
        for (std::size_t k = 0; k < inputs; ++k) (moments[k].*add)(series[i].inputs[t * inputs + k]);
        for (std::size_t k = 0; k < known; ++k) (moments[inputs + k].*add)(series[i].known[t * known + k]);
      }
    }
  };
  visit(&Moments::add);
  visit(&Moments::add_again);
  for (const Moments& m : moments) {
    learned.input_means.push_back(m.mean());
    learned.input_deviations.push_back(m.deviation());
  }
  return learned;
}

}  // namespace recur
