#include "kernels/product.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/threads.h"
#include "recur/simd.h"

namespace recur {
namespace {

constexpr std::size_t kPanel = PackedMatrix::kPanel;
constexpr std::size_t kMostRows = 6;  // rows of a register tile
constexpr std::size_t kDepthBlock =
    512;                               // a panel's block of depth stays in the first-level cache beside the tile's rows
constexpr std::size_t kRowSlice = 96;  // rows of A that one slice keeps in the second-level cache

// A register tile: `Rows` rows by `Panels` panels. A is read as rows (a + r * stride + k), or, when packed, as
// [depth, Rows].
template <class V, std::size_t Rows, std::size_t Panels, bool PackedA>
struct Tile {
  static constexpr std::size_t kVectors = Panels * kPanel / V::kLanes;

  // Sums start from `start`, rows `start_stride` apart, or from zero when it is null.
  static void multiply(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, std::size_t depth,
                       const float* start, std::size_t start_stride, float* c, std::size_t c_stride) {
    V sum[Rows][kVectors];
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        sum[r][v] = start == nullptr ? V(0.0F) : V::load(start + r * start_stride + v * V::kLanes);
      }
    }
    const float* row[Rows];
    for (std::size_t r = 0; r < Rows; ++r) row[r] = PackedA ? a + r : a + r * a_stride;
    for (std::size_t k = 0; k < depth; ++k) {
      V column[kVectors];
      for (std::size_t v = 0; v < kVectors; ++v) {
        constexpr std::size_t kInPanel = kPanel / V::kLanes;
        column[v] = V::load(b + (v / kInPanel) * b_stride + k * kPanel + (v % kInPanel) * V::kLanes);
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

struct Block {
  const float* a;
  std::size_t a_stride, rows, depth;
  const float* b;  // the first panel
  std::size_t b_stride, columns;
  const float* start;  // what the sums start from: rows `start_stride` apart (0: one row for all); null for zero
  std::size_t start_stride;
  float* c;
  std::size_t c_stride;

  // The part of `count` rows from `row` on and `width` columns from `column` on, a multiple of a panel.
  Block part(std::size_t row, std::size_t count, std::size_t column, std::size_t width) const {
    Block x = *this;
    x.a += row * a_stride;
    x.rows = count;
    x.b += column / kPanel * b_stride;
    x.columns = width;
    if (start != nullptr) x.start += row * start_stride + column;
    x.c += row * c_stride + column;
    return x;
  }
};

// All columns of one tile of rows.
template <class V, std::size_t Rows, bool PackedA>
void tile_row(const Block& x) {
  constexpr std::size_t kPanels = panels_for<V>(Rows);
  const auto multiply = [&]<std::size_t Panels>(std::size_t column, std::integral_constant<std::size_t, Panels>) {
    const float* start = x.start == nullptr ? nullptr : x.start + column;
    Tile<V, Rows, Panels, PackedA>::multiply(x.a, x.a_stride, x.b + column / kPanel * x.b_stride, x.b_stride, x.depth,
                                             start, x.start_stride, x.c + column, x.c_stride);
  };
  std::size_t column = 0;
  for (; column + kPanels * kPanel <= x.columns; column += kPanels * kPanel) {
    multiply(column, std::integral_constant<std::size_t, kPanels>());
  }
  if constexpr (kPanels > 1) {
    for (; column + kPanel <= x.columns; column += kPanel) multiply(column, std::integral_constant<std::size_t, 1>());
  }
  if (column == x.columns) return;
  float padded[Rows * kPanel] = {};
  const std::size_t rest = x.columns - column;
  for (std::size_t r = 0; x.start != nullptr && r < Rows; ++r) {
    std::copy_n(x.start + r * x.start_stride + column, rest, padded + r * kPanel);
  }
  Tile<V, Rows, 1, PackedA>::multiply(x.a, x.a_stride, x.b + column / kPanel * x.b_stride, x.b_stride, x.depth, padded,
                                      kPanel, padded, kPanel);
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

// Rows are cut into tiles as equal as can be: 7 rows are 4 and 3, not 6 and 1.
template <class Visit>
void for_row_tiles(std::size_t rows, std::size_t most, const Visit& visit) {
  const std::size_t tiles = (rows + most - 1) / most;
  for (std::size_t t = 0, first = 0; t < tiles; ++t) {
    const std::size_t last = rows * (t + 1) / tiles;
    visit(first, last - first);
    first = last;
  }
}

// Columns that stay in the first-level cache while all row tiles pass them: as few as the widest tile takes.
template <class V>
std::size_t group_columns(std::size_t rows) {
  return kPanel * (rows <= 2 ? panels_for<V>(1) : panels_for<V>(most_rows<V>()));
}

struct RowsKernel {
  template <class V>
  static void run(const Block& x) {
    const std::size_t group = group_columns<V>(x.rows);
    for (std::size_t column = 0; column < x.columns; column += group) {
      for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
        tile_row_of<V, false>(rows, x.part(first, rows, column, std::min(group, x.columns - column)));
      });
    }
  }
};

// Copies `Rows` columns of A [depth, .] to [depth, Rows].
template <std::size_t Rows = kMostRows>
void pack_columns(std::size_t rows, const float* a, std::size_t stride, std::size_t depth, float* to) {
  if constexpr (Rows > 0) {
    if (rows != Rows) return pack_columns<Rows - 1>(rows, a, stride, depth, to);
    for (std::size_t k = 0; k < depth; ++k, a += stride, to += Rows) {
      for (std::size_t r = 0; r < Rows; ++r) to[r] = a[r];
    }
  }
}

// A^T B: A's columns are first copied tile by tile into [depth, rows of the tile].
struct TransposedKernel {
  template <class V>
  static void run(const Block& x, float* packed) {
    for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
      pack_columns(rows, x.a + first, x.a_stride, x.depth, packed + first * x.depth);
    });
    const std::size_t group = group_columns<V>(x.rows);
    for (std::size_t column = 0; column < x.columns; column += group) {
      for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
        Block part = x.part(first, rows, column, std::min(group, x.columns - column));
        part.a = packed + first * x.depth;
        tile_row_of<V, true>(rows, part);
      });
    }
  }
};

