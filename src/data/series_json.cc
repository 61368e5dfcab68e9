// What a field of series has learned, in a model's configuration.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "data/learn_series.h"
#include "data/series_field.h"

namespace recur {

using nlohmann::json;

namespace {

constexpr const char* kName = "series";

constexpr const char* kStep = "step";

json step_json(const DateStep& step) {
  return {{"months", static_cast<std::uint64_t>(step.months)},
          {"seconds", static_cast<std::uint64_t>(step.seconds)},
          {"day", step.day},
          {"weekdays", step.weekdays}};
}

// Models of older versions have none.
DateStep read_step(const json& series) {
  if (!series.contains(kStep)) return {};
  const ReadFields read{ReadFields{series}.object_at(kStep)};
  std::uint64_t months = 0, seconds = 0, day = 0;
  bool weekdays = false;
  read("months", months);
  read("seconds", seconds);
  read("day", day);
  read("weekdays", weekdays);
  constexpr std::uint64_t kMostMonths = 1'200'000, kMostSeconds = 100'000'000'000, kDay = 86'400;
  const bool calendar = months > 0 && months <= kMostMonths && seconds == 0 && day >= 1 && day <= 31;
  const bool clock = months == 0 && day == 0 && seconds > 0 && seconds <= kMostSeconds;
  if (!calendar && !(clock && (!weekdays || seconds % kDay == 0))) {
    fail("its configuration's 'step' is no step from a date to the next");
  }
  return {static_cast<int>(months), static_cast<Seconds>(seconds), static_cast<unsigned>(day), weekdays};
}

template <class Visit, class Learned>
void visit_fields(const Visit& visit, Learned& learned) {
  visit("target", learned.columns.target);
  visit("date", learned.columns.date);
  visit("group", learned.columns.group);
  visit("inputs", learned.columns.inputs);
  visit("known", learned.columns.known);
  visit("context", learned.context);
  visit("season", learned.season);
  visit("gaps", learned.gaps);
  visit("calendar", learned.calendar);
  visit("input_means", learned.input_means);
  visit("input_deviations", learned.input_deviations);
}

bool all_usable(std::span<const double> numbers, bool positive) {
  return std::ranges::all_of(numbers, [&](double x) { return std::isfinite(x) && (!positive || x > 0); });
}

}  // namespace

void SeriesField::write(json& configuration) const {
  json& object = configuration[kName];
  visit_fields(WriteFields{object}, *learned_);
  std::vector<std::string> names;
  std::vector<double> means, deviations, errors;
  for (const SeriesMoments& m : learned_->groups) {
    names.push_back(m.group);
    means.push_back(m.mean);
    deviations.push_back(m.deviation);
    errors.push_back(m.naive_error);
  }
  if (learned_->step.known()) object[kStep] = step_json(learned_->step);
  object["groups"] = names;
  object["means"] = means;
  object["deviations"] = deviations;
  object["naive_errors"] = errors;
}

SeriesField::Learned read_learned_series(const json& configuration) {
  const ReadFields read{ReadFields{configuration}.object_at(kName)};
  SeriesField::Learned learned;
  visit_fields(read, learned);
  learned.step = read_step(read.object);
  std::vector<std::string> names;
  std::vector<double> means, deviations, errors;
  read("groups", names);
  read("means", means);
  read("deviations", deviations);
  read("naive_errors", errors);
  const std::size_t inputs = learned.columns.inputs.size() + learned.columns.known.size();
  if (names.empty() || names.size() != means.size() || names.size() != deviations.size() ||
      names.size() != errors.size() || learned.input_means.size() != inputs ||
      learned.input_deviations.size() != inputs || !all_usable(means, false) || !all_usable(deviations, true) ||
      !all_usable(errors, false) || std::ranges::any_of(errors, [](double x) { return x < 0; }) ||
      !all_usable(learned.input_means, false) || !all_usable(learned.input_deviations, true)) {
    fail(
        "its configuration's 'series' has not a mean, a deviation above 0 and an error of at least 0 of each group "
        "and input");
  }
  constexpr std::size_t kMost = 1'000'000;
  if (learned.context == 0 || learned.context > kMost || learned.season == 0 || learned.season > kMost) {
    fail("its configuration's 'context' and 'season' are not numbers from 1 to {}", kMost);
  }
  for (const std::string& name : learned.calendar) {
    if (std::ranges::count(learned.calendar, name) == 1 &&
        std::ranges::any_of(all_cycles(), [&](const Cycle& cycle) { return cycle.name == name; })) {
      continue;
    }
    fail("its configuration's 'calendar' does not name cycles");
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    learned.groups.push_back({names[i], means[i], deviations[i], errors[i]});
  return learned;
}

}  // namespace recur
