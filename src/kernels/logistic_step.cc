#include "kernels/logistic_step.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr std::size_t kMostLanes = 16;
// The product x y of a target that is none: its label is 1, and its loss and error are 0.
constexpr float kCertain = 80;

// Shared memory, see logistic_step.h.
#if defined(__SANITIZE_THREAD__)
template <class V>
V load_shared(const float* p) {
  float lanes[V::kLanes];
  for (std::size_t i = 0; i < V::kLanes; ++i) {
    lanes[i] = std::atomic_ref<float>(const_cast<float*>(p)[i]).load(std::memory_order_relaxed);
  }
  return V::load(lanes);
}
template <class V>
void store_shared(const V& v, float* p) {
  float lanes[V::kLanes];
  v.store(lanes);
  for (std::size_t i = 0; i < V::kLanes; ++i) std::atomic_ref<float>(p[i]).store(lanes[i], std::memory_order_relaxed);
}
#else
template <class V>
V load_shared(const float* p) {
  return V::load(p);
}
template <class V>
void store_shared(const V& v, float* p) {
  v.store(p);
}
#endif

inline float sum_lanes(const Vec4& v) { return (v.v[0] + v.v[2]) + (v.v[1] + v.v[3]); }
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) inline float sum_lanes(const Vec8& v) {
  return sum_lanes(Vec4(Vec4::Raw(_mm_add_ps(_mm256_castps256_ps128(v.v), _mm256_extractf128_ps(v.v, 1)))));
}
__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))) inline float sum_lanes(const Vec16& v) {
  // Masked, as in recur/types/simd.h.
  return sum_lanes(
      Vec8(_mm256_add_ps(_mm512_maskz_extractf32x8_ps(0xFF, v.v, 0), _mm512_maskz_extractf32x8_ps(0xFF, v.v, 1))));
}
#endif

struct SumRows {
  template <class V>
  static void run(const float* table, std::size_t stride, std::span<const int> rows, float scale, float* to) {
    for (std::size_t i = 0; i < stride; i += V::kLanes) {
      V sum(0.0F);
      for (const int row : rows) sum = sum + load_shared<V>(table + static_cast<std::size_t>(row) * stride + i);
      (sum * V(scale)).store(to + i);
    }
  }
};

struct AddToRows {
  template <class V>
  static void run(float* table, std::size_t stride, std::span<const int> rows, float scale, const float* d) {
    for (const int row : rows) {
      float* const to = table + static_cast<std::size_t>(row) * stride;
      for (std::size_t i = 0; i < stride; i += V::kLanes) {
        store_shared(fma(V(scale), V::load(d + i), load_shared<V>(to + i)), to + i);
      }
    }
  }
};

// What run() works on; shapes as in logistic_step.h.
struct Arrays {
  std::size_t inputs, targets, padded, stride;  // padded: targets, up to a multiple of 16
  const LogisticStep::Target* rows;
  float* table;
  float rate;
  const float* x;
  float *y, *changes, *errors;
  const float* labels;
  double* loss;
};

struct RunStep {
  // Calls visit(first, count) with count 6, 2 or 1, the values of a template, until all targets are visited.
  template <class Visit>
  static void for_targets(std::size_t targets, const Visit& visit) {
    std::size_t first = 0;
    for (; first + 6 <= targets; first += 6) visit(first, std::integral_constant<std::size_t, 6>());
    for (; first + 2 <= targets; first += 2) visit(first, std::integral_constant<std::size_t, 2>());
    if (first < targets) visit(first, std::integral_constant<std::size_t, 1>());
  }

  template <class V>
  static void take_rows(const Arrays& a) {
    for (std::size_t k = 0; k < a.targets; ++k) {
      const float* const row = a.table + static_cast<std::size_t>(a.rows[k].row) * a.stride;
      for (std::size_t i = 0; i < a.stride; i += V::kLanes) load_shared<V>(row + i).store(a.y + k * a.stride + i);
    }
  }

  // errors = x y.
  template <class V, std::size_t count>
  static void multiply(const Arrays& a, std::size_t first) {
    const float* const y = a.y + first * a.stride;
    for (std::size_t m = 0; m < a.inputs; ++m) {
      const float* const x = a.x + m * a.stride;
      V sums[count];
      for (std::size_t k = 0; k < count; ++k) sums[k] = V(0.0F);
      for (std::size_t i = 0; i < a.stride; i += V::kLanes) {
        const V value = V::load(x + i);
        for (std::size_t k = 0; k < count; ++k) sums[k] = fma(value, V::load(y + k * a.stride + i), sums[k]);
      }
      for (std::size_t k = 0; k < count; ++k) a.errors[m * a.padded + first + k] = sum_lanes(sums[k]);
    }
  }

