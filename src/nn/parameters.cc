#include "nn/parameters.h"

#include <cassert>
#include <utility>

#include "base/philox.h"

namespace recur {

Parameters::Id Parameters::declare(std::string name, std::size_t rows, std::size_t columns, float range,
                                   bool transposed) {
  assert(values_.empty());
  Declaration d{std::move(name), {}, range, transposed, 0, (rows == 0 ? 1 : rows) * columns};
  if (rows > 0) d.shape.push_back(static_cast<std::int64_t>(rows));
  d.shape.push_back(static_cast<std::int64_t>(columns));
  if (!declarations_.empty()) d.offset = declarations_.back().offset + declarations_.back().size;
  declarations_.push_back(std::move(d));
  return declarations_.size() - 1;
}

void Parameters::allocate() {
  const std::size_t count = declarations_.back().offset + declarations_.back().size;
  values_.assign(count, 0.0F);
  gradients_.assign(count, 0.0F);
}

void Parameters::initialise(std::uint64_t seed, std::optional<float> range) {
  for (std::size_t id = 0; id < declarations_.size(); ++id) {
    const Declaration& d = declarations_[id];
    const Random random(seed, RandomPurpose::initialise, static_cast<std::uint32_t>(id));
    const float r = range.value_or(d.range);
    for (std::size_t i = 0; i < d.size; ++i) values_[d.offset + i] = r * (2 * random.uniform(i) - 1);
  }
}

Parameter Parameters::operator[](Id id) {
  const Declaration& d = declarations_[id];
  const bool matrix = d.shape.size() == 2;
  return {values_.data() + d.offset, gradients_.data() + d.offset, matrix ? static_cast<std::size_t>(d.shape[0]) : 1,
          static_cast<std::size_t>(d.shape.back())};
}

}  // namespace recur
