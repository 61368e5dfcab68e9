#include "kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "recur/simd.h"

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

// Replaces x by exp(x - shift) and adds up, each block in float and the blocks in double.
struct Exponentials {
  template <class V>
  static void run(std::span<float> row, float shift, double* result) {
    double sum = 0;
    std::size_t left = row.size();
    for_blocks<V>(row, 0.0F, [&](float* block) {
      for (std::size_t k = 0; k < kBlock; k += V::kLanes) exp(V::load(block + k) - V(shift)).store(block + k);
      float part = 0;
      for (std::size_t k = 0; k < std::min(kBlock, left); ++k) part += block[k];
      sum += part;
      left -= std::min(kBlock, left);
    });
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

}  // namespace

double softmax_cross_entropy(std::span<float> logits, int target, float scale) {
  float most = 0;
  dispatch<Maximum>(logits, &most);
  const auto wanted = static_cast<std::size_t>(target);
  const double target_logit = logits[wanted];
  double sum = 0;
  dispatch<Exponentials>(logits, most, &sum);
  dispatch<Scale>(logits, static_cast<float>(scale / sum));
  logits[wanted] -= scale;
  return std::log(sum) + most - target_logit;
}

}  // namespace recur
