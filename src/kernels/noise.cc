#include "kernels/noise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "base/threads.h"
#include "recur/types/simd.h"

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

void draw_normal(const Random& random, std::uint64_t first_position, std::span<float> out) {
  assert(first_position % 4 == 0);
  constexpr std::size_t kTogether = 8;  // blocks
  for (std::size_t i = 0; i < out.size(); i += 4 * kTogether) {
    std::uint32_t words[4][kTogether];
    random.blocks((first_position + i) / 4, words);
    const std::size_t n = std::min(out.size() - i, 4 * kTogether);
    // Words 0 and 1 of a block make its first two numbers, words 2 and 3 the others.
    for (std::size_t k = 0; k < n; k += 2) {
      const std::uint32_t size = words[k % 4][k / 4], turn = words[k % 4 + 1][k / 4];
      const auto u = static_cast<float>((static_cast<double>(size) + 0.5) * 0x1p-32);
      const float radius = std::sqrt(-2 * std::log(u));
      const float angle = 2 * std::numbers::pi_v<float> * 0x1p-32F * static_cast<float>(turn);
      out[i + k] = radius * std::cos(angle);
      if (k + 1 < n) out[i + k + 1] = radius * std::sin(angle);
    }
  }
}

}  // namespace recur
