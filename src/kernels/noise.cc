#include "kernels/noise.h"

#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "recur/simd.h"

namespace recur {
namespace {

constexpr std::size_t kBlocks = 64;      // of four words, computed side by side
constexpr std::size_t kSlice = 1 << 14;  // elements, a multiple of 4 * kBlocks

struct Mask {
  Random random;
  std::uint64_t position;  // of the first element, a multiple of 4
  std::uint32_t threshold;
  float dropped, kept;
};

// The loops over blocks are the compiler's to vectorise; dispatch() chooses the instructions.
struct Draw {
  template <class V>
  static void run(const Mask& mask, float* out, std::size_t count) {
    for (std::size_t i = 0; i < count; i += 4 * kBlocks) {
      std::uint32_t words[4][kBlocks];
      mask.random.blocks((mask.position + i) / 4, words);
      const std::size_t n = std::min(count - i, 4 * kBlocks);
      if (n == 4 * kBlocks) {
        for (std::size_t b = 0; b < kBlocks; ++b)
          for (std::size_t w = 0; w < 4; ++w)
            out[i + 4 * b + w] = words[w][b] >> 8 < mask.threshold ? mask.dropped : mask.kept;
      } else {
        for (std::size_t k = 0; k < n; ++k)
          out[i + k] = words[k % 4][k / 4] >> 8 < mask.threshold ? mask.dropped : mask.kept;
      }
    }
  }
};

}  // namespace

void draw_mask(const Random& random, std::uint64_t first_position, float rate, float dropped, float kept,
               std::span<float> out) {
  assert(first_position % 4 == 0);
  const auto threshold = static_cast<std::uint32_t>(rate * 0x1p24F);
  parallel_for((out.size() + kSlice - 1) / kSlice, [&](std::size_t slice) {
    const std::size_t first = slice * kSlice;
    const Mask mask{random, first_position + first, threshold, dropped, kept};
    dispatch<Draw>(mask, out.data() + first, std::min(kSlice, out.size() - first));
  });
}

}  // namespace recur
