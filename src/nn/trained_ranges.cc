#include "nn/trained_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"

namespace recur {
namespace {

// Whether a text is what a pattern says, in which each * stands for any text.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

struct Rule {
  std::string_view item, pattern;
  std::string_view value;  // behind the equals sign
  bool has_value = false;
};

std::vector<Rule> rules_of(std::string_view text) {
  std::vector<Rule> rules;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    const bool has_value = equals != item.npos;
    rules.push_back({item, item.substr(0, equals), has_value ? item.substr(equals + 1) : "", has_value});
  }
  return rules;
}

// Calls use(parameter) for each that a rule of a flag is about.
template <class Use>
void for_matching(const Parameters& parameters, const Rule& rule, const char* flag, const Use& use) {
  std::string names;
  bool found = false;
  const auto& all = parameters.declarations();
  for (Parameters::Id id = 0; id < all.size(); ++id) {
    names += (names.empty() ? "" : ", ") + all[id].name;
    if (!matches(rule.pattern, all[id].name)) continue;
    use(id);
    found = true;
  }
  if (!found) fail("{}: no parameter is called {}; the network has {}", flag, quote(rule.pattern), names);
}

// In how many epochs a rule of --freeze holds.
std::uint64_t epochs_of(const Rule& rule) {
  if (!rule.has_value) return std::numeric_limits<std::uint64_t>::max();
  const auto epochs = parse_number<std::uint64_t>(rule.value);
  if (!epochs || *epochs == 0) {
    fail("--freeze: expected a pattern, or pattern=N for the first N epochs, got {}", quote(rule.item));
  }
  return *epochs;
}

float factor_of(const Rule& rule) {
  const auto factor = rule.has_value ? parse_number<float>(rule.value) : std::nullopt;
  if (!factor || !(*factor > 0 && *factor <= 1e6F)) {
    fail("--lr-of: expected pattern=factor, the factor above 0, with commas between, got {}", quote(rule.item));
  }
  return *factor;
}

}  // namespace

std::vector<TrainedRange> trained_ranges(const Parameters& parameters, Parameters::Id first_head,
                                         const StartOptions& start, std::uint64_t epoch, std::uint64_t steps) {
  const auto& all = parameters.declarations();
  std::vector<float> factors(all.size(), 1);
  for (const Rule& rule : rules_of(start.rates_of)) {
    const float factor = factor_of(rule);
    for_matching(parameters, rule, "--lr-of", [&](Parameters::Id id) { factors[id] *= factor; });
  }
  std::vector<std::uint64_t> thaws(all.size(), 0);  // the first epoch that trains them
  for (const Rule& rule : rules_of(start.freeze)) {
    const std::uint64_t epochs = epochs_of(rule);
    for_matching(parameters, rule, "--freeze", [&](Parameters::Id id) { thaws[id] = std::max(thaws[id], epochs); });
  }
  for (Parameters::Id id = 0; id < first_head; ++id) thaws[id] = std::max(thaws[id], start.freeze_epochs);
  const bool plain = std::ranges::all_of(factors, [](float factor) { return factor == 1; });
  if (plain && std::ranges::all_of(thaws, [](std::uint64_t first) { return first == 0; })) return {};
  std::vector<TrainedRange> ranges;
  for (Parameters::Id id = 0; id < all.size(); ++id) {
    if (epoch < thaws[id]) continue;
    const std::size_t begin = all[id].offset, end = begin + all[id].size;
    const std::uint64_t frozen = thaws[id] * steps;
    const bool goes_on = !ranges.empty() && ranges.back().end == begin && ranges.back().factor == factors[id] &&
                         ranges.back().frozen_steps == frozen;
    if (goes_on) {
      ranges.back().end = end;
    } else {
      ranges.push_back({begin, end, factors[id], frozen});
    }
  }
  if (ranges.empty()) {
    fail("{}: nothing is left to be trained in epoch {}; leave some parameters out",
         start.freeze.empty() ? "--freeze-epochs" : "--freeze", epoch + 1);
  }
  return ranges;
}

}  // namespace recur
