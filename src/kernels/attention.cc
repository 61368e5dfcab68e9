#include "kernels/attention.h"

#include <algorithm>

#include "recur/types/simd.h"

namespace recur {
namespace {

// Where a vector lies whole in memory, and where only its first `count` floats do: the others are read as zero.
struct Whole {
  template <class V>
  V load(const float* p) const {
    return V::load(p);
  }
  template <class V>
  void store(const V& x, float* p) const {
    x.store(p);
  }
};
struct Part {
  std::size_t count;
  template <class V>
  V load(const float* p) const {
    float lanes[V::kLanes] = {};
    std::copy_n(p, count, lanes);
    return V::load(lanes);
  }
  template <class V>
  void store(const V& x, float* p) const {
    float lanes[V::kLanes];
    x.store(lanes);
    std::copy_n(lanes, count, p);
  }
};

// Calls visit(i, memory) for vectors of [0, count) that begin at i.
template <class V, class Visit>
void for_vectors(std::size_t count, const Visit& visit) {
  std::size_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) visit(i, Whole());
  if (i < count) visit(i, Part{count - i});
}

template <class V>
float sum_of_lanes(const V& x) {
  float lanes[V::kLanes];
  x.store(lanes);
  for (std::size_t step = V::kLanes / 2; step > 0; step /= 2)
    for (std::size_t k = 0; k < step; ++k) lanes[k] += lanes[k + step];
  return lanes[0];
}

// Rows that pass together, so that what they have in common is loaded once and their sums do not wait for each other.
constexpr std::size_t kRows = 4;

// Calls visit<N>(j) for rows j, ..., j + N - 1 of [0, count).
template <class Visit>
void for_row_groups(std::size_t count, const Visit& visit) {
  std::size_t j = 0;
  for (; j + kRows <= count; j += kRows) visit.template operator()<kRows>(j);
  for (; j < count; ++j) visit.template operator()<1>(j);
}

// The additive kernels are made twice: without coverage they do not look at it.
template <bool covered>
struct AdditiveScores {
  template <class V>
  static void run(const float* query, const ConstMatrix& keys, const float* v, float* scores,
                  const Coverage& coverage) {
    for (std::size_t j = 0; j < keys.rows; ++j) {
      const float* key = keys.data + j * keys.stride;
      V sum(0.0F);
      for_vectors<V>(keys.columns, [&](std::size_t k, auto memory) {
        V x = memory.template load<V>(query + k) + memory.template load<V>(key + k);
        if constexpr (covered) x = fma(memory.template load<V>(coverage.weight + k), V(coverage.amounts[j]), x);
        const V y = tanh(x);
        sum = fma(memory.template load<V>(v + k), y, sum);
      });
      scores[j] = sum_of_lanes(sum);
    }
  }
};

struct DotScores {
  template <class V>
  static void run(const float* query, const ConstMatrix& keys, float* scores) {
    for_row_groups(keys.rows, [&]<std::size_t N>(std::size_t j) {
      const float* key = keys.data + j * keys.stride;
      V sum[N];
      std::fill_n(sum, N, V(0.0F));
      for_vectors<V>(keys.columns, [&](std::size_t k, auto memory) {
        const V q = memory.template load<V>(query + k);
        for (std::size_t r = 0; r < N; ++r) {
          sum[r] = fma(q, memory.template load<V>(key + r * keys.stride + k), sum[r]);
        }
      });
      for (std::size_t r = 0; r < N; ++r) scores[j + r] = sum_of_lanes(sum[r]);
    });
  }
};

struct AddWeightedRows {
  template <class V>
  static void run(const float* weights, const ConstMatrix& rows, float* sum) {
    for_row_groups(rows.rows, [&]<std::size_t N>(std::size_t j) {
      const float* row = rows.data + j * rows.stride;
      for_vectors<V>(rows.columns, [&](std::size_t k, auto memory) {
        V x = memory.template load<V>(sum + k);
        for (std::size_t r = 0; r < N; ++r) {
          x = fma(V(weights[j + r]), memory.template load<V>(row + r * rows.stride + k), x);
        }
        memory.store(x, sum + k);
      });
    });
  }
};

template <bool covered>
struct AdditiveQueryBackward {
  template <class V>
  static void run(const float* query, const ConstMatrix& keys, const float* v, const float* d_scores, float* d_query,
                  const Coverage& coverage, float* d_amounts) {
    std::fill_n(d_query, keys.columns, 0.0F);
    for (std::size_t j = 0; j < keys.rows; ++j) {
      const float* key = keys.data + j * keys.stride;
      const V d(d_scores[j]);
      V of_amount(0.0F);
      for_vectors<V>(keys.columns, [&](std::size_t k, auto memory) {
        V x = memory.template load<V>(query + k) + memory.template load<V>(key + k);
        if constexpr (covered) x = fma(memory.template load<V>(coverage.weight + k), V(coverage.amounts[j]), x);
        const V y = tanh(x);
        memory.store(fma(d, V(1.0F) - y * y, memory.template load<V>(d_query + k)), d_query + k);
        if constexpr (covered) {
          const V through = memory.template load<V>(v + k) * memory.template load<V>(coverage.weight + k);
          of_amount = fma(through, V(1.0F) - y * y, of_amount);
        }
      });
      if constexpr (covered) d_amounts[j] += d_scores[j] * sum_of_lanes(of_amount);
    }
    for_vectors<V>(keys.columns, [&](std::size_t k, auto memory) {
      memory.store(memory.template load<V>(v + k) * memory.template load<V>(d_query + k), d_query + k);
    });
  }
};

template <bool covered>
struct AdditiveKeysBackward {
  template <class V>
  static void run(std::span<const Look> looks, const ConstMatrix& keys, const float* v, const float* weight,
                  const Matrix& d_keys, float* d_v, float* d_weight) {
    for_vectors<V>(keys.columns, [&](std::size_t k, auto memory) {
      V d_of_v(0.0F), d_of_weight(0.0F);
      for (std::size_t j = 0; j < keys.rows; ++j) {
        const V key = memory.template load<V>(keys.data + j * keys.stride + k);
        V sum(0.0F);
        for (const Look& look : looks) {
          V x = memory.template load<V>(look.row + k) + key;
          if constexpr (covered) x = fma(memory.template load<V>(weight + k), V(look.amounts[j]), x);
          const V y = tanh(x), d(look.numbers[j]);
          sum = fma(d, V(1.0F) - y * y, sum);
          d_of_v = fma(d, y, d_of_v);
          if constexpr (covered) d_of_weight = fma(d * V(look.amounts[j]), V(1.0F) - y * y, d_of_weight);
        }
        float* to = d_keys.data + j * d_keys.stride + k;
        memory.store(fma(memory.template load<V>(v + k), sum, memory.template load<V>(to)), to);
      }
      memory.store(memory.template load<V>(d_v + k) + d_of_v, d_v + k);
      if constexpr (covered) {
        const V d = memory.template load<V>(v + k) * d_of_weight;
        memory.store(memory.template load<V>(d_weight + k) + d, d_weight + k);
      }
    });
  }
};

struct AddLooks {
  static constexpr std::size_t kVectors = 4;  // sums that do not wait for each other

