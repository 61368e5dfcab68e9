#include "train/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::array kNames = {std::pair{ScheduleKind::constant, std::string_view("constant")},
                               std::pair{ScheduleKind::step, std::string_view("step")},
                               std::pair{ScheduleKind::cosine, std::string_view("cosine")}};

// `step` steps of `total` are done: 1 at the start, `final_share` at the end.
double cosine_curve(std::uint64_t step, std::uint64_t total, double final_share) {
  if (step >= total) return final_share;
  const double done = static_cast<double>(step) / static_cast<double>(total);
  return final_share + (1 - final_share) * (1 + std::cos(std::numbers::pi * done)) / 2;
}

}  // namespace

std::string_view to_string(ScheduleKind kind) {
  return std::ranges::find(kNames, kind, &decltype(kNames)::value_type::first)->second;
}

ScheduleKind schedule_kind(std::string_view text) {
  for (const auto& [kind, name] : kNames) {
    if (text == name) return kind;
  }
  fail("--schedule: expected one of constant, step, cosine, got {}", quote(text));
}

void check_schedule(const Schedule& schedule) {
  if (!(schedule.learning_rate > 0 && std::isfinite(schedule.learning_rate))) {
    fail("--lr: expected a number above 0, got {}", schedule.learning_rate);
  }
  if (!(schedule.decay > 0 && schedule.decay <= 1)) {
    fail("--schedule: decay: expected a number above 0 and up to 1, got {}", schedule.decay);
  }
  if (!(schedule.final_share >= 0 && schedule.final_share <= 1)) {
    fail("--schedule: final share: expected a number from 0 to 1, got {}", schedule.final_share);
  }
}

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
