// What a network that draws does to pictures and to its canvas (kernels/glimpse.h has the equations): seeing, drawing,
// and the numbers that it draws from. Rows are pictures, [channels, height, width] each; x has no gradient.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "kernels/glimpse.h"

namespace recur {

// A glimpse of each picture, where `numbers` [rows, 5] say, and of what the canvas lacks of it: [rows, 2 patch].
Var see(Tape& tape, const GlimpseShape& shape, Var numbers, Var x, Var canvas);

// The canvas after a stroke; `what` is [rows, 5 + patch], where and then what. On a tape that does not record, the same
// canvas, drawn upon.
Var stroke(Tape& tape, const GlimpseShape& shape, Var what, Var canvas);

// All of each picture and of what the canvas lacks of it: [rows, 2 pixels].
Var see_whole(Tape& tape, Var x, Var canvas);

// Numbers z [rows, n] from normal distributions, of which `distribution` [rows, 2 n] has the means and then the
// logarithms of the deviations: z = mean + deviation * noise, where `noise` [rows, n] is standard normal and outlives
// the tape's contents. Adds to `nats` [rows] the divergence of a row's distributions from the standard normal one; the
// gradient that flows back is that of its sum times `scale`, besides that of z.
Var draw_latent(Tape& tape, Var distribution, const float* noise, float scale, std::span<double> nats);

// Adds to `nats` [rows] the cross-entropy of sigmoid(logits) with the probabilities x; the gradient is that of the sum
// times `scale`. With `focal`, where x are 0 or 1, it is that of the focal losses of all elements (kernels/focal.h),
// and `nats` stay what they are: losses stay comparable.
void bernoulli_loss(Tape& tape, Var logits, Var x, float scale, std::span<double> nats, float focal = 0);

}  // namespace recur
