#include "kernels/layer_norm.h"

#include <cmath>

#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr float kEpsilon = 1e-5F;  // added to the variance, as in PyTorch

// Sums f(i) for vectors of elements [0, width) by `vector` and for those left over by `single`.
template <class V, class Vector, class Single>
float sum(std::size_t width, const Vector& vector, const Single& single) {
  V sums(0.0F);
  std::size_t u = 0;
  for (; u + V::kLanes <= width; u += V::kLanes) sums = sums + vector(u);
  float lanes[V::kLanes];
  sums.store(lanes);
  float total = 0;
  for (const float lane : lanes) total += lane;
  for (; u < width; ++u) total += single(u);
  return total;
}

struct Normalise {
  template <class V>
  static float gate(std::size_t width, const float* gain, const float* shift, float* z, float* normalised) {
    const float n = 1 / static_cast<float>(width);
    const float mean = n * sum<V>(
                               width, [&](auto u) { return V::load(z + u); }, [&](auto u) { return z[u]; });
    const auto vector_square = [&](std::size_t u) {
      const V d = V::load(z + u) - V(mean);
      return d * d;
    };
    const auto square = [&](std::size_t u) { return (z[u] - mean) * (z[u] - mean); };
    const float factor = 1 / std::sqrt(n * sum<V>(width, vector_square, square) + kEpsilon);
    std::size_t u = 0;
    for (; u + V::kLanes <= width; u += V::kLanes) {
      const V x = (V::load(z + u) - V(mean)) * V(factor);
      x.store(normalised + u);
      (V::load(gain + u) * x + V::load(shift + u)).store(z + u);
    }
    for (; u < width; ++u) {
      normalised[u] = (z[u] - mean) * factor;
      z[u] = gain[u] * normalised[u] + shift[u];
    }
    return factor;
  }

  template <class V>
  static void run(const NormRows& shape, const float* gain, const float* shift, float* z, float* normalised,
                  float* factor) {
    for (std::size_t row = 0; row < shape.rows; ++row) {
      for (std::size_t g = 0; g < shape.gates; ++g) {
        const std::size_t place = g * shape.width;
        factor[g] = gate<V>(shape.width, gain + place, shift + place, z + place, normalised + place);
      }
      z += shape.gates * shape.width;
      normalised += shape.gates * shape.width;
      factor += shape.gates;
    }
  }
};

struct NormaliseBackward {
  // With g = d * gain: dz = factor * (g - mean(g) - x * mean(g * x)).
  template <class V>
  static void gate(std::size_t width, const float* gain, const float* x, float factor, float* d, float* d_gain,
                   float* d_shift) {
    const auto vector_g = [&](std::size_t u) { return V::load(d + u) * V::load(gain + u); };
    const auto g = [&](std::size_t u) { return d[u] * gain[u]; };
    const float n = 1 / static_cast<float>(width);
    const float mean = n * sum<V>(width, vector_g, g);
    const auto vector_gx = [&](std::size_t u) { return vector_g(u) * V::load(x + u); };
    const float slope = n * sum<V>(width, vector_gx, [&](std::size_t u) { return g(u) * x[u]; });
    std::size_t u = 0;
    for (; u + V::kLanes <= width; u += V::kLanes) {
      const V du = V::load(d + u);
      const V xu = V::load(x + u);
      (V::load(d_gain + u) + du * xu).store(d_gain + u);
      (V::load(d_shift + u) + du).store(d_shift + u);
      ((vector_g(u) - V(mean) - xu * V(slope)) * V(factor)).store(d + u);
    }
    for (; u < width; ++u) {
      d_gain[u] += d[u] * x[u];
      d_shift[u] += d[u];
      d[u] = (g(u) - mean - x[u] * slope) * factor;
    }
  }

  template <class V>
  static void run(const NormRows& shape, const float* gain, const float* normalised, const float* factor, float* d,
                  float* d_gain, float* d_shift) {
    const std::size_t stride = shape.gates * shape.width;
    for (std::size_t row = 0; row < shape.rows; ++row) {
      for (std::size_t k = 0; k < shape.gates; ++k) {
        const std::size_t place = k * shape.width;
        gate<V>(shape.width, gain + place, normalised + row * stride + place, factor[row * shape.gates + k],
                d + row * stride + place, d_gain + row * stride + place, d_shift + row * stride + place);
      }
    }
  }
};

}  // namespace

void normalise(const NormRows& shape, const float* gain, const float* shift, float* z, float* normalised,
               float* factor) {
  dispatch<Normalise>(shape, gain, shift, z, normalised, factor);
}

void normalise_backward(const NormRows& shape, const float* gain, const float* normalised, const float* factor,
                        float* d, float* d_gain, float* d_shift) {
  dispatch<NormaliseBackward>(shape, gain, normalised, factor, d, d_gain, d_shift);
}

}  // namespace recur
