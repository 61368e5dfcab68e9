// Sequences of steps that have as many numbers each, of whatever kind they are.
#pragma once

#include <cstddef>

#include "data/field.h"

namespace recur {

class StepsField : public Field {
 public:
  using Field::Field;

  // Numbers of a step as it is encoded, and laid out in batches.
  virtual std::size_t width() const = 0;

  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override {
    return column.numbers[record].size() / width();
  }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
};

}  // namespace recur
