#include "nn/parameters.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/philox.h"

namespace recur {

Parameters::Id Parameters::declare(std::string name, std::size_t rows, std::size_t columns,
                                   const InitialValues& initial, bool transposed) {
  assert(values_.empty());
  Declaration d{std::move(name), {}, initial, transposed, 0, 0, {}, false};
  if (!declarations_.empty()) d.offset = declarations_.back().offset + declarations_.back().size;
  std::size_t end = 0;
  if (__builtin_mul_overflow(rows == 0 ? 1 : rows, columns, &d.size) ||
      __builtin_add_overflow(d.offset, d.size, &end) || end > values_.max_size()) {
    throw std::bad_array_new_length();
  }
  if (rows > 0) d.shape.push_back(static_cast<std::int64_t>(rows));
  d.shape.push_back(static_cast<std::int64_t>(columns));
  declarations_.push_back(std::move(d));
  return declarations_.size() - 1;
}

void Parameters::allocate() {
  const std::size_t count = declarations_.back().offset + declarations_.back().size;
  values_.assign(count, 0.0F);
  gradients_ = std::make_unique<float[]>(count);
}

Parameters Parameters::with_own_gradients() const {
  Parameters copy;
  copy.declarations_ = declarations_;
  copy.values_ = values_;
  copy.gradients_ = std::make_unique<float[]>(values_.size());
  return copy;
}

void Parameters::shift_start(Id id, std::size_t first, std::size_t count, float shift) {
  shifts_.push_back({id, first, count, shift});
}

namespace {

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Rows of random directions made orthonormal one after the other (Gram & Schmidt, twice for accuracy); `wide` is at
// least `count`.
std::vector<double> orthonormal_rows(std::size_t count, std::size_t wide, const Random& random,
                                     std::uint64_t position) {
  std::vector<double> rows(count * wide);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = random.normal(position + i);
  for (std::size_t r = 0; r < count; ++r) {
    double* row = &rows[r * wide];
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t earlier = 0; earlier < r; ++earlier) {
        const double* other = &rows[earlier * wide];
        const double share = dot(row, other, wide);
        for (std::size_t i = 0; i < wide; ++i) row[i] -= share * other[i];
      }
      const double length = std::sqrt(dot(row, row, wide));
      for (std::size_t i = 0; i < wide; ++i) row[i] /= length;
    }
  }
  return rows;
}

// One block of a weight, [rows, columns].
void start_block(InitialValues::Kind kind, std::size_t rows, std::size_t columns, const Random& random,
                 std::uint64_t position, float* to) {
  if (kind == InitialValues::Kind::identity) {
    std::fill_n(to, rows * columns, 0.0F);
    for (std::size_t i = 0; i < std::min(rows, columns); ++i) to[i * columns + i] = 1;
    return;
  }
  const bool tall = rows > columns;
  const std::vector<double> q = orthonormal_rows(std::min(rows, columns), std::max(rows, columns), random, position);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      to[r * columns + c] = static_cast<float>(tall ? q[c * rows + r] : q[r * columns + c]);
    }
  }
}

}  // namespace

void Parameters::initialise(std::uint64_t seed, std::optional<float> range) {
  for (std::size_t id = 0; id < declarations_.size(); ++id) {
    const Declaration& d = declarations_[id];
    const Random random(seed, RandomPurpose::initialise, static_cast<std::uint32_t>(id));
    float* to = values_.data() + d.offset;
    const bool by_range = range && !d.initial.fixed;
    if (by_range || d.initial.kind == InitialValues::Kind::uniform) {
      const float low = by_range ? -*range : d.initial.low;
      const float high = by_range ? *range : d.initial.high;
      for (std::size_t i = 0; i < d.size; ++i) to[i] = low + (high - low) * random.uniform(i);
    } else {
      const auto columns = static_cast<std::size_t>(d.shape.back());
      const std::size_t block = d.initial.block_rows * columns;
      for (std::size_t i = 0; i < d.size; i += block) {
        start_block(d.initial.kind, d.initial.block_rows, columns, random, i, to + i);
      }
    }
  }
  for (const Shift& shift : shifts_) {
    float* to = values_.data() + declarations_[shift.id].offset + shift.first;
    for (std::size_t i = 0; i < shift.count; ++i) to[i] += shift.by;
  }
}

std::pair<std::size_t, std::size_t> Parameters::extents(const Declaration& d) {
  if (d.shape.size() == 1) return {d.size, 1};
  const auto rows = static_cast<std::size_t>(d.shape.front()), columns = static_cast<std::size_t>(d.shape.back());
  return d.transposed ? std::pair(columns, rows) : std::pair(rows, columns);
}

void Parameters::name_rows(Id id, const std::string& vocabulary, bool columns_too) {
  declarations_[id].vocabulary = vocabulary;
  declarations_[id].columns_too = columns_too;
}

void Parameters::name_one_hot_rows(Id first, const std::string& vocabulary) {
  for (Id id = first; id < declarations_.size(); ++id) {
    if (declarations_[id].transposed) name_rows(id, vocabulary);
  }
}

Parameter Parameters::operator[](Id id) const {
  const Declaration& d = declarations_[id];
  const auto columns = static_cast<std::size_t>(d.shape.back());
  return {values_.data() + d.offset, gradients_.get() + d.offset, d.size / columns, columns};
}

Matrix Parameters::matrix(Id id) {
  const Parameter p = (*this)[id];
  return {values_.data() + declarations_[id].offset, p.rows, p.columns, p.columns};
}

}  // namespace recur
