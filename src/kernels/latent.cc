#include "kernels/latent.h"

#include <algorithm>
#include <array>

#include "recur/types/simd.h"

namespace recur {
namespace {

// Calls compute(inputs) -> outputs with vectors of so many arrays; those that are left over at the end are padded with
// zeros.
template <class V, std::size_t in, std::size_t out, class Compute>
void for_vectors(std::size_t count, const std::array<const float*, in>& from, const std::array<float*, out>& to,
                 const Compute& compute) {
  std::array<V, in> x;
  std::size_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) {
    for (std::size_t a = 0; a < in; ++a) x[a] = V::load(from[a] + i);
    const std::array<V, out> y = compute(x);
    for (std::size_t a = 0; a < out; ++a) y[a].store(to[a] + i);
  }
  if (i == count) return;
  for (std::size_t a = 0; a < in; ++a) {
    float lanes[V::kLanes] = {};
    std::copy_n(from[a] + i, count - i, lanes);
    x[a] = V::load(lanes);
  }
  const std::array<V, out> y = compute(x);
  for (std::size_t a = 0; a < out; ++a) {
    float lanes[V::kLanes];
    y[a].store(lanes);
    std::copy_n(lanes, count - i, to[a] + i);
  }
}

// Adds up terms in float over stretches of an array, the stretches in double. Padding must add nothing.
constexpr std::size_t kStretch = 256;

template <class V, std::size_t in, class Term>
double sum_of(std::size_t count, const std::array<const float*, in>& from, const Term& term) {
  double sum = 0;
  for (std::size_t first = 0; first < count; first += kStretch) {
    std::array<const float*, in> here;
    for (std::size_t a = 0; a < in; ++a) here[a] = from[a] + first;
    V part(0.0F);
    for_vectors<V, in, 0>(std::min(kStretch, count - first), here, {}, [&](const std::array<V, in>& x) {
      part = part + term(x);
      return std::array<V, 0>();
    });
    float lanes[V::kLanes];
    part.store(lanes);
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

struct DrawNumbers {
  template <class V>
  static void run(std::size_t count, const float* mean, const float* log_deviation, const float* noise, float* z,
                  double* divergence) {
    for_vectors<V, 3, 1>(count, {mean, log_deviation, noise}, {z},
                         [](const std::array<V, 3>& x) { return std::array<V, 1>{fma(exp(x[1]), x[2], x[0])}; });
    *divergence = sum_of<V, 2>(count, {mean, log_deviation}, [](const std::array<V, 2>& x) {
      const V deviation = exp(x[1]);
      return V(0.5F) * (fma(x[0], x[0], deviation * deviation) - V(1.0F)) - x[1];
    });
  }
};

struct DrawNumbersBackward {
  template <class V>
  static void run(std::size_t count, const float* mean, const float* log_deviation, const float* noise,
                  const float* d_z, float scale, float* d_mean, float* d_log_deviation) {
    for_vectors<V, 6, 2>(
        count, {mean, log_deviation, noise, d_z, d_mean, d_log_deviation}, {d_mean, d_log_deviation},
        [scale](const std::array<V, 6>& x) {
          const V deviation = exp(x[1]);
          const V of_divergence = V(scale) * (deviation * deviation - V(1.0F));
          return std::array<V, 2>{x[4] + fma(V(scale), x[0], x[3]), x[5] + fma(x[3] * deviation, x[2], of_divergence)};
        });
  }
};

struct BernoulliLoss {
  // -p log s(a) - (1 - p) log s(-a), where log s(-a) = log s(a) - a.
  template <class V>
  static void run(std::size_t count, const float* logits, const float* p, double* loss) {
    const std::size_t whole = count / V::kLanes * V::kLanes;
    const auto term = [](const std::array<V, 2>& x) { return (V(1.0F) - x[1]) * x[0] - log_sigmoid(x[0]); };
    *loss = sum_of<V, 2>(whole, {logits, p}, term);
    if (whole == count) return;
    // What pads the rest is certain: it adds nothing.
    float lanes[2][V::kLanes];
    std::fill_n(lanes[0], V::kLanes, 80.0F);
    std::fill_n(lanes[1], V::kLanes, 1.0F);
    std::copy_n(logits + whole, count - whole, lanes[0]);
    std::copy_n(p + whole, count - whole, lanes[1]);
    *loss += sum_of<V, 2>(V::kLanes, {lanes[0], lanes[1]}, term);
  }
};

struct BernoulliLossBackward {
  template <class V>
  static void run(std::size_t count, const float* logits, const float* p, float scale, float* d) {
    for_vectors<V, 3, 1>(count, {logits, p, d}, {d}, [scale](const std::array<V, 3>& x) {
      return std::array<V, 1>{fma(V(scale), sigmoid(x[0]) - x[1], x[2])};
    });
  }
};

struct Sigmoids {
  template <class V>
  static void run(std::size_t count, const float* logits, float* to) {
    for_vectors<V, 1, 1>(count, {logits}, {to},
                         [](const std::array<V, 1>& x) { return std::array<V, 1>{sigmoid(x[0])}; });
  }
};

struct SubtractSigmoids {
  template <class V>
  static void run(std::size_t count, const float* x, const float* logits, float* to) {
    for_vectors<V, 2, 1>(count, {x, logits}, {to},
                         [](const std::array<V, 2>& v) { return std::array<V, 1>{v[0] - sigmoid(v[1])}; });
  }
};

struct SubtractSigmoidsBackward {
  template <class V>
  static void run(std::size_t count, const float* logits, const float* d, float* d_logits) {
    for_vectors<V, 3, 1>(count, {logits, d, d_logits}, {d_logits}, [](const std::array<V, 3>& x) {
      const V s = sigmoid(x[0]);
      return std::array<V, 1>{x[2] - s * (V(1.0F) - s) * x[1]};
    });
  }
};

}  // namespace

double draw_normal_numbers(std::size_t count, const float* mean, const float* log_deviation, const float* noise,
                           float* z) {
  double divergence = 0;
  dispatch<DrawNumbers>(count, mean, log_deviation, noise, z, &divergence);
  return divergence;
}

void draw_normal_numbers_backward(std::size_t count, const float* mean, const float* log_deviation, const float* noise,
                                  const float* d_z, float scale, float* d_mean, float* d_log_deviation) {
  dispatch<DrawNumbersBackward>(count, mean, log_deviation, noise, d_z, scale, d_mean, d_log_deviation);
}

double bernoulli_loss(std::size_t count, const float* logits, const float* p) {
  double loss = 0;
  dispatch<BernoulliLoss>(count, logits, p, &loss);
  return loss;
}

void bernoulli_loss_backward(std::size_t count, const float* logits, const float* p, float scale, float* d) {
  dispatch<BernoulliLossBackward>(count, logits, p, scale, d);
}

void sigmoids(std::size_t count, const float* logits, float* to) { dispatch<Sigmoids>(count, logits, to); }

void subtract_sigmoids(std::size_t count, const float* x, const float* logits, float* to) {
  dispatch<SubtractSigmoids>(count, x, logits, to);
}

void subtract_sigmoids_backward(std::size_t count, const float* logits, const float* d, float* d_logits) {
  dispatch<SubtractSigmoidsBackward>(count, logits, d, d_logits);
}

}  // namespace recur
