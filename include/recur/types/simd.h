// Numbers that kernels and cells are written over, one type per SIMD width, chosen at run time:
//
//   Vec4    4 floats, whatever the compiler's baseline has (SSE2, NEON)
//   Vec8    8 floats, AVX2 and FMA
//   Vec16   16 floats, AVX-512
//   Real64  one double: the reference that gradient checks use
//
// A kernel is a struct with `template <class V> static void run(arguments...)`; dispatch<Kernel>(arguments...) runs it
// at the widest type that the processor has. run() itself is ordinary code: everything it calls is inlined into an
// entry point compiled for the right instructions, so a kernel, or a user's cell, lives in an ordinary file and needs
// no flag.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace recur {

enum class SimdLevel { baseline, avx2, avx512 };

// The level that dispatch() uses: the best that this processor has unless set_simd_level() chose a lower one.
SimdLevel simd_level();
// Throws Error when this processor lacks the level.
void set_simd_level(SimdLevel level);
const char* simd_name(SimdLevel level);

struct Vec4 {
  static constexpr std::size_t kLanes = 4;
  using Raw = float __attribute__((vector_size(16)));
  using Bits = std::int32_t __attribute__((vector_size(16)));
  Raw v;

  Vec4() = default;
  Vec4(Raw raw) : v(raw) {}
  Vec4(float x) : v(Raw{x, x, x, x}) {}
  static Vec4 load(const float* p) {
    Raw raw;
    std::memcpy(&raw, p, sizeof raw);
    return raw;
  }
  void store(float* p) const { std::memcpy(p, &v, sizeof v); }
  friend Vec4 operator+(const Vec4& a, const Vec4& b) { return a.v + b.v; }
  friend Vec4 operator-(const Vec4& a, const Vec4& b) { return a.v - b.v; }
  friend Vec4 operator*(const Vec4& a, const Vec4& b) { return a.v * b.v; }
  friend Vec4 operator/(const Vec4& a, const Vec4& b) { return a.v / b.v; }
  friend Vec4 fma(const Vec4& a, const Vec4& b, const Vec4& c) { return a.v * b.v + c.v; }
  friend Vec4 min(const Vec4& a, const Vec4& b) { return a.v < b.v ? a.v : b.v; }
  friend Vec4 max(const Vec4& a, const Vec4& b) { return a.v > b.v ? a.v : b.v; }
  friend Vec4 sqrt(const Vec4& a) {
    return Raw{std::sqrt(a.v[0]), std::sqrt(a.v[1]), std::sqrt(a.v[2]), std::sqrt(a.v[3])};
  }
  friend Vec4 abs(const Vec4& a) { return Raw((Bits)a.v & 0x7FFFFFFF); }
  // a, which is not negative, with the sign of b.
  friend Vec4 with_sign(const Vec4& a, const Vec4& b) { return Raw((Bits)a.v | ((Bits)b.v & ~0x7FFFFFFF)); }
  // 1 where a > 0, else 0: the slope of the rectifier.
  friend Vec4 positive(const Vec4& a) { return a.v > 0.0F ? Raw{1, 1, 1, 1} : Raw{0, 0, 0, 0}; }
  // a * 2^n where n is the integer in the low bits of the float t.
  friend Vec4 shift_exponent(const Vec4& a, const Vec4& t) { return Raw((Bits)a.v + ((Bits)t.v << 23)); }
};

#if defined(__x86_64__)

#define RECUR_AVX2 __attribute__((target("avx2,fma"))) inline
#define RECUR_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))) inline

struct Vec8 {
  static constexpr std::size_t kLanes = 8;
  __m256 v;

  Vec8() = default;
  RECUR_AVX2 Vec8(__m256 raw) : v(raw) {}
  RECUR_AVX2 Vec8(float x) : v(_mm256_set1_ps(x)) {}
  RECUR_AVX2 static Vec8 load(const float* p) { return _mm256_loadu_ps(p); }
  RECUR_AVX2 void store(float* p) const { _mm256_storeu_ps(p, v); }
  RECUR_AVX2 friend Vec8 operator+(const Vec8& a, const Vec8& b) { return _mm256_add_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 operator-(const Vec8& a, const Vec8& b) { return _mm256_sub_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 operator*(const Vec8& a, const Vec8& b) { return _mm256_mul_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 operator/(const Vec8& a, const Vec8& b) { return _mm256_div_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 fma(const Vec8& a, const Vec8& b, const Vec8& c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
  RECUR_AVX2 friend Vec8 min(const Vec8& a, const Vec8& b) { return _mm256_min_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 max(const Vec8& a, const Vec8& b) { return _mm256_max_ps(a.v, b.v); }
  RECUR_AVX2 friend Vec8 sqrt(const Vec8& a) { return _mm256_sqrt_ps(a.v); }
  RECUR_AVX2 friend Vec8 abs(const Vec8& a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a.v); }
  RECUR_AVX2 friend Vec8 with_sign(const Vec8& a, const Vec8& b) {
    return _mm256_or_ps(a.v, _mm256_and_ps(_mm256_set1_ps(-0.0F), b.v));
  }
  RECUR_AVX2 friend Vec8 positive(const Vec8& a) {
    return _mm256_and_ps(_mm256_cmp_ps(a.v, _mm256_setzero_ps(), _CMP_GT_OQ), _mm256_set1_ps(1.0F));
  }
  RECUR_AVX2 friend Vec8 shift_exponent(const Vec8& a, const Vec8& t) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(t.v), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a.v), exponent));
  }
};

struct Vec16 {
  static constexpr std::size_t kLanes = 16;
  // The masked forms with every lane on: g++ 12 warns that the plain ones use an uninitialised value.
  static constexpr __mmask16 kAll = 0xFFFF;
  __m512 v;

