#include "measures/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/arena.h"

namespace recur {
namespace {

std::vector<double> column_means(const ConstMatrix& m) {
  std::vector<double> means(m.columns);
  for (std::size_t row = 0; row < m.rows; ++row) {
    for (std::size_t k = 0; k < m.columns; ++k) means[k] += static_cast<double>(m.data[row * m.stride + k]);
  }
  for (double& mean : means) mean /= static_cast<double>(m.rows);
  return means;
}

// Rows [first, first + count) less the means, each of length 1 unless it is 0.
std::vector<float> centred(const ConstMatrix& m, std::size_t first, std::size_t count,
                           const std::vector<double>& means) {
  std::vector<float> rows(count * m.columns);
  for (std::size_t i = 0; i < count; ++i) {
    const float* const from = m.data + (first + i) * m.stride;
    double squares = 0;
    for (std::size_t k = 0; k < m.columns; ++k) squares += std::pow(static_cast<double>(from[k]) - means[k], 2);
    const double scale = squares == 0 ? 0 : 1 / std::sqrt(squares);
    for (std::size_t k = 0; k < m.columns; ++k) {
      rows[i * m.columns + k] = static_cast<float>((static_cast<double>(from[k]) - means[k]) * scale);
    }
  }
  return rows;
}

}  // namespace

std::vector<std::size_t> nearest_rows(const ConstMatrix& known, const ConstMatrix& asked) {
  constexpr std::size_t kBlock = 1024;  // known rows that are compared at once
  const std::size_t width = known.columns;
  const std::vector<double> means = column_means(known);
  const std::vector<float> questions = centred(asked, 0, asked.rows, means);
  std::vector<std::size_t> nearest(asked.rows);
  std::vector<float> highest(asked.rows, -std::numeric_limits<float>::infinity());
  std::vector<float> cosines(asked.rows * kBlock);
  Arena arena;
  for (std::size_t first = 0; first < known.rows; first += kBlock) {
    const std::size_t count = std::min(kBlock, known.rows - first);
    const std::vector<float> block = centred(known, first, count, means);
    arena.rewind();
    const PackedMatrix packed = pack_transposed({block.data(), count, width, width}, arena);
    multiply({questions.data(), asked.rows, width, width}, packed, {ProductStart::From::zero},
             {cosines.data(), asked.rows, count, kBlock});
    for (std::size_t row = 0; row < asked.rows; ++row) {
      const float* const begin = cosines.data() + row * kBlock;
      const float* const best = std::max_element(begin, begin + count);
      if (*best <= highest[row]) continue;
      highest[row] = *best;
      nearest[row] = first + static_cast<std::size_t>(best - begin);
    }
  }
  return nearest;
}

std::vector<std::string> nearest_captions(const ConstMatrix& known, std::span<const std::string> captions,
                                          const ConstMatrix& asked) {
  std::vector<std::string> nearest;
  for (const std::size_t row : nearest_rows(known, asked)) nearest.push_back(captions[row]);
  return nearest;
}

}  // namespace recur
