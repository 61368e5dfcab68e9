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

// Rational approximation, odd by construction and exact at 0; within 5e-7 of the true value everywhere.
template <FloatVector V>
V tanh(const V& a) {
  const V x = min(V(7.90531110763549805F), max(V(-7.90531110763549805F), a));  // not-a-number stays
  const V x2 = x * x;
  V p(-2.76076847742355e-16F);
  p = fma(p, x2, V(2.00018790482477e-13F));
  p = fma(p, x2, V(-8.60467152213735e-11F));
  p = fma(p, x2, V(5.12229709037114e-08F));
  p = fma(p, x2, V(1.48572235717979e-05F));
  p = fma(p, x2, V(6.37261928875436e-04F));
  p = fma(p, x2, V(4.89352455891786e-03F));
  V q(1.19825839466702e-06F);
  q = fma(q, x2, V(1.18534705686654e-04F));
  q = fma(q, x2, V(2.26843463243900e-03F));
  q = fma(q, x2, V(4.89352518554385e-03F));
  return (p * x) / q;
}

template <FloatVector V>
V sigmoid(const V& a) {
  return fma(tanh(a * V(0.5F)), V(0.5F), V(0.5F));
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