  Vec16() = default;
  RECUR_AVX512 Vec16(__m512 raw) : v(raw) {}
  RECUR_AVX512 Vec16(float x) : v(_mm512_set1_ps(x)) {}
  RECUR_AVX512 static Vec16 load(const float* p) { return _mm512_loadu_ps(p); }
  RECUR_AVX512 void store(float* p) const { _mm512_storeu_ps(p, v); }
  RECUR_AVX512 friend Vec16 operator+(const Vec16& a, const Vec16& b) { return _mm512_add_ps(a.v, b.v); }
  RECUR_AVX512 friend Vec16 operator-(const Vec16& a, const Vec16& b) { return _mm512_sub_ps(a.v, b.v); }
  RECUR_AVX512 friend Vec16 operator*(const Vec16& a, const Vec16& b) { return _mm512_mul_ps(a.v, b.v); }
  RECUR_AVX512 friend Vec16 operator/(const Vec16& a, const Vec16& b) { return _mm512_div_ps(a.v, b.v); }
  RECUR_AVX512 friend Vec16 fma(const Vec16& a, const Vec16& b, const Vec16& c) {
    return _mm512_fmadd_ps(a.v, b.v, c.v);
  }
  RECUR_AVX512 friend Vec16 min(const Vec16& a, const Vec16& b) { return _mm512_maskz_min_ps(kAll, a.v, b.v); }
  RECUR_AVX512 friend Vec16 max(const Vec16& a, const Vec16& b) { return _mm512_maskz_max_ps(kAll, a.v, b.v); }
  RECUR_AVX512 friend Vec16 sqrt(const Vec16& a) { return _mm512_maskz_sqrt_ps(kAll, a.v); }
  RECUR_AVX512 friend Vec16 abs(const Vec16& a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0F), a.v); }
  RECUR_AVX512 friend Vec16 with_sign(const Vec16& a, const Vec16& b) {
    return _mm512_or_ps(a.v, _mm512_and_ps(_mm512_set1_ps(-0.0F), b.v));
  }
  RECUR_AVX512 friend Vec16 positive(const Vec16& a) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.v, _mm512_setzero_ps(), _CMP_GT_OQ), _mm512_set1_ps(1.0F));
  }
  RECUR_AVX512 friend Vec16 shift_exponent(const Vec16& a, const Vec16& t) {
    const __m512i exponent = _mm512_maskz_slli_epi32(kAll, _mm512_castps_si512(t.v), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a.v), exponent));
  }
};

#endif

struct Real64 {
  static constexpr std::size_t kLanes = 1;
  double v;

  Real64() = default;
  Real64(double x) : v(x) {}
  friend Real64 operator+(Real64 a, Real64 b) { return a.v + b.v; }
  friend Real64 operator-(Real64 a, Real64 b) { return a.v - b.v; }
  friend Real64 operator*(Real64 a, Real64 b) { return a.v * b.v; }
  friend Real64 operator/(Real64 a, Real64 b) { return a.v / b.v; }
  friend Real64 fma(Real64 a, Real64 b, Real64 c) { return a.v * b.v + c.v; }
  friend Real64 max(Real64 a, Real64 b) { return a.v > b.v ? a.v : b.v; }
  friend Real64 positive(Real64 a) { return a.v > 0 ? 1.0 : 0.0; }
  friend Real64 tanh(Real64 a) { return std::tanh(a.v); }
  friend Real64 sigmoid(Real64 a) { return 1 / (1 + std::exp(-a.v)); }
  friend Real64 exp(Real64 a) { return std::exp(a.v); }
  friend Real64 log_sigmoid(Real64 a) { return std::min(a.v, 0.0) - std::log1p(std::exp(-std::abs(a.v))); }
};

template <class N>
concept Number = requires {
  N::kLanes;
};

// A vector of floats; Real64 has its own exact functions.
template <class V>
concept FloatVector = Number<V> && requires(float* p) {
  V::load(p);
};

template <Number N>
N operator-(const N& a) {
  return N(0.0F) - a;
}

template <Number N>
N relu(const N& a) {
  return max(N(0.0F), a);  // in this order not-a-number stays what it is
}

