#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "base/scratch.h"
#include "base/threads.h"
#include "kernels/product.h"
#include "kernels/product_tiles.h"
#include "kernels/row_reader.h"

namespace recur {
namespace {

using namespace tiles;

constexpr std::size_t kNarrow = 256, kNarrowDepth = kMostRun;  // columns of all products, and the depth that suits them
constexpr std::size_t kColumns = 72;                           // of A that one slice packs
constexpr std::size_t kPackRows = 8;  // rows of A whose lines the first-level cache keeps, however far apart they lie
constexpr std::size_t kFetchAhead = 3 * kPackRows;  // how far ahead rows of A are fetched

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

// Some columns of A, at most kColumns, and the products, C being the rows that belong to them.
struct TransposedBlock {
  ConstMatrix a;
  std::span<const RowRange> rows;  // of A
  std::size_t depth;               // how many they are
  std::array<TransposedProduct, kMostTransposed> products;
  std::size_t count;
  float* column_sums;  // null when not wanted

  // The part of the depth that is worked through at once: so that all panels stay in the second-level cache, if they
  // are few, and from one gap between the rows of B to another.
  std::size_t depth_block() const {
    std::size_t columns = 0, run = 1;
    for (std::size_t i = 0; i < count; ++i) {
      columns += products[i].c.columns;
      if (products[i].b.gap > 0) run = products[i].b.run;
    }
    return (columns <= kNarrow ? kNarrowDepth : kDepthBlock) / run * run;
  }
};

// A^T B: A's columns are first copied to tiles, [depth, rows of the tile] each.
struct TransposedKernel {
  template <class V>
  static void run(const TransposedBlock& x) {
    static_assert(kColumns * kDepthBlock <= kScratchFloats);
    float* packed = thread_scratch();
    const std::size_t block = x.depth_block();
    RowReader a(x.a, x.rows);
    for (std::size_t k = 0; k < x.depth; k += block) {
      const std::size_t depth = std::min(block, x.depth - k);
      for (std::size_t r = 0; r < depth;) {
        const ConstMatrix rows = a.next(std::min(kPackRows, depth - r));
        a.fetch(kFetchAhead - kPackRows, kPackRows);
        if (x.column_sums != nullptr) ColumnSums::run<V>(rows, x.column_sums);
        if (x.count > 0) pack_tiles<V>(rows, r, depth, packed);
        r += rows.rows;
      }
      for (std::size_t i = 0; i < x.count; ++i) {
        const auto& [b, c] = x.products[i];
        all_tiles<V, true>({packed, 0, x.a.columns, depth, b.row(k), b.panel_stride(), b.row_stride, b.run, b.gap,
                            c.columns, c.data, c.stride, c.data, c.stride});
      }
    }
  }

  // Some rows of A, from `first_row` of `depth` on, to their places in the tiles.
  template <class V>
  static void pack_tiles(const ConstMatrix& a, std::size_t first_row, std::size_t depth, float* packed) {
    for_pieces(a.columns, most_rows<V>(), [&](std::size_t first, std::size_t rows) {
      pack_columns(rows, a.data + first, a.stride, a.rows, packed + first * depth + first_row * rows);
    });
  }
};

}  // namespace

void accumulate_transposed(const ConstMatrix& a, std::span<const TransposedProduct> products, float* column_sums) {
  const RowRange rows{0, a.rows};
  accumulate_transposed(a, {&rows, 1}, products, column_sums);
}

void accumulate_transposed(const ConstMatrix& a, std::span<const RowRange> rows,
                           std::span<const TransposedProduct> products, float* column_sums) {
  const std::size_t depth = rows_in(rows);
  if (depth == 0) return;
  TransposedBlock all{a, rows, depth, {}, products.size(), column_sums};
  std::ranges::copy(products, all.products.begin());
  // As many slices for each thread, as large as can be: each packs its columns of A once.
  const std::size_t row_tiles = (a.columns + kMostRows - 1) / kMostRows;
  const std::size_t threads = std::min(thread_count(), row_tiles);
  const std::size_t least = (a.columns + kColumns - 1) / kColumns;
  const std::size_t slices = std::min((least + threads - 1) / threads * threads, row_tiles);
  parallel_for(slices, [&](std::size_t slice) {
    const std::size_t first = row_tiles * slice / slices * kMostRows;
    const std::size_t last = std::min(a.columns, row_tiles * (slice + 1) / slices * kMostRows);
    TransposedBlock block = all;
    block.a.data += first;
    block.a.columns = last - first;
    for (std::size_t i = 0; i < block.count; ++i) {
      Matrix& c = block.products[i].c;
      c.data += first * c.stride;
      c.rows = last - first;
    }
    if (column_sums != nullptr) block.column_sums += first;
    dispatch<TransposedKernel>(std::cref(block));
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
