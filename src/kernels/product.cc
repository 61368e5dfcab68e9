#include "kernels/product.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/threads.h"
#include "recur/simd.h"

namespace recur {
namespace {

constexpr std::size_t kPanel = PackedMatrix::kPanel;
constexpr std::size_t kMostRows = 6;         // rows of a register tile
constexpr std::size_t kDepthBlock = 512;     // of a panel: stays in a near cache while all tiles of rows pass
constexpr std::size_t kRowBlock = 96;        // rows of A, a block of depth of them stays in the second-level cache
constexpr std::size_t kResultBlock = 32768;  // floats of C that stay there while the depth passes

// A register tile: `Rows` rows by `Panels` panels. A is read as rows (a + r * stride + k), or, when packed, as
// [depth, Rows].
template <class V, std::size_t Rows, std::size_t Panels, bool PackedA>
struct Tile {
  static constexpr std::size_t kVectors = Panels * kPanel / V::kLanes;

  // Sums start from `start`, rows `start_stride` apart, or from zero when it is null. `ahead` are the panels that the
  // second-level cache shall have next.
  static void multiply(const float* a, std::size_t a_stride, const float* b, const float* ahead, std::size_t b_stride,
                       std::size_t depth, const float* start, std::size_t start_stride, float* c,
                       std::size_t c_stride) {
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
      if constexpr (Rows > 2) {  // with fewer the loads are what takes time
        for (std::size_t p = 0; p < Panels; ++p) __builtin_prefetch(ahead + p * b_stride + k * kPanel, 0, 2);
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
  const float* b;      // the first panel
  const float* ahead;  // the panels that come after the first ones; as b where nothing shall be fetched
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
  constexpr std::size_t kPanels = panels_for<V>(Rows);
  const auto multiply = [&]<std::size_t Panels>(std::size_t column, std::integral_constant<std::size_t, Panels>) {
    const float* start = x.start == nullptr ? nullptr : x.start + column;
    Tile<V, Rows, Panels, PackedA>::multiply(x.a, x.a_stride, x.b + column / kPanel * x.b_stride,
                                             x.ahead + column / kPanel * x.b_stride, x.b_stride, x.depth, start,
                                             x.start_stride, x.c + column, x.c_stride);
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
  Tile<V, Rows, 1, PackedA>::multiply(x.a, x.a_stride, x.b + column / kPanel * x.b_stride,
                                      x.ahead + column / kPanel * x.b_stride, x.b_stride, x.depth, padded, kPanel,
                                      padded, kPanel);
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

// Every tile of a block whose depth is at most kDepthBlock.
template <class V, bool PackedA>
void all_tiles(const Block& x) {
  const std::size_t group = group_columns<V>(x.rows);
  for (std::size_t column = 0; column < x.columns; column += group) {
    for_row_tiles(x.rows, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
      Block part = x.part(first, rows, column, std::min(group, x.columns - column));
      if constexpr (PackedA) part.a = x.a + first * x.depth;
      if (first == 0 && column + group < x.columns) part.ahead = part.b + group / kPanel * x.b_stride;
      tile_row_of<V, PackedA>(rows, part);
    });
  }
}

// A B: blocks of rows, of columns and of depth, from the outermost loop to the innermost.
struct RowsKernel {
  // Rows that lie a power of two apart fall on the same lines of the first-level cache: their blocks are copied to rows
  // that do not, where enough columns follow to pay for it.
  static constexpr std::size_t kAliasing = 256, kColumnsToCopyFor = 128, kCopyStride = kDepthBlock + 16;

  template <class V>
  static void run(const Block& x) {
    for (std::size_t row = 0; row < x.rows; row += kRowBlock) {
      const std::size_t rows = std::min(kRowBlock, x.rows - row);
      constexpr std::size_t kWidest = panels_for<V>(1) * kPanel;
      const std::size_t wide = std::max<std::size_t>(kResultBlock / rows / kWidest, 1) * kWidest;
      for (std::size_t column = 0; column < x.columns; column += wide) {
        run_depth<V>(x.part(row, rows, column, std::min(wide, x.columns - column)));
      }
    }
  }

  template <class V>
  static void run_depth(const Block& x) {
    const bool copy = x.a_stride % kAliasing == 0 && x.rows > 1 && x.columns >= kColumnsToCopyFor;
    float copied[kRowBlock * kCopyStride];
    Block part = x;
    for (std::size_t k = 0; k < x.depth; k += kDepthBlock) {
      part.depth = std::min(kDepthBlock, x.depth - k);
      part.a = x.a + k;
      part.b = x.b + k * kPanel;
      if (copy) {
        for (std::size_t r = 0; r < x.rows; ++r)
          std::copy_n(part.a + r * x.a_stride, part.depth, copied + r * kCopyStride);
        part.a = copied;
        part.a_stride = kCopyStride;
      }
      all_tiles<V, false>(part);
      part.start = x.c;  // the rest of the depth goes on from there
      part.start_stride = x.c_stride;
    }
  }
};

// Copies `Rows` columns of A [depth, .] to [depth, Rows].
template <std::size_t Rows = kMostRows>
void pack_columns(std::size_t rows, const float* a, std::size_t stride, std::size_t depth, float* to) {
  if constexpr (Rows > 0) {
    if (rows != Rows) return pack_columns<Rows - 1>(rows, a, stride, depth, to);
    for (std::size_t k = 0; k < depth; ++k, a += stride, to += Rows) std::memcpy(to, a, Rows * sizeof(float));
  }
}

struct ColumnSums {
  template <class V>
  static void run(const ConstMatrix& m, float* sums) {
    std::size_t j = 0;
    for (; j + kPanel <= m.columns; j += kPanel) {
      V sum[kPanel / V::kLanes];
      for (std::size_t v = 0; v < kPanel / V::kLanes; ++v) sum[v] = V::load(sums + j + v * V::kLanes);
      for (std::size_t r = 0; r < m.rows; ++r)
        for (std::size_t v = 0; v < kPanel / V::kLanes; ++v)
          sum[v] = sum[v] + V::load(m.data + r * m.stride + j + v * V::kLanes);
      for (std::size_t v = 0; v < kPanel / V::kLanes; ++v) sum[v].store(sums + j + v * V::kLanes);
    }
    for (; j < m.columns; ++j)
      for (std::size_t r = 0; r < m.rows; ++r) sums[j] += m.data[r * m.stride + j];
  }
};

// Some columns of A, at most kRowBlock, and what each product needs: B packed and the rows of C that belong to them.
struct TransposedBlock {
  ConstMatrix a;
  std::array<PackedMatrix, kMostTransposed> b;
  std::array<Matrix, kMostTransposed> c;
  std::size_t products;
  float* column_sums;  // null when not wanted
};

// A^T B: A's columns are first copied tile by tile into [depth, rows of the tile].
struct TransposedKernel {
  template <class V>
  static void run(const TransposedBlock& x) {
    float packed[kRowBlock * kDepthBlock];
    for (std::size_t k = 0; k < x.a.rows; k += kDepthBlock) {
      const ConstMatrix a{x.a.data + k * x.a.stride, std::min(kDepthBlock, x.a.rows - k), x.a.columns, x.a.stride};
      for_row_tiles(x.products > 0 ? a.columns : 0, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
        pack_columns(rows, a.data + first, a.stride, a.rows, packed + first * a.rows);
      });
      if (x.column_sums != nullptr) ColumnSums::run<V>(a, x.column_sums);
      for (std::size_t i = 0; i < x.products; ++i) {
        const Matrix& c = x.c[i];
        all_tiles<V, true>({packed, 0, a.columns, a.rows, x.b[i].data + k * kPanel, nullptr, x.b[i].depth * kPanel,
                            c.columns, c.data, c.stride, c.data, c.stride});
      }
    }
  }
};

// Rows that are packed together: the lines that two panels share stay in the first-level cache.
constexpr std::size_t kPackRows = 16;
constexpr std::size_t kPackSlice = 16384;  // floats that one thread packs at a time: fewer are not worth sharing

// Copies `rows` rows of m from `first` on to their places in all panels.
void pack_rows(const ConstMatrix& m, std::size_t first, std::size_t rows, float* panels) {
  for (std::size_t column = 0; column < m.columns; column += kPanel) {
    const float* from = m.data + first * m.stride + column;
    float* to = panels + column * m.rows + first * kPanel;
    const std::size_t width = std::min(kPanel, m.columns - column);
    for (std::size_t k = 0; k < rows; ++k, from += m.stride, to += kPanel) {
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
  return arena.take<float>((columns + kPanel - 1) / kPanel * kPanel * depth).data();
}

}  // namespace

PackedMatrix pack(const ConstMatrix& m, Arena& arena) {
  float* data = take_panels(m.rows, m.columns, arena);
  const std::size_t together =
      std::max(kPackSlice / std::max<std::size_t>(m.columns, 1) / kPackRows, std::size_t{1}) * kPackRows;
  parallel_for((m.rows + together - 1) / together, [&](std::size_t slice) {
    const std::size_t last = std::min(m.rows, (slice + 1) * together);
    for (std::size_t k = slice * together; k < last; k += kPackRows) {
      pack_rows(m, k, std::min(kPackRows, last - k), data);
    }
  });
  return {data, m.rows, m.columns};
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

void multiply_block(const ConstMatrix& a, const PackedMatrix& b, std::size_t first_panel, std::size_t panels,
                    const ProductStart& start, float* c, std::size_t c_stride) {
  const std::size_t columns = std::min(panels * kPanel, b.columns - first_panel * kPanel);
  Block block{a.data, a.stride, a.rows, a.columns, b.panel(first_panel), nullptr, b.depth * kPanel, columns,
              c,      c_stride, c,      c_stride};
  if (start.from == ProductStart::From::zero) block.start = nullptr;
  if (start.from == ProductStart::From::bias) {
    block.start = start.bias + first_panel * kPanel;
    block.start_stride = 0;
  }
  dispatch<RowsKernel>(block);
}

void multiply(const ConstMatrix& a, const PackedMatrix& b, const ProductStart& start, const Matrix& c) {
  if (a.rows == 0) return;
  parallel_slices(a.rows, kRowBlock, [&](std::size_t first, std::size_t last) {
    const ConstMatrix rows{a.data + first * a.stride, last - first, a.columns, a.stride};
    multiply_block(rows, b, 0, b.panels(), start, c.data + first * c.stride, c.stride);
  });
}

void accumulate_transposed(const ConstMatrix& a, std::span<const TransposedProduct> products, float* column_sums,
                           Arena& scratch) {
  if (a.rows == 0) return;
  TransposedBlock all{a, {}, {}, products.size(), column_sums};
  for (std::size_t i = 0; i < products.size(); ++i) {
    all.b[i] = pack(products[i].b, scratch);
    all.c[i] = products[i].c;
  }
  // As many slices for each thread, as large as can be: each packs its columns of A once.
  const std::size_t tiles = (a.columns + kMostRows - 1) / kMostRows;
  const std::size_t threads = std::min(thread_count(), tiles);
  const std::size_t least = (a.columns + kRowBlock - 1) / kRowBlock;
  const std::size_t slices = std::min((least + threads - 1) / threads * threads, tiles);
  parallel_for(slices, [&](std::size_t slice) {
    const std::size_t first = tiles * slice / slices * kMostRows;
    const std::size_t last = std::min(a.columns, tiles * (slice + 1) / slices * kMostRows);
    TransposedBlock block = all;
    block.a.data += first;
    block.a.columns = last - first;
    for (std::size_t i = 0; i < block.products; ++i) {
      block.c[i].data += first * block.c[i].stride;
      block.c[i].rows = last - first;
    }
    if (column_sums != nullptr) block.column_sums += first;
    dispatch<TransposedKernel>(block);
  });
}

void accumulate_column_sums(const ConstMatrix& m, float* sums) {
  constexpr std::size_t kSlice = 8 * kPanel;
  parallel_for((m.columns + kSlice - 1) / kSlice, [&](std::size_t slice) {
    const std::size_t first = slice * kSlice;
    const ConstMatrix part{m.data + first, m.rows, std::min(kSlice, m.columns - first), m.stride};
    dispatch<ColumnSums>(part, sums + first);
  });
}

}  // namespace recur
