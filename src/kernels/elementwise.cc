#include "kernels/elementwise.h"

#include <cmath>
#include <type_traits>

#include "recur/types/simd.h"

namespace recur {
namespace {

// One element of an array, like a vector of one: what is left over when vectors do not fit. The same bits as in V.
template <class V>
struct Single {
  static constexpr std::size_t kLanes = 1;
  float v;

  Single(float x) : v(x) {}
  static Single load(const float* p) { return *p; }
  void store(float* p) const { *p = v; }
  friend Single operator+(Single a, Single b) { return a.v + b.v; }
  friend Single operator-(Single a, Single b) { return a.v - b.v; }
  friend Single operator*(Single a, Single b) { return a.v * b.v; }
  friend Single operator/(Single a, Single b) { return a.v / b.v; }
  friend Single fma(Single a, Single b, Single c) {
    if constexpr (std::is_same_v<V, Vec4>) return a.v * b.v + c.v;
    return std::fma(a.v, b.v, c.v);
  }
  friend Single min(Single a, Single b) { return a.v < b.v ? a.v : b.v; }
  friend Single max(Single a, Single b) { return a.v > b.v ? a.v : b.v; }
  friend Single abs(Single a) { return std::abs(a.v); }
  friend Single with_sign(Single a, Single b) { return std::copysign(a.v, b.v); }
  friend Single positive(Single a) { return a.v > 0 ? 1.0F : 0.0F; }
};

// Calls visit<N>(index) for vectors, then for the single elements that are left.
template <class V, class Visit>
void for_vectors(std::size_t count, const Visit& visit) {
  std::size_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) visit.template operator()<V>(i);
  for (; i < count; ++i) visit.template operator()<Single<V>>(i);
}

struct Update {
  template <class V>
  static void run(const StateUpdate& u, std::size_t count, const float* before, float* state) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) {
      N value = N::load(state + i);
      const N share = u.keep != nullptr ? N::load(u.keep + i) : N(u.share);
      value = share * N::load(before + i) + (N(1.0F) - share) * value;
      // In this order not-a-number stays what it is.
      if (u.clip > 0) value = min(N(u.clip), max(N(-u.clip), value));
      value.store(state + i);
    });
  }
};

struct UpdateBackward {
  template <class V>
  static void run(const StateUpdate& u, std::size_t count, const float* state, float* d, float* d_before) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) {
      N gradient = N::load(d + i);
      if (u.clip > 0) {
        const N value = N::load(state + i);
        gradient = gradient * positive(N(u.clip) - value) * positive(value + N(u.clip));
      }
      const N share = u.keep != nullptr ? N::load(u.keep + i) : N(u.share);
      (share * gradient).store(d_before + i);
      ((N(1.0F) - share) * gradient).store(d + i);
    });
  }
};

struct Add {
  template <class V>
  static void run(std::size_t count, const float* a, const float* b, float* to) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) { (N::load(a + i) + N::load(b + i)).store(to + i); });
  }
};

struct Multiply {
  template <class V>
  static void run(std::size_t count, const float* a, const float* b, float* to) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) { (N::load(a + i) * N::load(b + i)).store(to + i); });
  }
};

struct AddProducts {
  template <class V>
  static void run(std::size_t count, const float* a, const float* b, float* sum) {
    for_vectors<V>(
        count, [&]<class N>(std::size_t i) { (N::load(sum + i) + N::load(a + i) * N::load(b + i)).store(sum + i); });
  }
};

struct TanhOfSum {
  template <class V>
  static void run(std::size_t count, const float* a, const float* b, float* to) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) { tanh(N::load(a + i) + N::load(b + i)).store(to + i); });
  }
};

struct TanhOfSumBackward {
  template <class V>
  static void run(std::size_t count, const float* y, const float* d, float* d_a, float* d_b) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) {
      const N out = N::load(y + i);
      const N inner = N::load(d + i) * (N(1.0F) - out * out);
      (N::load(d_a + i) + inner).store(d_a + i);
      (N::load(d_b + i) + inner).store(d_b + i);
    });
  }
};

struct Mix {
  template <class V>
  static void run(std::size_t count, const float* gate, const float* y, const float* x, float* out) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) {
      const N before = N::load(x + i);
      (before + sigmoid(N::load(gate + i)) * (N::load(y + i) - before)).store(out + i);
    });
  }
};

struct MixBackward {
  template <class V>
  static void run(std::size_t count, const float* gate, const float* y, const float* x, const float* d, float* d_gate,
                  float* d_y, float* d_x) {
    for_vectors<V>(count, [&]<class N>(std::size_t i) {
      const N g = sigmoid(N::load(gate + i));
      const N out = N::load(d + i);
      const N slope = g * (N(1.0F) - g) * (N::load(y + i) - N::load(x + i));
      (N::load(d_gate + i) + out * slope).store(d_gate + i);
      (N::load(d_y + i) + out * g).store(d_y + i);
      (N::load(d_x + i) + out * (N(1.0F) - g)).store(d_x + i);
    });
  }
};

}  // namespace

void update_state(const StateUpdate& update, std::size_t count, const float* before, float* state) {
  dispatch<Update>(update, count, before, state);
}

void update_state_backward(const StateUpdate& update, std::size_t count, const float* state, float* d,
                           float* d_before) {
  dispatch<UpdateBackward>(update, count, state, d, d_before);
}

void add_elements(std::size_t count, const float* a, const float* b, float* to) { dispatch<Add>(count, a, b, to); }

void accumulate_elements(std::size_t count, const float* a, float* sum) { dispatch<Add>(count, sum, a, sum); }

void multiply_elements(std::size_t count, const float* a, const float* b, float* to) {
  dispatch<Multiply>(count, a, b, to);
}

void add_products(std::size_t count, const float* a, const float* b, float* sum) {
  dispatch<AddProducts>(count, a, b, sum);
}

void tanh_of_sum(std::size_t count, const float* a, const float* b, float* to) { dispatch<TanhOfSum>(count, a, b, to); }

void tanh_of_sum_backward(std::size_t count, const float* y, const float* d, float* d_a, float* d_b) {
  dispatch<TanhOfSumBackward>(count, y, d, d_a, d_b);
}

void mix(std::size_t count, const float* gate, const float* y, const float* x, float* out) {
  dispatch<Mix>(count, gate, y, x, out);
}

void mix_backward(std::size_t count, const float* gate, const float* y, const float* x, const float* d, float* d_gate,
                  float* d_y, float* d_x) {
  dispatch<MixBackward>(count, gate, y, x, d, d_gate, d_y, d_x);
}

}  // namespace recur
