#include <algorithm>
#include <cstring>

#include "base/threads.h"
#include "kernels/product.h"
#include "kernels/product_tiles.h"
#include "kernels/row_reader.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr std::size_t kPanel = PackedMatrix::kPanel;

// Rows that are packed together: the lines that two panels share stay in the first-level cache.
constexpr std::size_t kPackRows = 16;
constexpr std::size_t kPackSlice = 16384;  // floats that one thread packs at a time: fewer are not worth sharing
constexpr std::size_t kNarrow = 128;       // columns, up to which a product reads rows as fast as panels

// Copies m, which is rows of a matrix of `depth` rows, from `first` on, to its place in all panels.
void pack_rows(const ConstMatrix& m, std::size_t first, std::size_t depth, float* panels) {
  for (std::size_t column = 0; column < m.columns; column += kPanel) {
    const float* from = m.data + column;
    float* to = panels + column * depth + first * kPanel;
    const std::size_t width = std::min(kPanel, m.columns - column);
    for (std::size_t k = 0; k < m.rows; ++k, from += m.stride, to += kPanel) {
      if (width == kPanel) {
        std::memcpy(to, from, kPanel * sizeof(float));
      } else {
        std::fill(std::copy_n(from, width, to), to + kPanel, 0.0F);
      }
    }
  }
}

// The transpose of 4 by 4 numbers, rows `from_stride` and kPanel apart.
void transpose_tile(const float* from, std::size_t from_stride, float* to) {
  using Raw = Vec4::Raw;
  Raw a = Vec4::load(from).v, b = Vec4::load(from + from_stride).v;
  Raw c = Vec4::load(from + 2 * from_stride).v, d = Vec4::load(from + 3 * from_stride).v;
  const Raw ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Raw cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  Vec4(__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5)).store(to);
  Vec4(__builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7)).store(to + kPanel);
  Vec4(__builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5)).store(to + 2 * kPanel);
  Vec4(__builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)).store(to + 3 * kPanel);
}

// The transpose of at most kPanel rows of m, from `first` on, to one panel.
void pack_panel_transposed(const ConstMatrix& m, std::size_t first, float* panel) {
  const std::size_t width = std::min(kPanel, m.rows - first);
  const float* from = m.data + first * m.stride;
  const std::size_t whole = width == kPanel ? m.columns / 4 * 4 : 0;
  for (std::size_t k = 0; k < whole; k += 4)
    for (std::size_t j = 0; j < kPanel; j += 4)
      transpose_tile(from + j * m.stride + k, m.stride, panel + k * kPanel + j);
  for (std::size_t k = whole; k < m.columns; ++k)
    for (std::size_t j = 0; j < kPanel; ++j) panel[k * kPanel + j] = j < width ? from[j * m.stride + k] : 0.0F;
}

float* take_panels(std::size_t depth, std::size_t columns, Arena& arena) {
  return arena.take<float>((columns + kPanel - 1) / kPanel * kPanel, depth).data();
}

PackedMatrix pack_ranges(const ConstMatrix& m, std::span<const RowRange> rows, Arena& arena) {
  const std::size_t depth = rows_in(rows);
  float* data = take_panels(depth, m.columns, arena);
  const std::size_t together =
      std::max(kPackSlice / std::max<std::size_t>(m.columns, 1) / kPackRows, std::size_t{1}) * kPackRows;
  parallel_for((depth + together - 1) / together, [&](std::size_t slice) {
    const std::size_t last = std::min(depth, (slice + 1) * together);
    RowReader reader(m, rows);
    reader.skip(slice * together);
    for (std::size_t k = slice * together; k < last;) {
      const ConstMatrix part = reader.next(std::min(kPackRows, last - k));
      pack_rows(part, k, depth, data);
      k += part.rows;
    }
  });
  return {data, depth, m.columns};
}

// Whether ranges are equally long, at most tiles::kMostRun, and equally far apart.
bool are_even(std::span<const RowRange> rows) {
  if (rows.empty()) return false;
  const std::size_t count = rows[0].count();
  if (rows.size() > 1 && count > tiles::kMostRun) return false;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].count() != count || rows[i].first - rows[i - 1].first != rows[1].first - rows[0].first) return false;
  }
  return count > 0;
}

}  // namespace

PackedMatrix pack(const ConstMatrix& m, Arena& arena) {
  const RowRange all{0, m.rows};
  return pack_ranges(m, {&all, 1}, arena);
}

PackedMatrix pack_if_wide(const ConstMatrix& m, Arena& arena) {
  const RowRange all{0, m.rows};
  return pack_if_wide(m, {&all, 1}, arena);
}

PackedMatrix pack_if_wide(const ConstMatrix& m, std::span<const RowRange> rows, Arena& arena) {
  const bool leave = m.columns <= kNarrow && m.columns % kPanel == 0 && m.stride == m.columns;
  if (!leave || !are_even(rows)) return pack_ranges(m, rows, arena);
  PackedMatrix left{m.data + rows[0].first * m.stride, rows_in(rows), m.columns, m.stride};
  if (rows.size() > 1) {
    left.run = rows[0].count();
    left.gap = (rows[1].first - rows[0].last) * m.stride;
  }
  return left;
}

PackedMatrix pack_transposed(const ConstMatrix& m, Arena& arena) {
  return pack_transposed_into(m, take_panels(m.columns, m.rows, arena));
}

PackedMatrix pack_transposed_into(const ConstMatrix& m, float* panels) {
  const std::size_t count = (m.rows + kPanel - 1) / kPanel;
  const std::size_t together = std::max(kPackSlice / kPanel / std::max<std::size_t>(m.columns, 1), std::size_t{1});
  parallel_for((count + together - 1) / together, [&](std::size_t slice) {
    for (std::size_t p = slice * together; p < std::min(count, (slice + 1) * together); ++p) {
      pack_panel_transposed(m, p * kPanel, panels + p * m.columns * kPanel);
    }
  });
  return {panels, m.columns, m.rows};
}

}  // namespace recur
