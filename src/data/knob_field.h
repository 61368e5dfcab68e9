// Where a knob of a device stood in each record: one number, scaled so that the training data has it from -1 to 1.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "data/field.h"
#include "recur/types/record.h"

namespace recur {

class KnobField : public Field {
 public:
  struct Range {
    double low = 0, high = 0;  // low < high
  };
  KnobField(const FieldSpec& spec, std::optional<Range> range)
      : Field(spec, CellKind::number), key_(key_of(spec)), range_(range) {}

  // Under which write() has its range.
  static std::string key_of(const FieldSpec& spec) { return spec.name + "_range"; }
  // What such a field wrote. Throws Error for whatever that cannot be.
  static Range read(const FieldSpec& spec, const nlohmann::json& configuration);

  KnobRange range() const { return {name(), range_->low, range_->high}; }
  // A value as layers read it, which is not finite where the value is too far from the range.
  float scaled(double value) const {
    return static_cast<float>(2 * ((value - range_->low) / (range_->high - range_->low)) - 1);
  }
  // Whether a value, or that of a record, lies in the range.
  bool covers(double value) const { return value >= range_->low && value <= range_->high; }
  bool covers(const Column& column, std::size_t record) const { return std::abs(column.numbers[record].front()) <= 1; }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool is_sequence() const override { return false; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& /*column*/, std::size_t /*record*/) const override { return 0; }
  // In the batch's order.
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  std::string key_;
  std::optional<Range> range_;  // while it learns, of what it has seen
};

// The knob of that name. Throws Error, with the names that there are, where it is none.
std::size_t knob_named(std::span<const KnobField* const> knobs, std::string_view name);
// Where a knob is to stand, as layers read it. Throws Error for what is no finite number, or far too large a one.
float checked_knob(const KnobField& knob, double value);

}  // namespace recur
