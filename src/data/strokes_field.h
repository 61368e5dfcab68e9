// Drawings as the way of a pen.
#pragma once

#include <optional>

#include "data/field.h"

namespace recur {

// What a pen does after a step: it draws on; it is lifted, and the next line is not drawn; the drawing ends.
enum class Pen { draws, lifts, ends };
inline constexpr std::size_t kPens = 3;

// Numbers of a step: how far the pen goes, right and down, divided by the deviation from 0 of all such numbers of the
// training data; and a Pen.
inline constexpr std::size_t kPenNumbers = 3;

class StrokesField : public Field {
 public:
  StrokesField(const FieldSpec& spec, std::optional<double> deviation)
      : Field(spec, CellKind::numbers), deviation_(deviation) {}

  static std::string key_of(const FieldSpec& spec) { return spec.name + "_deviation"; }
  static double read(const FieldSpec& spec, const nlohmann::json& configuration);
  double deviation() const { return *deviation_; }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override {
    return column.numbers[record].size() / kPenNumbers;
  }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  std::optional<double> deviation_;
  double squares_ = 0;
  std::size_t count_ = 0;
};

}  // namespace recur
