#include "data/numbers_field.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace recur {

namespace {

FieldRequest request_of(const FieldSpec& spec) {
  const auto& numbers = std::get<NumbersSpec>(spec.kind);
  FieldRequest request{spec.name, numbers.sound ? CellKind::frames : CellKind::numbers, spec.answer, numbers.sound};
  request.vectors = numbers.vectors;
  request.one_step = numbers.one_step;
  request.pictures = numbers.pictures;
  return request;
}

}  // namespace

NumbersField::NumbersField(const FieldSpec& spec, std::optional<Moments> moments)
    : StepsField(spec, request_of(spec)),
      spec_(std::get<NumbersSpec>(spec.kind)),
      mean_key_(key_of(spec, "mean")),
      scale_key_(key_of(spec, "scale")),
      moments_(std::move(moments)) {}

std::string NumbersField::key_of(const FieldSpec& spec, const char* name) {
  return spec.name == "sequence" ? name : spec.name + "_" + name;
}

void NumbersField::check_width(const Source& source, const Numbers& numbers, std::size_t width) const {
  if (numbers.width != width) {
    source.fail(fmt::format("expected {} numbers in every step, got {}", width, numbers.width));
  }
  if (spec_.one_step && numbers.steps() != 1) {
    source.fail(fmt::format("expected one vector of numbers as \"{}\", got {}", name(), numbers.steps()));
  }
}

void NumbersField::learn(const Source& source, const Cell& cell) {
  const Numbers& numbers = std::get<Numbers>(cell);
  if (numbers.steps() == 0) source.fail(empty_problem(source, cell));
  Survey& s = survey_;
  if (s.known.empty()) {
    s.known.resize(numbers.width);
    s.sum.resize(numbers.width);
    s.squares.resize(numbers.width);
    s.low.assign(numbers.width, std::numeric_limits<double>::infinity());
    s.high.assign(numbers.width, -std::numeric_limits<double>::infinity());
  }
  check_width(source, numbers, s.sum.size());
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    const std::size_t column = i % numbers.width;
    if (std::isnan(numbers.values[i])) continue;
    if (std::isinf(numbers.values[i])) {
      source.fail(fmt::format("expected finite numbers, got {} in step {}", numbers.values[i], i / numbers.width + 1));
    }
    if (s.again) {
      const double share = (numbers.values[i] - s.mean(column)) / s.range(column);
      s.squares[column] += share * share;
    } else {
      ++s.known[column];
      s.sum[column] += numbers.values[i];
      s.low[column] = std::min(s.low[column], numbers.values[i]);
      s.high[column] = std::max(s.high[column], numbers.values[i]);
    }
  }
}

bool NumbersField::finish_pass(const std::string& data) {
  if (std::ranges::find(survey_.known, 0U) != survey_.known.end()) {
    fail("{}: nothing is known of a column of the {}; expected numbers to learn from", data, name());
  }
  moments_.emplace();
  if (spec_.sound && spec_.sound->normalize == Normalize::none) {
    moments_->mean.assign(survey_.sum.size(), 0);
    moments_->scale.assign(survey_.sum.size(), 1);
    survey_ = {};
    return false;
  }
  if (!survey_.again) return survey_.again = true;
  for (std::size_t column = 0; column < survey_.sum.size(); ++column) {
    const double deviation = std::sqrt(survey_.squares[column] / static_cast<double>(survey_.known[column]));
    const double scale = 1 / (survey_.range(column) * deviation);
    // A constant column has no deviation, and its mean, rounded, need not be what it holds.
    moments_->mean.push_back(survey_.range(column) > 0 ? survey_.mean(column) : survey_.low[column]);
    moments_->scale.push_back(std::isfinite(scale) ? scale : 1);
  }
  survey_ = {};
  return false;
}

void NumbersField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const Numbers& numbers = std::get<Numbers>(cell);
  to.length = numbers.steps();
  if (to.length == 0) return;
  check_width(source, numbers, width());
  to.numbers.clear();
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    const std::size_t column = i % width();
    to.numbers.push_back((numbers.values[i] - moments_->mean[column]) * moments_->scale[column]);
    if (std::isfinite(static_cast<float>(to.numbers.back())) || std::isnan(numbers.values[i])) continue;
    source.fail(
        fmt::format("expected numbers of the size of those that the model learned from, got {}", numbers.values[i]));
  }
}

std::string NumbersField::empty_problem(const Source& /*source*/, const Cell& /*cell*/) const {
  return fmt::format("the {} is empty; expected {}", name(),
                     spec_.one_step ? "a number, or NA where nobody knows it" : "at least one step");
}

Cell NumbersField::cell(const Column& column, std::size_t record) const {
  Numbers numbers{{}, width()};
  const std::span<const float> scaled = column.numbers[record];
  for (std::size_t i = 0; i < scaled.size(); ++i) numbers.values.push_back(unscaled(scaled[i], i % width()));
  return numbers;
}

void NumbersField::write(nlohmann::json& configuration) const {
  configuration[mean_key_] = moments_->mean;
  configuration[scale_key_] = moments_->scale;
}

std::string NumbersField::describe() const {
  if (spec_.pictures) return fmt::format("picture columns of {} numbers", width());
  return width() == 1 ? "numbers" : fmt::format("vectors of {} numbers", width());
}

}  // namespace recur
