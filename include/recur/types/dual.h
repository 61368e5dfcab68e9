// Derivatives by forward-mode duals: a value and its non-zero partial derivatives. Which partials there are is part of
// the type, one bit of Inputs for each, so absent ones cost nothing and everything inlines.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

#include "recur/types/simd.h"

namespace recur {

template <Number N, unsigned Inputs>
struct Dual {
  N value;
  std::array<N, static_cast<std::size_t>(std::popcount(Inputs))> partial;
};

namespace derive {

template <unsigned Inputs, unsigned K>
inline constexpr bool depends = ((Inputs >> K) & 1U) != 0;

// The partial with respect to input K, which must be there.
template <unsigned K, Number N, unsigned Inputs>
const N& partial(const Dual<N, Inputs>& a) {
  return a.partial[static_cast<std::size_t>(std::popcount(Inputs & ((1U << K) - 1U)))];
}

// Fills each partial of `result` with rule(integral_constant<K>).
template <unsigned K = 0, Number N, unsigned Inputs, class Rule>
void fill(Dual<N, Inputs>& result, const Rule& rule) {
  if constexpr ((Inputs >> K) != 0) {
    if constexpr (depends<Inputs, K>) {
      result.partial[static_cast<std::size_t>(std::popcount(Inputs & ((1U << K) - 1U)))] =
          rule(std::integral_constant<unsigned, K>());
    }
    if constexpr (K < 31) fill<K + 1>(result, rule);
  }
}

// A function of one variable: its value and its slope there.
template <Number N, unsigned Inputs>
Dual<N, Inputs> chain(const Dual<N, Inputs>& a, const N& value, const N& slope) {
  Dual<N, Inputs> result;
  result.value = value;
  fill(result, [&](auto k) { return partial<k>(a) * slope; });
  return result;
}

template <unsigned K, Number N>
Dual<N, (1U << K)> variable(const N& value) {
  return {value, {N(1.0F)}};
}

}  // namespace derive

template <Number N, unsigned A, unsigned B>
Dual<N, A | B> operator+(const Dual<N, A>& a, const Dual<N, B>& b) {
  Dual<N, A | B> result;
  result.value = a.value + b.value;
  derive::fill(result, [&](auto k) {
    if constexpr (!derive::depends<B, k>) {
      return derive::partial<k>(a);
    } else if constexpr (!derive::depends<A, k>) {
      return derive::partial<k>(b);
    } else {
      return derive::partial<k>(a) + derive::partial<k>(b);
    }
  });
  return result;
}

template <Number N, unsigned A>
Dual<N, A> operator-(const Dual<N, A>& a) {
  return derive::chain(a, -a.value, N(-1.0F));
}

template <Number N, unsigned A, unsigned B>
Dual<N, A | B> operator-(const Dual<N, A>& a, const Dual<N, B>& b) {
  Dual<N, A | B> result;
  result.value = a.value - b.value;
  derive::fill(result, [&](auto k) {
    if constexpr (!derive::depends<B, k>) {
      return derive::partial<k>(a);
    } else if constexpr (!derive::depends<A, k>) {
      return -derive::partial<k>(b);
    } else {
      return derive::partial<k>(a) - derive::partial<k>(b);
    }
  });
  return result;
}

template <Number N, unsigned A, unsigned B>
Dual<N, A | B> operator*(const Dual<N, A>& a, const Dual<N, B>& b) {
  Dual<N, A | B> result;
  result.value = a.value * b.value;
  derive::fill(result, [&](auto k) {
    if constexpr (!derive::depends<B, k>) {
      return derive::partial<k>(a) * b.value;
    } else if constexpr (!derive::depends<A, k>) {
      return a.value * derive::partial<k>(b);
    } else {
      return fma(derive::partial<k>(a), b.value, a.value * derive::partial<k>(b));
    }
  });
  return result;
}

template <Number N, unsigned A, unsigned B>
Dual<N, A | B> operator/(const Dual<N, A>& a, const Dual<N, B>& b) {
  const N inverse = N(1.0F) / b.value;
  Dual<N, A | B> result;
  result.value = a.value / b.value;
  // (a / b)' = (a' - a / b b') / b: the square of b, or of its inverse, may be beyond what a float holds.
  derive::fill(result, [&](auto k) {
    if constexpr (!derive::depends<B, k>) {
      return derive::partial<k>(a) * inverse;
    } else if constexpr (!derive::depends<A, k>) {
      return -(result.value * derive::partial<k>(b)) * inverse;
    } else {
      return (derive::partial<k>(a) - result.value * derive::partial<k>(b)) * inverse;
    }
  });
  return result;
}

// A dual and a plain number.
template <Number N, unsigned A>
Dual<N, A> operator+(const Dual<N, A>& a, float b) {
  return {a.value + N(b), a.partial};
}
template <Number N, unsigned A>
Dual<N, A> operator+(float a, const Dual<N, A>& b) {
  return b + a;
}
template <Number N, unsigned A>
Dual<N, A> operator-(const Dual<N, A>& a, float b) {
  return {a.value - N(b), a.partial};
}
template <Number N, unsigned A>
Dual<N, A> operator-(float a, const Dual<N, A>& b) {
  return -b + a;
}
template <Number N, unsigned A>
Dual<N, A> operator*(const Dual<N, A>& a, float b) {
  return derive::chain(a, a.value * N(b), N(b));
}
template <Number N, unsigned A>
Dual<N, A> operator*(float a, const Dual<N, A>& b) {
  return b * a;
}
template <Number N, unsigned A>
Dual<N, A> operator/(const Dual<N, A>& a, float b) {
  return derive::chain(a, a.value / N(b), N(1.0F) / N(b));
}
template <Number N, unsigned A>
Dual<N, A> operator/(float a, const Dual<N, A>& b) {
  const N value = N(a) / b.value;
  return derive::chain(b, value, -(value / b.value));
}

template <Number N, unsigned A>
Dual<N, A> tanh(const Dual<N, A>& a) {
  const N y = tanh(a.value);
  return derive::chain(a, y, N(1.0F) - y * y);
}
template <Number N, unsigned A>
Dual<N, A> sigmoid(const Dual<N, A>& a) {
  const N y = sigmoid(a.value);
  return derive::chain(a, y, y * (N(1.0F) - y));
}
template <Number N, unsigned A>
Dual<N, A> relu(const Dual<N, A>& a) {
  return derive::chain(a, relu(a.value), positive(a.value));
}
// log(sigmoid(a))
template <Number N, unsigned A>
Dual<N, A> log_sigmoid(const Dual<N, A>& a) {
  return derive::chain(a, log_sigmoid(a.value), sigmoid(-a.value));
}
// The larger of two; where they are equal, the derivative is that of the second.
template <Number N, unsigned A, unsigned B>
Dual<N, A | B> max(const Dual<N, A>& a, const Dual<N, B>& b) {
  const N first = positive(a.value - b.value);
  Dual<N, A | B> result;
  result.value = max(a.value, b.value);
  derive::fill(result, [&](auto k) {
    if constexpr (!derive::depends<B, k>) {
      return derive::partial<k>(a) * first;
    } else if constexpr (!derive::depends<A, k>) {
      return derive::partial<k>(b) * (N(1.0F) - first);
    } else {
      return fma(first, derive::partial<k>(a) - derive::partial<k>(b), derive::partial<k>(b));
    }
  });
  return result;
}
template <Number N, unsigned A>
Dual<N, A> exp(const Dual<N, A>& a) {
  const N y = exp(a.value);
  return derive::chain(a, y, y);
}

}  // namespace recur