// With p / q close to tanh(a / 2), tanh(a) = 2 p q / (p^2 + q^2), here over 2 p q + (q - p)^2: where tanh nears 1,
// errors of p and q cancel and no rounding can carry the result beyond it. Within 1.8e-7 of the true value everywhere,
// relative error 3.6e-7; odd, exact at 0 with its sign, exactly 1 from 9 on. Where |a| > 7 neighbours may be out of
// order by up to 2^-23. p and q: minimax fit of the whole formula in relative error on [0, 9] (7e-9), then a search
// among neighbouring floats, at all scales between two powers of 2, for the least error with rounding, with and without
// fma.
template <FloatVector V>
V tanh(const V& a) {
  const V x = min(V(9.0F), abs(a));  // in this order not-a-number stays
  const V x2 = x * x;
  V p(1.13913928e-04F);
  p = fma(p, x2, V(2.97111776e-02F));
  p = fma(p, x2, V(9.98102605e-01F));
  p = p * x;
  V q(2.44857620e-06F);
  q = fma(q, x2, V(2.40726443e-03F));
  q = fma(q, x2, V(2.25772724e-01F));
  q = fma(q, x2, V(1.99620521e+00F));
  const V difference = q - p;
  const V twice_product = (p + p) * q;
  return with_sign(twice_product / fma(difference, difference, twice_product), a);
}

// With p / q close to tanh(a / 4), sigmoid(a) = (q + p)^2 / ((q + p)^2 + (q - p)^2), which no rounding carries out of
// [0, 1]. Within 2e-7 of the true value everywhere; exactly 0.5 at 0, exactly 0 and 1 beyond -16.8 and 16.8, where p
// and q are the same float. Above 7 neighbours may be out of order by up to 2^-23, below -7 by 2^-27. p and q: as for
// tanh, in absolute error (9e-8 before rounding).
template <FloatVector V>
V sigmoid(const V& a) {
  const V x = min(V(16.7990799F), max(V(-16.7990799F), a));  // not-a-number stays
  const V x2 = x * x;
  V p(1.60139166e-06F);
  p = fma(p, x2, V(3.15938075e-03F));
  p = fma(p, x2, V(4.68431026e-01F));
  p = p * x;
  V q(1.07150830e-04F);
  q = fma(q, x2, V(5.16725518e-02F));
  q = fma(q, x2, V(1.87372553e+00F));
  const V sum = q + p, difference = q - p;
  const V square = sum * sum;
  return square / fma(difference, difference, square);
}

// e^a for a in [-87, 88], clamped outside: 2^n times a polynomial of the remainder in [-ln2/2, ln2/2]; error 2 ulp.
template <FloatVector V>
V exp(const V& a) {
  const V x = min(V(88.0F), max(V(-87.0F), a));  // not-a-number stays
  const V magic(12582912.0F);                    // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  const V t = fma(x, V(1.44269504088896341F), magic);
  const V n = t - magic;
  V r = fma(n, V(-0.693359375F), x);
  r = fma(n, V(2.12194440e-4F), r);
  V p(1.9875691500e-4F);
  p = fma(p, r, V(1.3981999507e-3F));
  p = fma(p, r, V(8.3334519073e-3F));
  p = fma(p, r, V(4.1665795894e-2F));
  p = fma(p, r, V(1.6666665459e-1F));
  p = fma(p, r, V(5.0000001201e-1F));
  return shift_exponent(fma(p, r * r, r + V(1.0F)), t);
}

// log(sigmoid(a)) = min(a, 0) - log(1 + e^-|a|). With y = e^-|a| and s = y / (2 + y), at most 1/3, the logarithm is
// 2 (s + s^3 / 3 + s^5 / 5 + ...); what is cut off is below 1e-8.
template <FloatVector V>
V log_sigmoid(const V& a) {
  const V y = exp(min(a, -a));
  const V s = y / (V(2.0F) + y);
  const V s2 = s * s;
  V p(2.0F / 13);
  p = fma(p, s2, V(2.0F / 11));
  p = fma(p, s2, V(2.0F / 9));
  p = fma(p, s2, V(2.0F / 7));
  p = fma(p, s2, V(2.0F / 5));
  p = fma(p, s2, V(2.0F / 3));
  p = fma(p, s2, V(2.0F));
  return min(V(0.0F), a) - p * s;
}

template <class Kernel, class... Args>
__attribute__((flatten, noinline)) void run_baseline(Args... args) {
  Kernel::template run<Vec4>(args...);
}

#if defined(__x86_64__)
template <class Kernel, class... Args>
__attribute__((target("avx2,fma"), flatten, noinline)) void run_avx2(Args... args) {
  Kernel::template run<Vec8>(args...);
}

template <class Kernel, class... Args>
__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"), flatten, noinline)) void run_avx512(
    Args... args) {
  Kernel::template run<Vec16>(args...);
}
#undef RECUR_AVX2
#undef RECUR_AVX512
#endif

template <class Kernel, class... Args>
void dispatch(Args... args) {
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__clang__)
  if (simd_level() == SimdLevel::avx512) return run_avx512<Kernel>(args...);
  if (simd_level() == SimdLevel::avx2) return run_avx2<Kernel>(args...);
#endif
  run_baseline<Kernel>(args...);
}

// Under a sanitizer g++ takes minutes for the wide kernels of one cell: there cells have the baseline's.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kWideCells = false;
#else
inline constexpr bool kWideCells = true;
#endif

}  // namespace recur