  template <class V>
  static void run(std::span<const Look> looks, const Matrix& sums) {
    std::size_t k = 0;
    for (; k + kVectors * V::kLanes <= sums.columns; k += kVectors * V::kLanes) {
      for (std::size_t j = 0; j < sums.rows; ++j) {
        float* to = sums.data + j * sums.stride + k;
        V sum[kVectors];
        for (std::size_t i = 0; i < kVectors; ++i) sum[i] = V::load(to + i * V::kLanes);
        for (const Look& look : looks) {
          const V number(look.numbers[j]);
          for (std::size_t i = 0; i < kVectors; ++i)
            sum[i] = fma(number, V::load(look.row + k + i * V::kLanes), sum[i]);
        }
        for (std::size_t i = 0; i < kVectors; ++i) sum[i].store(to + i * V::kLanes);
      }
    }
    for_vectors<V>(sums.columns - k, [&](std::size_t rest, auto memory) {
      for (std::size_t j = 0; j < sums.rows; ++j) {
        float* to = sums.data + j * sums.stride + k + rest;
        V sum = memory.template load<V>(to);
        for (const Look& look : looks) {
          sum = fma(V(look.numbers[j]), memory.template load<V>(look.row + k + rest), sum);
        }
        memory.store(sum, to);
      }
    });
  }
};

struct Tanh {
  template <class V>
  static void run(std::size_t count, float* y) {
    for_vectors<V>(count,
                   [&](std::size_t i, auto memory) { memory.store(tanh(memory.template load<V>(y + i)), y + i); });
  }
};

struct TanhBackward {
  template <class V>
  static void run(std::size_t count, const float* y, float* d) {
    for_vectors<V>(count, [&](std::size_t i, auto memory) {
      const V value = memory.template load<V>(y + i);
      memory.store(memory.template load<V>(d + i) * (V(1.0F) - value * value), d + i);
    });
  }
};

}  // namespace