struct ColumnSums {
  template <class V>
  static void run(const ConstMatrix& m, std::size_t first, std::size_t last, float* sums) {
    std::size_t j = first;
    for (; j + kPanel <= last; j += kPanel) {
      V sum[kPanel / V::kLanes];
      for (std::size_t v = 0; v < kPanel / V::kLanes; ++v) sum[v] = V::load(sums + j + v * V::kLanes);
      for (std::size_t r = 0; r < m.rows; ++r)
        for (std::size_t v = 0; v < kPanel / V::kLanes; ++v)
          sum[v] = sum[v] + V::load(m.data + r * m.stride + j + v * V::kLanes);
      for (std::size_t v = 0; v < kPanel / V::kLanes; ++v) sum[v].store(sums + j + v * V::kLanes);
    }
    for (; j < last; ++j)
      for (std::size_t r = 0; r < m.rows; ++r) sums[j] += m.data[r * m.stride + j];
  }
};

template <class PackPanel>
PackedMatrix pack_panels(std::size_t depth, std::size_t columns, float* data, const PackPanel& pack_panel) {
  const std::size_t panels = (columns + kPanel - 1) / kPanel;
  constexpr std::size_t kSlice = 8;
  parallel_for((panels + kSlice - 1) / kSlice, [&](std::size_t slice) {
    for (std::size_t p = slice * kSlice; p < std::min(panels, (slice + 1) * kSlice); ++p) {
      pack_panel(p * kPanel, std::min(kPanel, columns - p * kPanel), data + p * depth * kPanel);
    }
  });
  return {data, depth, columns};
}

float* take_panels(std::size_t depth, std::size_t columns, Arena& arena) {
  return arena.take<float>((columns + kPanel - 1) / kPanel * kPanel * depth).data();
}

}  // namespace