  // errors = rate (label - s(errors)).
  template <class V>
  static void compare(const Arrays& a) {
    V loss(0.0F);
    for (std::size_t m = 0; m < a.inputs; ++m) {
      for (std::size_t k = 0; k < a.padded; k += V::kLanes) {
        float* const place = a.errors + m * a.padded + k;
        const V product = V::load(place), label = V::load(a.labels + k);
        // The product's sign is turned where the label is 0: 2 label - 1 is 1 or -1.
        loss = loss - log_sigmoid(product * (label + label - V(1.0F)));
        (V(a.rate) * (label - sigmoid(product))).store(place);
      }
    }
    *a.loss = static_cast<double>(sum_lanes(loss));
  }

  // changes = errors y, rows += errors x.
  template <class V, std::size_t count>
  static void add_gradients(const Arrays& a, std::size_t first) {
    for (std::size_t i = 0; i < a.stride; i += V::kLanes) {
      V y[count], sums[count];
      for (std::size_t k = 0; k < count; ++k) {
        y[k] = V::load(a.y + (first + k) * a.stride + i);
        sums[k] = V(0.0F);
      }
      for (std::size_t m = 0; m < a.inputs; ++m) {
        const float* const errors = a.errors + m * a.padded + first;
        const V x = V::load(a.x + m * a.stride + i);
        float* const change = a.changes + m * a.stride + i;
        V sum = first == 0 ? V(0.0F) : V::load(change);
        for (std::size_t k = 0; k < count; ++k) {
          const V error(errors[k]);
          sum = fma(error, y[k], sum);
          sums[k] = fma(error, x, sums[k]);
        }
        sum.store(change);
      }
      // One after the other: a row may stand here twice.
      for (std::size_t k = 0; k < count; ++k) {
        float* const to = a.table + static_cast<std::size_t>(a.rows[first + k].row) * a.stride + i;
        store_shared(load_shared<V>(to) + sums[k], to);
      }
    }
  }

  template <class V>
  static void run(const Arrays* arrays) {
    const Arrays& a = *arrays;
    take_rows<V>(a);
    for_targets(a.targets, [&](std::size_t first, auto count) { multiply<V, count>(a, first); });
    compare<V>(a);
    for_targets(a.targets, [&](std::size_t first, auto count) { add_gradients<V, count>(a, first); });
  }
};

void grow(std::vector<float>& memory, std::size_t size) {
  if (memory.size() < size) memory.resize(size);
}

}  // namespace

void sum_rows(const float* table, std::size_t stride, std::span<const int> rows, float scale, float* to) {
  dispatch<SumRows>(table, stride, rows, scale, to);
}

void add_to_rows(float* table, std::size_t stride, std::span<const int> rows, float scale, const float* d) {
  dispatch<AddToRows>(table, stride, rows, scale, d);
}

float* LogisticStep::inputs(std::size_t count) {
  inputs_ = count;
  grow(x_, count * stride_);
  grow(changes_, count * stride_);
  return x_.data();
}

double LogisticStep::run(float* table, float rate) {
  const std::size_t padded = (targets_.size() + kMostLanes - 1) / kMostLanes * kMostLanes;
  grow(y_, targets_.size() * stride_);
  grow(labels_, padded);
  grow(errors_, inputs_ * padded);
  for (std::size_t k = 0; k < padded; ++k) labels_[k] = k < targets_.size() ? targets_[k].label : 1.0F;
  for (std::size_t m = 0; m < inputs_; ++m) {
    std::fill(errors_.begin() + static_cast<std::ptrdiff_t>(m * padded + targets_.size()),
              errors_.begin() + static_cast<std::ptrdiff_t>((m + 1) * padded), kCertain);
  }
  double loss = 0;
  const Arrays arrays{inputs_,   targets_.size(), padded,          stride_,        targets_.data(), table, rate,
                      x_.data(), y_.data(),       changes_.data(), errors_.data(), labels_.data(),  &loss};
  dispatch<RunStep>(&arrays);
  return loss;
}

}  // namespace recur
