#include "data/knob_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"

namespace recur {
namespace {

double value_of(const Source& source, const Field& field, const Cell& cell) {
  const Numbers& numbers = std::get<Numbers>(cell);
  if (numbers.values.size() != 1) {
    source.fail(fmt::format("expected one number as {}, got {}", quote(field.name()), numbers.values.size()));
  }
  return numbers.values.front();
}

std::string far_problem(const KnobField& knob, double value) {
  const KnobRange range = knob.range();
  return fmt::format("expected a number near the {} to {} that the model learned from, got {}", range.low, range.high,
                     value);
}

}  // namespace

KnobField::Range KnobField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
  const std::string key = key_of(spec);
  std::vector<double> range;
  ReadFields{configuration}(key.c_str(), range);
  const bool right =
      range.size() == 2 && std::ranges::all_of(range, [](double x) { return std::isfinite(x); }) && range[0] < range[1];
  if (!right) fail("its configuration's '{}' are not two finite numbers, the lower one first", key);
  return {range[0], range[1]};
}

void KnobField::learn(const Source& source, const Cell& cell) {
  const double value = value_of(source, *this, cell);
  if (!range_) range_ = Range{value, value};
  range_->low = std::min(range_->low, value);
  range_->high = std::max(range_->high, value);
}

bool KnobField::finish_pass(const std::string& data) {
  if (range_->low < range_->high) return false;
  fail("{}: the knob {} stands at {} in all records; expected different ones to learn from, or leave it out of --knobs",
       data, quote(name()), range_->low);
}

void KnobField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const double value = value_of(source, *this, cell);
  to.numbers.assign(1, static_cast<double>(scaled(value)));
  if (std::isfinite(to.numbers.front())) return;
  source.fail(fmt::format("knob {}: {}", quote(name()), far_problem(*this, value)));
}

void KnobField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t /*most*/, bool /*texts*/,
                    Column& to) const {
  const auto scaled = static_cast<float>(encoded.numbers.front());
  to.numbers.add(std::span(&scaled, 1));
}

void KnobField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  for (const std::size_t record : records) to.numbers.push_back(column.numbers[record].front());
}

Cell KnobField::cell(const Column& column, std::size_t record) const {
  const double share = (static_cast<double>(column.numbers[record].front()) + 1) / 2;
  return Numbers{{range_->low + share * (range_->high - range_->low)}, 1};
}

void KnobField::write(nlohmann::json& configuration) const { configuration[key_] = {range_->low, range_->high}; }

std::string KnobField::describe() const { return fmt::format("from {} to {}", range_->low, range_->high); }

std::size_t knob_named(std::span<const KnobField* const> knobs, std::string_view name) {
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    if (knobs[i]->name() == name) return i;
  }
  if (knobs.empty()) fail("knob {}: the model has no knobs", quote(name));
  std::vector<std::string> names;
  for (const KnobField* knob : knobs) names.push_back(knob->name());
  fail("knob {}: the model has no such knob; expected one of {}", quote(name), quoted_list(names));
}

float checked_knob(const KnobField& knob, double value) {
  const float scaled = knob.scaled(value);
  if (std::isfinite(scaled)) return scaled;
  fail("knob {}: {}", quote(knob.name()), far_problem(knob, value));
}

}  // namespace recur
