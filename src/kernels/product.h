// Matrix products in float32. The right-hand matrix is packed into panels of 16 columns; every element of a result is
// one chain of fused multiply-adds over the depth in ascending order, so a row's result does not depend on which rows
// stand beside it nor on the number of threads.
#pragma once

#include <cstddef>
#include <span>

#include "base/arena.h"

namespace recur {

// A matrix in memory, rows of `stride` floats.
struct ConstMatrix {
  const float* data;
  std::size_t rows, columns, stride;
};
struct Matrix {
  float* data;
  std::size_t rows, columns, stride;
  operator ConstMatrix() const { return {data, rows, columns, stride}; }
};

// The rows [first, last) of a matrix.
struct RowRange {
  std::size_t first, last;
  std::size_t count() const { return last - first; }
};

// B [depth, columns], packed: panel p holds columns 16 p to 16 p + 15 (missing ones are zero) as [depth, 16]. Or left
// as it was, where no column is missing: then the rows of a panel are further apart, and after every `run` of them
// there may be a gap.
struct PackedMatrix {
  static constexpr std::size_t kPanel = 16;
  const float* data;
  std::size_t depth, columns;
  std::size_t row_stride = kPanel;                          // floats between two rows of a panel
  std::size_t run = static_cast<std::size_t>(-1), gap = 0;  // so many rows, then so many floats that are left out

  std::size_t panels() const { return (columns + kPanel - 1) / kPanel; }
  std::size_t panel_stride() const { return row_stride == kPanel ? depth * kPanel : kPanel; }
  const float* panel(std::size_t p) const { return data + p * panel_stride(); }
  // Row k of the first panel.
  const float* row(std::size_t k) const { return data + k * row_stride + k / run * gap; }
};

// Packs B = m, or B = the transpose of m. The memory is the arena's. Runs in parallel unless called from one of the
// threads of a parallel region.
PackedMatrix pack(const ConstMatrix& m, Arena& arena);
PackedMatrix pack_transposed(const ConstMatrix& m, Arena& arena);
// B = m for a product or two of accumulate_transposed(): m itself, which must outlive the result, where its rows are
// whole panels, few and neighbours; else packed.
PackedMatrix pack_if_wide(const ConstMatrix& m, Arena& arena);
// The same of some ranges of m's rows, one after the other; they are copied also where the ranges have unequal lengths
// or distances or are long.
PackedMatrix pack_if_wide(const ConstMatrix& m, std::span<const RowRange> rows, Arena& arena);
// The transpose of m to `panels`, which holds panels() * depth * kPanel floats.
PackedMatrix pack_transposed_into(const ConstMatrix& m, float* panels);

// Rows of a product that are worth a slice of their own.
inline constexpr std::size_t kProductRows = 144;

// Where an element's chain of additions starts.
struct ProductStart {
  enum class From { zero, bias, result } from;
  const float* bias = nullptr;  // [columns]
};

// C [m, n] = start + A [m, k] B [k, n], for the panels [first_panel, first_panel + panels) of B, on the calling thread;
// c points at the column that belongs to the first of them. A's rows are `a.stride` apart.
void multiply_block(const ConstMatrix& a, const PackedMatrix& b, std::size_t first_panel, std::size_t panels,
                    const ProductStart& start, float* c, std::size_t c_stride);

// C [m, n] = start + A [m, k] B, in parallel over rows.
void multiply(const ConstMatrix& a, const PackedMatrix& b, const ProductStart& start, const Matrix& c);

// One of the products that share A in accumulate_transposed().
struct TransposedProduct {
  PackedMatrix b;  // [k, n]
  Matrix c;        // [m, n]
};
inline constexpr std::size_t kMostTransposed = 4;

// C += A^T B for A [k, m] and at most kMostTransposed products (the gradients of weights: k runs over rows of steps),
// and column_sums [m] += the sums of A's columns unless it is null, in parallel; each element is one chain in row
// order.
void accumulate_transposed(const ConstMatrix& a, std::span<const TransposedProduct> products, float* column_sums);
// The same of some ranges of A's rows: together they are k rows. In parallel unless called from one of the threads of a
// parallel region.
void accumulate_transposed(const ConstMatrix& a, std::span<const RowRange> rows,
                           std::span<const TransposedProduct> products, float* column_sums);

// sums[j] += the sum over rows of m[., j], in parallel over columns; each sum is one chain in row order.
void accumulate_column_sums(const ConstMatrix& m, float* sums);

}  // namespace recur
