#include "autograd/convolution.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"

namespace recur {
namespace {

constexpr std::size_t kSide = 3;

// Calls use(place, offset in the patch) for each place of the grid that the patch at `to` of a picture sees.
template <class Use>
void for_each_seen(const Grid& grid, std::size_t to, std::size_t channels, const Use& use) {
  const std::size_t columns = grid.halved().width, y = 2 * (to / columns), x = 2 * (to % columns);
  for (std::size_t i = 0; i < kSide; ++i) {
    for (std::size_t j = 0; j < kSide; ++j) {
      // One before the first row or column is none.
      if (y + i == 0 || y + i > grid.height || x + j == 0 || x + j > grid.width) continue;
      use((y + i - 1) * grid.width + x + j - 1, (i * kSide + j) * channels);
    }
  }
}

}  // namespace

Var patches(Tape& tape, Var x, const Grid& grid) {
  const Matrix in = tape.value(x);
  const std::size_t channels = in.columns, width = kSide * kSide * channels;
  const Grid half = grid.halved();
  const Var y = tape.add(half.places(), width);
  const std::size_t from_each = grid.height * grid.width, to_each = half.height * half.width;
  float* out = tape.value(y).data;
  parallel_for(grid.pictures, [&](std::size_t picture) {
    const float* from = in.data + picture * from_each * channels;
    for (std::size_t to = 0; to < to_each; ++to) {
      float* patch = out + (picture * to_each + to) * width;
      std::fill_n(patch, width, 0.0F);
      for_each_seen(grid, to, channels, [&](std::size_t place, std::size_t offset) {
        std::copy_n(from + place * channels, channels, patch + offset);
      });
    }
  });
  tape.record([x, y, grid, channels, width, from_each, to_each](Tape& t) {
    const float* d_out = t.gradient(y).data;
    float* d_in = t.gradient(x).data;
    parallel_for(grid.pictures, [&](std::size_t picture) {
      float* d_from = d_in + picture * from_each * channels;
      for (std::size_t to = 0; to < to_each; ++to) {
        const float* d_patch = d_out + (picture * to_each + to) * width;
        for_each_seen(grid, to, channels, [&](std::size_t place, std::size_t offset) {
          accumulate_elements(channels, d_patch + offset, d_from + place * channels);
        });
      }
    });
  });
  return y;
}

Var positive(Tape& tape, Var x) {
  const Matrix in = tape.value(x);
  const Var y = tape.add(in.rows, in.columns);
  const std::size_t count = in.rows * in.columns;
  float* out = tape.value(y).data;
  parallel_slices(count, kElementSlice, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) out[i] = std::max(in.data[i], 0.0F);
  });
  tape.record([x, y, count](Tape& t) {
    const float *value = t.value(y).data, *d_out = t.gradient(y).data;
    float* d_in = t.gradient(x).data;
    parallel_slices(count, kElementSlice, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) d_in[i] += value[i] > 0 ? d_out[i] : 0;
    });
  });
  return y;
}

}  // namespace recur
