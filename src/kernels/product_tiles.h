// Register tiles, from which matrix products are made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/product.h"
#include "recur/types/simd.h"

namespace recur::tiles {

inline constexpr std::size_t kPanel = PackedMatrix::kPanel;
inline constexpr std::size_t kMostRows = 6;   // rows of a register tile
inline constexpr std::size_t kLine = 16;      // floats of a line of cache
inline constexpr std::size_t kBlock = 73728;  // floats of A that stay in the second-level cache
// The part of the depth that is worked through at once: its panels stay in a near cache while all tiles of rows pass.
inline constexpr std::size_t kDepthBlock = 1024;
// Rows of an unpacked B that may lie between two gaps.
inline constexpr std::size_t kMostRun = 512;

// A register tile: `Rows` rows by `Panels` panels. A is read as rows (a + r * stride + k), or, when packed, as
// [depth, Rows].
template <class V, std::size_t Rows, std::size_t Panels, bool PackedA>
struct Tile {
  static constexpr std::size_t kVectors = Panels * kPanel / V::kLanes;

  // Panels of B are `b_stride` floats apart, their rows `b_row`, and after every `run` rows a gap is left out. Sums
  // start from `start`, rows `start_stride` apart, or from zero when it is null. `ahead` are lines that the
  // second-level cache shall have next, `ahead_step` floats apart.
  static void multiply(const float* a, std::size_t a_stride, const float* b, const float* ahead, std::size_t ahead_step,
                       std::size_t b_stride, std::size_t b_row, std::size_t run, std::size_t gap, std::size_t depth,
                       const float* start, std::size_t start_stride, float* c, std::size_t c_stride) {
    V sum[Rows][kVectors];
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        sum[r][v] = start == nullptr ? V(0.0F) : V::load(start + r * start_stride + v * V::kLanes);
      }
    }
    const float* row[Rows];
    for (std::size_t r = 0; r < Rows; ++r) row[r] = PackedA ? a + r : a + r * a_stride;
    for (std::size_t k = 0, rest = run; k < depth; ++k, --rest) {
      if (rest == 0) {
        b += gap;
        rest = run;
      }
      V column[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) {
        constexpr std::size_t kInPanel = kPanel / V::kLanes;
        column[v] = V::load(b + (v / kInPanel) * b_stride + k * b_row + (v % kInPanel) * V::kLanes);
      }
      if constexpr (Rows > 2) {  // with fewer the loads are what takes time
        for (std::size_t p = 0; p < Panels; ++p) __builtin_prefetch(ahead + p * b_stride + k * ahead_step, 0, 2);
      }
      for (std::size_t r = 0; r < Rows; ++r) {
        const V value(row[r][PackedA ? k * Rows : k]);
        for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = fma(value, column[v], sum[r][v]);
      }
    }
    for (std::size_t r = 0; r < Rows; ++r)
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v].store(c + r * c_stride + v * V::kLanes);
  }
};

// How many rows a tile has at most, and how many panels beside a number of rows: as many sums as registers hold, and
// enough of them, for few rows, to hide the latency of a fused multiply-add.
template <class V>
constexpr std::size_t most_rows() {
  return V::kLanes == 4 ? 3 : kMostRows;
}
template <class V>
constexpr std::size_t panels_for(std::size_t rows) {
  if (V::kLanes == 16) return 4;
  if (V::kLanes == 8) return rows == 1 ? 4 : (rows == 2 ? 2 : 1);
  return 1;
}

// How many rows of A, of a block of depth, stay in the second-level cache.
constexpr std::size_t row_block(std::size_t depth) {
  return std::min(kBlock / std::clamp<std::size_t>(depth, 1, kDepthBlock) / kMostRows * kMostRows, kProductRows);
}

struct Block {
  const float* a;
  std::size_t a_stride, rows, depth;
  const float* b;  // the first panel
  std::size_t b_stride, b_row, b_run, b_gap, columns;
  const float* start;  // what the sums start from: rows `start_stride` apart (0: one row for all); null for zero
  std::size_t start_stride;
  float* c;
  std::size_t c_stride;
  const float* ahead = nullptr;  // see Tile::multiply
  std::size_t ahead_step = kPanel;