PackedMatrix pack(const ConstMatrix& m, Arena& arena) {
  float* data = take_panels(m.rows, m.columns, arena);
  return pack_panels(m.rows, m.columns, data, [&](std::size_t first, std::size_t width, float* panel) {
    for (std::size_t k = 0; k < m.rows; ++k, panel += kPanel) {
      std::copy_n(m.data + k * m.stride + first, width, panel);
      std::fill(panel + width, panel + kPanel, 0.0F);
    }
  });
}

PackedMatrix pack_transposed(const ConstMatrix& m, Arena& arena) {
  return pack_transposed_into(m, take_panels(m.columns, m.rows, arena));
}

PackedMatrix pack_transposed_into(const ConstMatrix& m, float* panels) {
  return pack_panels(m.columns, m.rows, panels, [&](std::size_t first, std::size_t width, float* panel) {
    for (std::size_t j = 0; j < kPanel; ++j) {
      for (std::size_t k = 0; k < m.columns; ++k) {
        panel[k * kPanel + j] = j < width ? m.data[(first + j) * m.stride + k] : 0.0F;
      }
    }
  });
}

void multiply_block(const ConstMatrix& a, const PackedMatrix& b, std::size_t first_panel, std::size_t panels,
                    const ProductStart& start, float* c, std::size_t c_stride) {
  const std::size_t columns = std::min(panels * kPanel, b.columns - first_panel * kPanel);
  Block block{a.data, a.stride, a.rows, 0, b.panel(first_panel), b.depth * kPanel, columns, c, c_stride, c, c_stride};
  if (start.from == ProductStart::From::zero) block.start = nullptr;
  if (start.from == ProductStart::From::bias) {
    block.start = start.bias + first_panel * kPanel;
    block.start_stride = 0;
  }
  for (std::size_t k = 0; k < a.columns; k += kDepthBlock) {
    block.a = a.data + k;
    block.b = b.panel(first_panel) + k * kPanel;
    block.depth = std::min(kDepthBlock, a.columns - k);
    dispatch<RowsKernel>(block);
    block.start = c;  // the rest of the depth goes on from there
    block.start_stride = c_stride;
  }
}

void multiply(const ConstMatrix& a, const PackedMatrix& b, const ProductStart& start, const Matrix& c) {
  if (a.rows == 0) return;
  parallel_slices(a.rows, kRowSlice, [&](std::size_t first, std::size_t last) {
    const ConstMatrix rows{a.data + first * a.stride, last - first, a.columns, a.stride};
    multiply_block(rows, b, 0, b.panels(), start, c.data + first * c.stride, c.stride);
  });
}

void accumulate_transposed(const ConstMatrix& a, const ConstMatrix& b, const Matrix& c, Arena& scratch) {
  if (a.rows == 0) return;
  const PackedMatrix packed = pack(b, scratch);
  const std::span<float> tiles = scratch.take<float>(kDepthBlock * a.columns);
  parallel_slices(a.columns, kRowSlice, [&](std::size_t first, std::size_t last) {
    float* c_rows = c.data + first * c.stride;
    for (std::size_t k = 0; k < a.rows; k += kDepthBlock) {
      dispatch<TransposedKernel>(
          Block{a.data + k * a.stride + first, a.stride, last - first, std::min(kDepthBlock, a.rows - k),
                packed.data + k * kPanel, packed.depth * kPanel, packed.columns, c_rows, c.stride, c_rows, c.stride},
          tiles.data() + first * kDepthBlock);
    }
  });
}

void accumulate_column_sums(const ConstMatrix& m, float* sums) {
  constexpr std::size_t kSlice = 8 * kPanel;
  parallel_for((m.columns + kSlice - 1) / kSlice, [&](std::size_t slice) {
    dispatch<ColumnSums>(m, slice * kSlice, std::min(m.columns, (slice + 1) * kSlice), sums);
  });
}

}  // namespace recur
