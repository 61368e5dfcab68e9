// The learning rate of each step: a base rate, a curve, and a warm-up.
//
//   constant  the base rate
//   step      the base rate times decay^n, n = max(0, epoch - decay_after + 1), epochs counted from 0: the first
//             decay_after epochs run at the base rate, and every epoch from then on has one factor more than the last.
//             Zaremba, Sutskever & Vinyals 2014, small: rate 1, decay 0.5, decay_after 4: epochs 0 to 3 at 1, epoch 4
//             at 1/2, .., epoch 12, the last of 13, at 1/512. char-rnn: decay 0.97, decay_after 10: epochs 0 to 9 at
//             the base rate, epoch 10 at 0.97 of it.
//   cosine    falls along half a cosine from the base rate, in the first step after warm-up, to final_share of it,
//             which the step after the last would have (Loshchilov & Hutter 2017, one period)
//
// Warm-up multiplies whatever the curve says in step s < warmup_steps by (s + 1) / warmup_steps: the first step is
// above 0, the last one of the warm-up is at the full rate.
#pragma once

#include <cstdint>

#include "recur/types/training.h"

namespace recur {

// The rate of step `step` of `total_steps`, which lies in epoch `epoch`; both count from 0. Only cosine looks at
// total_steps; from there on it stays at final_share.
float schedule_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t epoch, std::uint64_t total_steps);

}  // namespace recur