  // The part of `count` rows from `row` on and `width` columns from `column` on, a multiple of a panel. Nothing lies
  // ahead of it but its own panels.
  Block part(std::size_t row, std::size_t count, std::size_t column, std::size_t width) const {
    Block x = *this;
    x.a += row * a_stride;
    x.rows = count;
    x.b += column / kPanel * b_stride;
    x.ahead = x.b;
    x.columns = width;
    if (start != nullptr) x.start += row * start_stride + column;
    x.c += row * c_stride + column;
    return x;
  }
};

// All columns of one tile of rows.
template <class V, std::size_t Rows, bool PackedA>
void tile_row(const Block& x) {
  const auto multiply = [&]<std::size_t Panels>(std::size_t column, const float* start, std::size_t start_stride,
                                                float* c, std::size_t c_stride,
                                                std::integral_constant<std::size_t, Panels>) {
    const std::size_t panel = column / kPanel * x.b_stride;
    Tile<V, Rows, Panels, PackedA>::multiply(x.a, x.a_stride, x.b + panel, x.ahead + panel, x.ahead_step, x.b_stride,
                                             x.b_row, x.b_run, x.b_gap, x.depth, start, start_stride, c, c_stride);
  };
  std::size_t column = 0;
  // As many tiles of so many panels as there is room for, then of half as many.
  const auto multiply_whole = [&](const auto& self, auto panels) -> void {
    for (; column + panels * kPanel <= x.columns; column += panels * kPanel) {
      const float* start = x.start == nullptr ? nullptr : x.start + column;
      multiply(column, start, x.start_stride, x.c + column, x.c_stride, panels);
    }
    if constexpr (panels > 1) self(self, std::integral_constant<std::size_t, panels / 2>());
  };
  multiply_whole(multiply_whole, std::integral_constant<std::size_t, panels_for<V>(Rows)>());
  if (column == x.columns) return;
  float padded[Rows * kPanel] = {};
  const std::size_t rest = x.columns - column;
  for (std::size_t r = 0; x.start != nullptr && r < Rows; ++r) {
    std::copy_n(x.start + r * x.start_stride + column, rest, padded + r * kPanel);
  }
  multiply(column, padded, kPanel, padded, kPanel, std::integral_constant<std::size_t, 1>());
  for (std::size_t r = 0; r < Rows; ++r) std::copy_n(padded + r * kPanel, rest, x.c + r * x.c_stride + column);
}

template <class V, bool PackedA, std::size_t Rows = most_rows<V>()>
void tile_row_of(std::size_t rows, const Block& x) {
  if constexpr (Rows > 0) {
    if (rows == Rows) {
      tile_row<V, Rows, PackedA>(x);
    } else {
      tile_row_of<V, PackedA, Rows - 1>(rows, x);
    }
  }
}

// Calls visit(first, count) for pieces of `rows`, at most `most` each and as equal as can be: 7 are 4 and 3, not 6 and
// 1.
template <class Visit>
void for_pieces(std::size_t rows, std::size_t most, const Visit& visit) {
  const std::size_t pieces = (rows + most - 1) / most;
  for (std::size_t i = 0, first = 0; i < pieces; ++i) {
    const std::size_t last = rows * (i + 1) / pieces;
    visit(first, last - first);
    first = last;
  }
}

// Every tile of a block whose depth is at most kDepthBlock. The group of columns that the tiles of rows pass together
// stays in a near cache: it is as narrow as the widest tile. Meanwhile each tile fetches its share of the panels of the
// next group, if they are packed.
template <class V, bool PackedA>
void all_tiles(const Block& x) {
  const std::size_t group = kPanel * (x.rows <= 2 ? panels_for<V>(1) : panels_for<V>(most_rows<V>()));
  const std::size_t tiles = (x.rows + most_rows<V>() - 1) / most_rows<V>();
  const std::size_t step = (kPanel + tiles - 1) / tiles;
  for (std::size_t column = 0; column < x.columns; column += group) {
    const bool last = column + group >= x.columns || x.b_row != kPanel;
    const float* ahead = x.b + (column + group) / kPanel * x.b_stride;
    for_pieces(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
      Block part = x.part(first, rows, column, std::min(group, x.columns - column));
      if constexpr (PackedA) part.a = x.a + first * x.depth;
      if (!last) {
        part.ahead = ahead;
        part.ahead_step = step;
        ahead += x.depth * step;
      }
      tile_row_of<V, PackedA>(rows, part);
    });
  }
}

}  // namespace recur::tiles
