// What a forecast of a number is trained by, and what its outputs say: a number, quantiles, or a distribution.
//
// Outputs of a step, p: square, absolute, huber: the number. quantile: one for each of forecast_levels. normal: mean
// and r, of which the deviation is softplus(r) + 1e-4. student: place, r of its scale in the same way, and n, the
// degrees of freedom being 2 + softplus(n). mixture of K normal ones: K logits of their shares, K means, K r.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "autograd/tape.h"
#include "recur/types/recipe.h"

namespace recur {

struct ForecastKind {
  ForecastLoss loss = ForecastLoss::square;
  std::size_t components = 3;  // of a mixture

  // Outputs of a step.
  std::size_t outputs() const;
  bool is_distribution() const;
};

// The loss of outputs p when the number is y: (p - y)^2; |p - y|; Huber's (1964), half the square up to a distance of 1
// and from there on |p - y| - 1/2; the mean over levels q of max(q (y - p), (q - 1) (y - p)), twice; -log density.
// `gradient`, as long as p, becomes its derivative.
double forecast_loss(const ForecastKind& kind, std::span<const float> p, double y, std::span<double> gradient);

// The sum of the losses of y [rows, steps * outputs] over `targets` [rows, steps]; a target that is not finite has
// none. The gradient that flows back is that of the sum times `gradient_scale`. `targets` must outlive the tape's
// contents.
double forecast_loss(Tape& tape, Var y, std::span<const float> targets, const ForecastKind& kind, float gradient_scale);

// A draw from a distribution, by four random words.
double forecast_draw(const ForecastKind& kind, std::span<const float> p, const std::array<std::uint32_t, 4>& words);

}  // namespace recur
