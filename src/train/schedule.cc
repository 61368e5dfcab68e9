#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace recur {
namespace {

// `step` steps of `total` are done: 1 at the start, `final_share` at the end.
double cosine_curve(std::uint64_t step, std::uint64_t total, double final_share) {
  if (step >= total) return final_share;
  const double done = static_cast<double>(step) / static_cast<double>(total);
  return final_share + (1 - final_share) * (1 + std::cos(std::numbers::pi * done)) / 2;
}

}  // namespace

float schedule_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t epoch, std::uint64_t total_steps) {
  double rate = schedule.learning_rate;
  if (schedule.kind == ScheduleKind::step && epoch >= schedule.decay_after) {
    rate *= std::pow(double{schedule.decay}, static_cast<double>(epoch - schedule.decay_after) + 1);
  }
  const std::uint64_t warmup = schedule.warmup_steps;
  if (step < warmup) {
    rate *= (static_cast<double>(step) + 1) / static_cast<double>(warmup);
  } else if (schedule.kind == ScheduleKind::cosine) {
    rate *= cosine_curve(step - warmup, std::max(total_steps, warmup) - warmup, schedule.final_share);
  }
  return static_cast<float>(rate);
}

}  // namespace recur
