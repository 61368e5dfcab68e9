#include "kernels/product.h"

#include <algorithm>
#include <functional>

#include "base/scratch.h"
#include "base/threads.h"
#include "kernels/product_tiles.h"

namespace recur {
namespace {

using namespace tiles;

constexpr std::size_t kResultBlock = 65536;  // floats of C that stay in a near cache while the depth passes

// A B: blocks of rows, of columns and of depth, from the outermost loop to the innermost.
struct RowsKernel {
  // Rows that lie a power of two apart fall on the same lines of a cache: their blocks are copied to rows that do not,
  // an odd number of lines apart, where enough columns follow to pay for it. Tiles of several panels side by side read
  // the rows so much less often that it does not pay.
  static constexpr std::size_t kAliasing = 256, kColumnsToCopyFor = 128;

  template <class V>
  static void run(const Block& x) {
    if (x.rows == 1 && x.depth <= kDepthBlock) return all_tiles<V, false>(x);  // nothing stays for a second row
    for_pieces(x.rows, row_block(x.depth), [&](std::size_t row, std::size_t rows) {
      constexpr std::size_t kWidest = panels_for<V>(1) * kPanel;
      const std::size_t wide = std::max<std::size_t>(kResultBlock / rows / kWidest, 1) * kWidest;
      for (std::size_t column = 0; column < x.columns; column += wide) {
        run_depth<V>(x.part(row, rows, column, std::min(wide, x.columns - column)));
      }
    });
  }

  template <class V>
  static void run_depth(const Block& x) {
    const bool copy =
        panels_for<V>(kMostRows) == 1 && x.a_stride % kAliasing == 0 && x.rows > 1 && x.columns >= kColumnsToCopyFor;
    static_assert(kBlock + kProductRows * 2 * kLine <= kScratchFloats);
    float* copied = copy ? thread_scratch() : nullptr;
    Block part = x;
    for (std::size_t k = 0; k < x.depth; k += kDepthBlock) {
      part.depth = std::min(kDepthBlock, x.depth - k);
      part.a = x.a + k;
      part.b = x.b + k * x.b_row;
      if (copy) {
        part.a_stride = ((part.depth + kLine - 1) / kLine | 1) * kLine;
        for (std::size_t r = 0; r < x.rows; ++r)
          std::copy_n(part.a + r * x.a_stride, part.depth, copied + r * part.a_stride);
        part.a = copied;
      }
      all_tiles<V, false>(part);
      part.start = x.c;  // the rest of the depth goes on from there
      part.start_stride = x.c_stride;
    }
  }
};

}  // namespace

void multiply_block(const ConstMatrix& a, const PackedMatrix& b, std::size_t first_panel, std::size_t panels,
                    const ProductStart& start, float* c, std::size_t c_stride) {
  const std::size_t columns = std::min(panels * kPanel, b.columns - first_panel * kPanel);
  Block block{
      a.data, a.stride, a.rows, a.columns, b.panel(first_panel), b.panel_stride(), b.row_stride, b.run, b.gap, columns,
      c,      c_stride, c,      c_stride};
  if (start.from == ProductStart::From::zero) block.start = nullptr;
  if (start.from == ProductStart::From::bias) {
    block.start = start.bias + first_panel * kPanel;
    block.start_stride = 0;
  }
  dispatch<RowsKernel>(std::cref(block));  // copying it takes as long as a small product
}

void multiply(const ConstMatrix& a, const PackedMatrix& b, const ProductStart& start, const Matrix& c) {
  if (a.rows == 0) return;
  parallel_slices(a.rows, kProductRows, [&](std::size_t first, std::size_t last) {
    const ConstMatrix rows{a.data + first * a.stride, last - first, a.columns, a.stride};
    multiply_block(rows, b, 0, b.panels(), start, c.data + first * c.stride, c.stride);
  });
}

}  // namespace recur
