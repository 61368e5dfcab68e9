#include "autograd/forecast_loss.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

#include "autograd/mixture.h"
#include "recur/types/prediction.h"

namespace recur {
namespace {

constexpr double kPi = std::numbers::pi, kLeastDeviation = 1e-4;
const double kHalfLogTwoPi = 0.5 * std::log(2 * kPi);

double deviation_of(float r) { return softplus(static_cast<double>(r)) + kLeastDeviation; }

// For x > 0. std::lgamma() tells the sign in a variable that all threads share.
double log_gamma(double x) {
  int sign = 1;
  return ::lgamma_r(x, &sign);
}

// The derivative of log gamma, for x > 0: by recurrence up to 6, then the asymptotic series.
double digamma(double x) {
  double sum = 0;
  for (; x < 6; ++x) sum -= 1 / x;
  const double square = 1 / (x * x);
  return sum + std::log(x) - 0.5 / x -
         square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240 - square / 132))));
}

double point_loss(ForecastLoss kind, double error, double& gradient) {
  const double size = std::abs(error), sign = error > 0 ? 1 : error < 0 ? -1 : 0;
  if (kind == ForecastLoss::square) {
    gradient = 2 * error;
    return error * error;
  }
  if (kind == ForecastLoss::huber && size <= 1) {
    gradient = error;
    return 0.5 * error * error;
  }
  gradient = sign;
  return kind == ForecastLoss::huber ? size - 0.5 : size;
}

double quantile_loss(std::span<const float> p, double y, std::span<double> gradient) {
  const double share = 2 / static_cast<double>(p.size());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double level = forecast_levels[i], above = y - static_cast<double>(p[i]);
    sum += share * std::max(level * above, (level - 1) * above);
    gradient[i] = above > 0 ? -share * level : above < 0 ? share * (1 - level) : 0;
  }
  return sum;
}

double normal_loss(std::span<const float> p, double y, std::span<double> gradient) {
  const double deviation = deviation_of(p[1]), z = (y - static_cast<double>(p[0])) / deviation;
  gradient[0] = -z / deviation;
  gradient[1] = (1 - z * z) / deviation * sigmoid(static_cast<double>(p[1]));
  return kHalfLogTwoPi + std::log(deviation) + 0.5 * z * z;
}

double student_loss(std::span<const float> p, double y, std::span<double> gradient) {
  const double scale = deviation_of(p[1]), n = 2 + softplus(static_cast<double>(p[2]));
  const double z = (y - static_cast<double>(p[0])) / scale, log_part = std::log1p(z * z / n);
  const double by_z = (n + 1) * z / (n + z * z);
  gradient[0] = -by_z / scale;
  gradient[1] = (1 - by_z * z) / scale * sigmoid(static_cast<double>(p[1]));
  gradient[2] = 0.5 * (digamma(n / 2) - digamma((n + 1) / 2) + 1 / n + log_part - by_z * z / n) *
                sigmoid(static_cast<double>(p[2]));
  return log_gamma(n / 2) - log_gamma((n + 1) / 2) + 0.5 * std::log(kPi * n) + std::log(scale) +
         0.5 * (n + 1) * log_part;
}

double mixture_loss(std::span<const float> p, double y, std::span<double> gradient) {
  const std::size_t count = p.size() / 3;
  std::vector<double> logits(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(count)), joint = logits;
  for (std::size_t k = 0; k < count; ++k) {
    const double deviation = deviation_of(p[2 * count + k]), z = (y - static_cast<double>(p[count + k])) / deviation;
    joint[k] -= kHalfLogTwoPi + std::log(deviation) + 0.5 * z * z;
  }
  const double all = log_sum(logits), density = log_sum(joint);
  for (std::size_t k = 0; k < count; ++k) {
    const double deviation = deviation_of(p[2 * count + k]), z = (y - static_cast<double>(p[count + k])) / deviation;
    const double share = std::exp(joint[k] - density);  // of this component in the density
    gradient[k] = std::exp(logits[k] - all) - share;
    gradient[count + k] = -share * z / deviation;
    gradient[2 * count + k] = share * (1 - z * z) / deviation * sigmoid(static_cast<double>(p[2 * count + k]));
  }
  return all - density;
}

}  // namespace

std::size_t ForecastKind::outputs() const {
  switch (loss) {
    case ForecastLoss::quantile:
      return forecast_levels.size();
    case ForecastLoss::normal:
      return 2;
    case ForecastLoss::student:
      return 3;
    case ForecastLoss::mixture:
      return 3 * components;
    default:
      return 1;
  }
}

bool ForecastKind::is_distribution() const {
  return loss == ForecastLoss::normal || loss == ForecastLoss::student || loss == ForecastLoss::mixture;
}

double forecast_loss(const ForecastKind& kind, std::span<const float> p, double y, std::span<double> gradient) {
  switch (kind.loss) {
    case ForecastLoss::quantile:
      return quantile_loss(p, y, gradient);
    case ForecastLoss::normal:
      return normal_loss(p, y, gradient);
    case ForecastLoss::student:
      return student_loss(p, y, gradient);
    case ForecastLoss::mixture:
      return mixture_loss(p, y, gradient);
    default:
      return point_loss(kind.loss, static_cast<double>(p[0]) - y, gradient[0]);
  }
}

double forecast_loss(Tape& tape, Var y, std::span<const float> targets, const ForecastKind& kind,
                     float gradient_scale) {
  const std::size_t outputs = kind.outputs();
  const Matrix values = tape.value(y);
  assert(values.rows * values.columns == targets.size() * outputs);
  const std::span<float> derivatives = tape.arena().take<float>(targets.size(), outputs);
  std::vector<double> gradient(outputs);
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::ranges::fill(gradient, 0);
    const auto target = static_cast<double>(targets[i]);
    if (std::isfinite(target)) sum += forecast_loss(kind, {values.data + i * outputs, outputs}, target, gradient);
    for (std::size_t k = 0; k < outputs; ++k) derivatives[i * outputs + k] = static_cast<float>(gradient[k]);
  }
  tape.record([y, derivatives, gradient_scale](Tape& t) {
    float* dy = t.gradient(y).data;
    for (std::size_t i = 0; i < derivatives.size(); ++i) dy[i] += gradient_scale * derivatives[i];
  });
  return sum;
}

double forecast_draw(const ForecastKind& kind, std::span<const float> p, const std::array<std::uint32_t, 4>& words) {
  const double u = (words[0] + 0.5) * 0x1p-32, turn = std::cos(2 * kPi * words[1] * 0x1p-32);
  const double normal = std::sqrt(-2 * std::log(u)) * turn;
  if (kind.loss == ForecastLoss::normal) return static_cast<double>(p[0]) + deviation_of(p[1]) * normal;
  if (kind.loss == ForecastLoss::student) {  // Bailey 1994
    const double n = 2 + softplus(static_cast<double>(p[2]));
    return static_cast<double>(p[0]) + deviation_of(p[1]) * std::sqrt(n * std::expm1(-2 / n * std::log(u))) * turn;
  }
  const std::size_t count = p.size() / 3;
  const std::vector<double> logits(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(count));
  const std::size_t k = pick(logits, words[2] * 0x1p-32);
  return static_cast<double>(p[count + k]) + deviation_of(p[2 * count + k]) * normal;
}

}  // namespace recur
