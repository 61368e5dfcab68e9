// Drawings as the way of a pen.
#pragma once

#include <optional>

#include "data/steps_field.h"

namespace recur {

// What a pen does after a step: it draws on; it is lifted, and the next line is not drawn; the drawing ends.
enum class Pen { draws, lifts, ends };
inline constexpr std::size_t kPens = 3;

// Numbers of a step: how far the pen goes, right and down, divided by the deviation from 0 of all such numbers of the
// training data; and a Pen.
inline constexpr std::size_t kPenNumbers = 3;

class StrokesField : public StepsField {
 public:
  StrokesField(const FieldSpec& spec, std::optional<double> deviation)
      : StepsField(spec, CellKind::numbers), deviation_(deviation) {}

  static std::string key_of(const FieldSpec& spec) { return spec.name + "_deviation"; }
  static double read(const FieldSpec& spec, const nlohmann::json& configuration);
  double deviation() const { return *deviation_; }

  std::size_t width() const override { return kPenNumbers; }
  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  std::optional<double> deviation_;
  double squares_ = 0;
  std::size_t count_ = 0;
};

}  // namespace recur