void additive_scores(const float* query, const ConstMatrix& keys, const float* v, float* scores,
                     const Coverage& coverage) {
  if (coverage.amounts == nullptr) return dispatch<AdditiveScores<false>>(query, keys, v, scores, coverage);
  dispatch<AdditiveScores<true>>(query, keys, v, scores, coverage);
}

void dot_scores(const float* query, const ConstMatrix& keys, float* scores) {
  dispatch<DotScores>(query, keys, scores);
}

void add_weighted_rows(const float* weights, const ConstMatrix& rows, float* sum) {
  dispatch<AddWeightedRows>(weights, rows, sum);
}

void attention_softmax_backward(std::span<const float> weights, float* d) {
  double mean = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) mean += static_cast<double>(weights[j]) * static_cast<double>(d[j]);
  for (std::size_t j = 0; j < weights.size(); ++j) d[j] = weights[j] * (d[j] - static_cast<float>(mean));
}

void additive_query_backward(const float* query, const ConstMatrix& keys, const float* v, const float* d_scores,
                             float* d_query, const Coverage& coverage, float* d_amounts) {
  if (coverage.amounts == nullptr) {
    dispatch<AdditiveQueryBackward<false>>(query, keys, v, d_scores, d_query, coverage, d_amounts);
  } else {
    dispatch<AdditiveQueryBackward<true>>(query, keys, v, d_scores, d_query, coverage, d_amounts);
  }
}

void additive_keys_backward(std::span<const Look> looks, const ConstMatrix& keys, const float* v, const Matrix& d_keys,
                            float* d_v) {
  const float* no_weight = nullptr;
  float* no_gradient = nullptr;
  dispatch<AdditiveKeysBackward<false>>(looks, keys, v, no_weight, d_keys, d_v, no_gradient);
}

void additive_keys_backward(std::span<const Look> looks, const ConstMatrix& keys, const float* v, const float* weight,
                            const Matrix& d_keys, float* d_v, float* d_weight) {
  dispatch<AdditiveKeysBackward<true>>(looks, keys, v, weight, d_keys, d_v, d_weight);
}

void add_looks(std::span<const Look> looks, const Matrix& sums) { dispatch<AddLooks>(looks, sums); }

void apply_tanh(std::size_t count, float* y) { dispatch<Tanh>(count, y); }
void apply_tanh_backward(std::size_t count, const float* y, float* d) { dispatch<TanhBackward>(count, y, d); }

}  // namespace recur
