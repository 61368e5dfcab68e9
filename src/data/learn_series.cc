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
  double sum = 0, largest = 0, squares = 0;
  std::size_t count = 0;

  void add(double x) {
    if (std::isnan(x)) return;
    sum += x;
    largest = std::max(largest, std::abs(x));
    ++count;
  }
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
  // Afterwards, each again: as a share of the largest, so that no square is too large or too small.
  void add_again(double x) {
    if (std::isnan(x) || largest == 0) return;
    const double share = (x - mean()) / largest;
    squares += share * share;
  }
  double deviation() const {
    const double deviation = count == 0 ? 0 : largest * std::sqrt(squares / static_cast<double>(count));
    return std::isfinite(deviation) && std::isfinite(1 / deviation) ? deviation : 1;
  }
};

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
  double mean() const { return count > 0 && sum > 0 ? sum / static_cast<double>(count) : 1; }
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

// The cycles that are longer than a step and of which at least two were seen.
std::vector<std::string> cycles_of(std::span<const Series> series, std::span<const std::size_t> ends) {
  std::vector<std::string> names;
  for (const Cycle& cycle : kCycles) {
    bool fits = !series.empty();
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double step = series[i].step.length();
      fits = fits && series[i].step.known() && 1.5 * step < cycle.seconds &&
             step * static_cast<double>(ends[i]) >= 2 * cycle.seconds;
    }
    if (fits) names.emplace_back(cycle.name);
  }
  return names;
}

// 24 hours a day, 7 days a week, 12 months a year; of shorter steps a day, of other ones 1.
std::size_t season_of(const Series& series) {
  const double step = series.step.length();
  if (!series.step.known()) return 1;
  if (series.step.months > 0) return series.step.months <= 12 ? 12 / static_cast<std::size_t>(series.step.months) : 1;
  if (step < kDay) return static_cast<std::size_t>(kDay / step);
  return step < 2 * kDay ? 7 : step > 6 * kDay && step < 8 * kDay ? 52 : 1;
}

}  // namespace

std::span<const Cycle> all_cycles() { return kCycles; }

SeriesField::Learned learn_series(const SeriesSpec& spec, SeriesColumns columns, std::span<const Series> series,
                                  std::span<const std::size_t> ends) {
  SeriesField::Learned learned;
  learned.columns = std::move(columns);
  learned.season = spec.season > 0 ? spec.season : season_of(series.front());
  learned.context = spec.context > 0 ? spec.context : 2 * std::max(learned.season, spec.horizon);
  learned.calendar = cycles_of(series, ends);
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
