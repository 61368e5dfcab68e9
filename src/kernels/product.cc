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

  static void multiply(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, std::size_t depth,
                       float* c, std::size_t c_stride) {
    V sum[Rows][kVectors];
    for (std::size_t r = 0; r < Rows; ++r)
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = V::load(c + r * c_stride + v * V::kLanes);
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
  float* c;
  std::size_t c_stride;
};

// All columns of one tile of rows.
template <class V, std::size_t Rows, bool PackedA>
void tile_row(const Block& x) {
  constexpr std::size_t kPanels = panels_for<V>(Rows);
  std::size_t column = 0;
  const float* b = x.b;
  for (; column + kPanels * kPanel <= x.columns; column += kPanels * kPanel, b += kPanels * x.b_stride) {
    Tile<V, Rows, kPanels, PackedA>::multiply(x.a, x.a_stride, b, x.b_stride, x.depth, x.c + column, x.c_stride);
  }
  if constexpr (kPanels > 1) {
    for (; column + kPanel <= x.columns; column += kPanel, b += x.b_stride) {
      Tile<V, Rows, 1, PackedA>::multiply(x.a, x.a_stride, b, x.b_stride, x.depth, x.c + column, x.c_stride);
    }
  }
  if (column == x.columns) return;
  float padded[Rows * kPanel] = {};
  const std::size_t rest = x.columns - column;
  for (std::size_t r = 0; r < Rows; ++r) std::copy_n(x.c + r * x.c_stride + column, rest, padded + r * kPanel);
  Tile<V, Rows, 1, PackedA>::multiply(x.a, x.a_stride, b, x.b_stride, x.depth, padded, kPanel);
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

// One panel group stays in the first-level cache while all row tiles pass it.
struct RowsKernel {
  template <class V>
  static void run(const Block& x) {
    constexpr std::size_t kGroup = V::kLanes == 4 ? kPanel : 4 * kPanel;
    for (std::size_t column = 0; column < x.columns; column += kGroup) {
      for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
        Block part = x;
        part.a += first * x.a_stride;
        part.b += column / kPanel * x.b_stride;
        part.columns = std::min(kGroup, x.columns - column);
        part.c += first * x.c_stride + column;
        tile_row_of<V, false>(rows, part);
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
    constexpr std::size_t kGroup = V::kLanes == 4 ? kPanel : 4 * kPanel;
    for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
      pack_columns(rows, x.a + first, x.a_stride, x.depth, packed + first * x.depth);
    });
    for (std::size_t column = 0; column < x.columns; column += kGroup) {
      for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
        Block part = x;
        part.a = packed + first * x.depth;
        part.b += column / kPanel * x.b_stride;
        part.columns = std::min(kGroup, x.columns - column);
        part.c += first * x.c_stride + column;
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

void start_rows(const ProductStart& start, std::size_t rows, std::size_t columns, float* c, std::size_t c_stride) {
  if (start.from == ProductStart::From::result) return;
  for (std::size_t r = 0; r < rows; ++r) {
    if (start.from == ProductStart::From::bias) {
      std::copy_n(start.bias, columns, c + r * c_stride);
    } else {
      std::fill_n(c + r * c_stride, columns, 0.0F);
    }
  }
}

// Slices of work: small enough for a few a thread, large enough that a slice's panels are used often.
std::size_t rows_per_slice(std::size_t rows) {
  const std::size_t wanted = (rows + 7) / 8;
  return std::clamp((wanted + kMostRows - 1) / kMostRows * kMostRows, 4 * kMostRows, kRowSlice);
}

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
  start_rows({start.from, start.bias == nullptr ? nullptr : start.bias + first_panel * kPanel}, a.rows, columns, c,
             c_stride);
  for (std::size_t k = 0; k < a.columns; k += kDepthBlock) {
    dispatch<RowsKernel>(Block{a.data + k, a.stride, a.rows, std::min(kDepthBlock, a.columns - k),
                               b.panel(first_panel) + k * kPanel, b.depth * kPanel, columns, c, c_stride});
  }
}

void multiply(const ConstMatrix& a, const PackedMatrix& b, const ProductStart& start, const Matrix& c) {
  if (a.rows == 0) return;
  const std::size_t step = rows_per_slice(a.rows);
  parallel_for((a.rows + step - 1) / step, [&](std::size_t slice) {
    const std::size_t first = slice * step;
    const ConstMatrix rows{a.data + first * a.stride, std::min(step, a.rows - first), a.columns, a.stride};
    multiply_block(rows, b, 0, b.panels(), start, c.data + first * c.stride, c.stride);
  });
}

void accumulate_transposed(const ConstMatrix& a, const ConstMatrix& b, const Matrix& c, Arena& scratch) {
  if (a.rows == 0) return;
  const PackedMatrix packed = pack(b, scratch);
  const std::size_t step = rows_per_slice(a.columns);
  const std::size_t slices = (a.columns + step - 1) / step;
  const std::span<float> tiles = scratch.take<float>(slices * step * kDepthBlock);
  parallel_for(slices, [&](std::size_t slice) {
    const std::size_t first = slice * step;
    for (std::size_t k = 0; k < a.rows; k += kDepthBlock) {
      dispatch<TransposedKernel>(Block{a.data + k * a.stride + first, a.stride, std::min(step, a.columns - first),
                                       std::min(kDepthBlock, a.rows - k), packed.data + k * kPanel,
                                       packed.depth * kPanel, packed.columns, c.data + first * c.stride, c.stride},
                                 tiles.data() + slice * step * kDepthBlock);
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
