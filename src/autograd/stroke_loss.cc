#include "autograd/stroke_loss.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "autograd/mixture.h"

namespace recur {
namespace {

constexpr double kLeastPenDeviation = 1e-3, kMostCorrelation = 0.99;

// One of a mixture, and where its parameters are.
struct Component {
  Component(std::span<const float> p, std::size_t k) : count((p.size() - kPens) / 6), logit(kPens + k) {
    const auto at = [&](std::size_t i) { return static_cast<double>(p[place(i)]); };
    mean_x = at(1);
    mean_y = at(2);
    slope_x = sigmoid(at(3));
    slope_y = sigmoid(at(4));
    deviation_x = softplus(at(3)) + kLeastPenDeviation;
    deviation_y = softplus(at(4)) + kLeastPenDeviation;
    const double tanh = std::tanh(at(5));
    correlation = kMostCorrelation * tanh;
    slope_correlation = kMostCorrelation * (1 - tanh * tanh);
  }
  std::size_t place(std::size_t i) const { return logit + i * count; }

  std::size_t count, logit;
  double mean_x, mean_y, deviation_x, deviation_y, correlation;
  double slope_x, slope_y, slope_correlation;  // derivatives by r
};

// A point as a component sees it.
struct Seen {
  Seen(const Component& c, double x, double y)
      : zx((x - c.mean_x) / c.deviation_x),
        zy((y - c.mean_y) / c.deviation_y),
        sharpness(1 / (1 - c.correlation * c.correlation)),
        distance(sharpness * (zx * zx + zy * zy - 2 * c.correlation * zx * zy)),
        log_density(-std::log(2 * std::numbers::pi * c.deviation_x * c.deviation_y) + 0.5 * std::log(sharpness) -
                    0.5 * distance) {}

  double zx, zy, sharpness, distance, log_density;
};

// Adds the derivatives of -share * log density.
void add_gradient(const Component& c, const Seen& s, double share, std::span<double> gradient) {
  const double by_x = s.sharpness * (s.zx - c.correlation * s.zy), by_y = s.sharpness * (s.zy - c.correlation * s.zx);
  gradient[c.place(1)] -= share * by_x / c.deviation_x;
  gradient[c.place(2)] -= share * by_y / c.deviation_y;
  gradient[c.place(3)] += share * (1 - by_x * s.zx) / c.deviation_x * c.slope_x;
  gradient[c.place(4)] += share * (1 - by_y * s.zy) / c.deviation_y * c.slope_y;
  gradient[c.place(5)] += share * s.sharpness * (c.correlation * (s.distance - 1) - s.zx * s.zy) * c.slope_correlation;
}

double pen_loss(std::span<const float> p, std::size_t pen, std::span<double> gradient) {
  const std::vector<double> logits(p.begin(), p.begin() + kPens);
  const double all = log_sum(logits);
  for (std::size_t i = 0; i < kPens && !gradient.empty(); ++i) {
    gradient[i] = std::exp(logits[i] - all) - (i == pen ? 1 : 0);
  }
  return all - logits[pen];
}

std::vector<double> logits_of(std::span<const float> p, double temperature) {
  std::vector<double> logits;
  for (const float logit : p) logits.push_back(static_cast<double>(logit) / temperature);
  return logits;
}

std::size_t choose(std::span<const float> logits, double temperature, double uniform) {
  if (temperature == 0) return static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
  return pick(logits_of(logits, temperature), uniform);
}

}  // namespace

double stroke_loss(std::span<const float> p, std::span<const float> step, std::span<double> gradient) {
  const auto x = static_cast<double>(step[0]), y = static_cast<double>(step[1]);
  const std::size_t count = (p.size() - kPens) / 6;
  std::ranges::fill(gradient, 0);
  const double nats = pen_loss(p, static_cast<std::size_t>(step[2]), gradient);
  std::vector<std::pair<Component, Seen>> mixture;
  std::vector<double> logits, joint;
  for (std::size_t k = 0; k < count; ++k) {
    const Component c(p, k);
    mixture.emplace_back(c, Seen(c, x, y));
    logits.push_back(static_cast<double>(p[c.logit]));
    joint.push_back(logits.back() + mixture.back().second.log_density);
  }
  const double all = log_sum(logits), density = log_sum(joint);
  for (std::size_t k = 0; k < count && !gradient.empty(); ++k) {
    const auto& [c, seen] = mixture[k];
    const double share = std::exp(joint[k] - density);  // of this component in the density
    gradient[c.logit] = std::exp(logits[k] - all) - share;
    add_gradient(c, seen, share, gradient);
  }
  return nats + all - density;
}

double stroke_loss(Tape& tape, Var y, std::span<const float> steps, float gradient_scale) {
  const Matrix values = tape.value(y);
  const std::size_t outputs = values.columns;
  assert(values.rows * kPenNumbers == steps.size());
  const std::span<float> derivatives = tape.arena().take<float>(values.rows, outputs);
  std::vector<double> gradient(outputs);
  double sum = 0;
  for (std::size_t row = 0; row < values.rows; ++row) {
    const std::span<const float> p(values.data + row * values.stride, outputs);
    sum += stroke_loss(p, steps.subspan(row * kPenNumbers, kPenNumbers), gradient);
    for (std::size_t k = 0; k < outputs; ++k) derivatives[row * outputs + k] = static_cast<float>(gradient[k]);
  }
  tape.record([y, derivatives, outputs, gradient_scale](Tape& t) {
    const Matrix dy = t.gradient(y);
    for (std::size_t row = 0; row < dy.rows; ++row) {
      for (std::size_t k = 0; k < outputs; ++k) {
        dy.data[row * dy.stride + k] += gradient_scale * derivatives[row * outputs + k];
      }
    }
  });
  return sum;
}

std::array<double, kPenNumbers> stroke_draw(std::span<const float> p, double temperature,
                                            const std::array<std::array<std::uint32_t, 4>, 2>& words) {
  const auto uniform = [](std::uint32_t word) { return word * 0x1p-32; };
  const std::size_t count = (p.size() - kPens) / 6;
  const std::size_t pen = choose(p.first(kPens), temperature > 0 ? 1 : 0, uniform(words[0][0]));
  const Component c(p, choose(p.subspan(kPens, count), temperature, uniform(words[0][1])));
  // Two normal numbers (Box & Muller 1958), the second of which is made to depend on the first.
  const double radius = std::sqrt(-2 * temperature * std::log((words[1][0] + 0.5) * 0x1p-32));
  const double angle = 2 * std::numbers::pi * uniform(words[1][1]);
  const double first = radius * std::cos(angle), second = radius * std::sin(angle);
  const double along = c.correlation * first + std::sqrt(1 - c.correlation * c.correlation) * second;
  return {c.mean_x + c.deviation_x * first, c.mean_y + c.deviation_y * along, static_cast<double>(pen)};
}

}  // namespace recur
