#include "data/steps_field.h"

#include <algorithm>

namespace recur {

void StepsField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t most, bool /*texts*/, Column& to) const {
  const std::size_t kept = std::min(most, encoded.length) * width();
  std::vector<float> numbers;
  for (std::size_t i = 0; i < kept; ++i) numbers.push_back(static_cast<float>(encoded.numbers[i]));
  to.numbers.add(numbers);
}

void StepsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.numbers, records, to, to.numbers, width());
}

}  // namespace recur
