// What a model of strokes is trained by, and what its outputs say of a step.
//
// Outputs of a step, p: 3 logits of what the pen does (Pen); then of a mixture of K normal distributions of two numbers
// (Graves 2013) K logits of their shares, K means in x, K in y, K r of the deviation in x, softplus(r) + 0.001, K in y,
// and K r of the correlation, 0.99 tanh(r).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "autograd/tape.h"
#include "data/strokes_field.h"

namespace recur {

constexpr std::size_t stroke_outputs(std::size_t components) { return kPens + 6 * components; }

// -log density of a step, its numbers [kPenNumbers] as they are encoded. `gradient`, as long as p or empty, becomes its
// derivative.
double stroke_loss(std::span<const float> p, std::span<const float> step, std::span<double> gradient);

// The sum of that of y [rows, outputs] over `steps` [rows, kPenNumbers]. The gradient that flows back is that of the
// sum times `gradient_scale`.
double stroke_loss(Tape& tape, Var y, std::span<const float> steps, float gradient_scale);

// A step that is drawn, [kPenNumbers], by eight random words: logits of shares are divided by the temperature,
// variances multiplied; what the pen does is drawn as it is, or drawings would not end. At 0 the largest component's
// middle, and what the pen most probably does.
std::array<double, kPenNumbers> stroke_draw(std::span<const float> p, double temperature,
                                            const std::array<std::array<std::uint32_t, 4>, 2>& words);

}  // namespace recur
