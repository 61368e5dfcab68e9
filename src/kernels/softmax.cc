#include "kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr std::size_t kBlock = 16;  // floats; a multiple of every SIMD width

// Calls with each whole block, and once with a padded copy of what is left.
template <class V, class Visit>
void for_blocks(std::span<float> row, float padding, const Visit& visit) {
  std::size_t i = 0;
  for (; i + kBlock <= row.size(); i += kBlock) visit(row.data() + i);
  if (i == row.size()) return;
  float padded[kBlock];
  std::fill_n(padded, kBlock, padding);
  std::copy(row.begin() + static_cast<std::ptrdiff_t>(i), row.end(), padded);
  visit(padded);
  std::copy_n(padded, row.size() - i, row.data() + i);
}

struct Maximum {
  template <class V>
  static void run(std::span<float> row, float* result) {
    V most(row[0]);
    for_blocks<V>(row, row[0], [&](float* block) {
      for (std::size_t k = 0; k < kBlock; k += V::kLanes) most = max(V::load(block + k), most);
    });
    float lanes[V::kLanes];
    most.store(lanes);
    *result = *std::max_element(lanes, lanes + V::kLanes);
  }
};

// Adds up exp(x - shift), which replaces x if asked to: in float over stretches, the stretches in double.
template <bool replace>
struct Exponentials {
  template <class V>
  static void run(std::span<float> row, float shift, double* result) {
    constexpr std::size_t kStretch = 64 * kBlock;
    double sum = 0;
    for (std::size_t first = 0; first < row.size(); first += kStretch) {
      V part(0.0F);
      // What pads the last block is so small that it adds nothing.
      for_blocks<V>(row.subspan(first, std::min(kStretch, row.size() - first)), shift - 100, [&](float* block) {
        for (std::size_t k = 0; k < kBlock; k += V::kLanes) {
          const V y = exp(V::load(block + k) - V(shift));
          if constexpr (replace) y.store(block + k);
          part = part + y;
        }
      });
      float lanes[V::kLanes];
      part.store(lanes);
      for (const float lane : lanes) sum += static_cast<double>(lane);
    }
    *result = sum;
  }
};

struct Scale {
  template <class V>
  static void run(std::span<float> row, float factor) {
    for_blocks<V>(row, 0.0F, [&](float* block) {
      for (std::size_t k = 0; k < kBlock; k += V::kLanes) (V::load(block + k) * V(factor)).store(block + k);
    });
  }
};

struct Subtract {
  template <class V>
  static void run(std::span<float> row, float shift) {
    for_blocks<V>(row, 0.0F, [&](float* block) {
      for (std::size_t k = 0; k < kBlock; k += V::kLanes) (V::load(block + k) - V(shift)).store(block + k);
    });
  }
};

}  // namespace

double softmax(std::span<float> logits, float scale) {
  float most = 0;
  dispatch<Maximum>(logits, &most);
  double sum = 0;
  dispatch<Exponentials<true>>(logits, most, &sum);
  dispatch<Scale>(logits, static_cast<float>(scale / sum));
  return std::log(sum) + most;
}

double softmax_cross_entropy(std::span<float> logits, int target, float scale) {
  const auto wanted = static_cast<std::size_t>(target);
  const double target_logit = logits[wanted];
  const double log_sum = softmax(logits, scale);
  logits[wanted] -= scale;
  return log_sum - target_logit;
}

void log_softmax(std::span<float> logits) {
  float most = 0;
  dispatch<Maximum>(logits, &most);
  double sum = 0;
  dispatch<Exponentials<false>>(logits, most, &sum);
  dispatch<Subtract>(logits, static_cast<float>(std::log(sum) + most));
}

}  // namespace recur
