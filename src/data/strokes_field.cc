#include "data/strokes_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"

namespace recur {
namespace {

// Throws Error for what is no way of a pen.
void check_strokes(const Source& source, const Numbers& strokes, const std::string& name) {
  if (strokes.width != kPenNumbers) {
    source.fail(fmt::format("expected \"{}\" to have 3 numbers a step, [dx, dy, lifted], got {}", name, strokes.width));
  }
  for (std::size_t i = 0; i < strokes.values.size(); ++i) {
    const double value = strokes.values[i];
    const std::size_t step = i / kPenNumbers + 1;
    if (!std::isfinite(value)) source.fail(fmt::format("expected a number, got {} in step {}", value, step));
    if (i % kPenNumbers == 2 && value != 0 && value != 1) {
      source.fail(
          fmt::format("expected 1 where the pen is lifted after a step, else 0, got {} in step {}", value, step));
    }
  }
}

}  // namespace

double StrokesField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
  double deviation = 0;
  ReadFields{configuration}(key_of(spec).c_str(), deviation);
  if (!(std::isfinite(deviation) && deviation > 0)) {
    fail("its configuration's '{}' is {}; expected a number above 0", key_of(spec), deviation);
  }
  return deviation;
}

void StrokesField::learn(const Source& source, const Cell& cell) {
  const Numbers& strokes = std::get<Numbers>(cell);
  if (strokes.steps() == 0) source.fail(empty_problem(source, cell));
  check_strokes(source, strokes, name());
  for (std::size_t i = 0; i < strokes.values.size(); ++i) {
    if (i % kPenNumbers == 2) continue;
    squares_ += strokes.values[i] * strokes.values[i];
    ++count_;
  }
}

bool StrokesField::finish_pass(const std::string& /*data*/) {
  const double deviation = std::sqrt(squares_ / static_cast<double>(count_));
  deviation_ = deviation > 0 ? deviation : 1;  // a pen that never moves
  return false;
}

void StrokesField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const Numbers& strokes = std::get<Numbers>(cell);
  to.length = strokes.steps();
  if (to.length == 0) return;
  check_strokes(source, strokes, name());
  to.numbers.clear();
  for (std::size_t i = 0; i < strokes.values.size(); ++i) {
    const double value = strokes.values[i];
    to.numbers.push_back(i % kPenNumbers == 2 ? value : value / *deviation_);
    if (!std::isfinite(static_cast<float>(to.numbers.back()))) {
      source.fail(fmt::format("expected steps of the size of those that the model learned from, got {}", value));
    }
  }
  to.numbers.back() = static_cast<double>(Pen::ends);
}

std::string StrokesField::empty_problem(const Source& /*source*/, const Cell& /*cell*/) const {
  return fmt::format("there are no {}; expected at least one step", name());
}

Cell StrokesField::cell(const Column& column, std::size_t record) const {
  const std::span<const float> steps = column.numbers[record];
  Numbers strokes{std::vector<double>(steps.begin(), steps.end()), kPenNumbers};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double value = strokes.values[i];
    strokes.values[i] = i % kPenNumbers == 2 ? std::min(value, 1.0) : value * *deviation_;
  }
  return strokes;
}

void StrokesField::write(nlohmann::json& configuration) const {
  configuration[key_of({.name = name(), .kind = StrokesSpec{}})] = *deviation_;
}

std::string StrokesField::describe() const {
  return deviation_ ? fmt::format("steps of a pen, of a deviation of {:.6g}", *deviation_) : "steps of a pen";
}

}  // namespace recur
