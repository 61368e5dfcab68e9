#include "cli/training_flags.h"

#include <string>

#include "cli/flags.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace recur {
namespace {

void add_length_flags(CLI::App& task, TrainingOptions& o) {
  constexpr const char* kGroup = "How long";
  add_count(task, "--epochs", o.epochs, 0, "Passes over the data; 0 saves an untrained model", 1'000'000'000)
      ->group(kGroup);
  add_count(task, "--steps", o.steps, 0, "Stop after so many steps; 0: no limit")->group(kGroup);
  const auto time_limit = [&o](const std::string& text) { o.time_limit = parse_seconds("--time-limit", text); };
  add_flag_with_value(task, "--time-limit", "TIME",
                      "Be done after so long, validated and saved: 90, 90s, 10m or 2h; 0: no limit", time_limit, "0")
      ->group(kGroup);
  add_count(task, "--patience", o.patience, 0, "Stop after so many epochs without a better validation; 0: never")
      ->group(kGroup);
}

void add_optimizer_flags(CLI::App& task, OptimizerOptions& o) {
  constexpr const char* kGroup = "Optimizer";
  constexpr OptimizerKind kKinds[] = {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adagrad,
                                      OptimizerKind::adam, OptimizerKind::adamw};
  add_choice(task, "--optimizer", o.kind, kKinds, "How gradients become steps")->group(kGroup);
  add_real(task, "--momentum", o.momentum, kShare, "sgd: how much of the last step is kept")->group(kGroup);
  add_real(task, "--rmsprop-decay", o.decay, kShare, "rmsprop: decay of the mean square (PyTorch's alpha)")
      ->group(kGroup);
  add_real(task, "--beta1", o.beta1, kShare, "adam, adamw: decay of the mean gradient")->group(kGroup);
  add_real(task, "--beta2", o.beta2, kShare, "adam, adamw: decay of the mean square")->group(kGroup);
  add_real(task, "--epsilon", o.epsilon, kPositive, "All but sgd: added to the divisor")->group(kGroup);
  add_real(task, "--weight-decay", o.weight_decay, kNotNegative, "adamw: decoupled; the others: an L2 penalty")
      ->group(kGroup);
}

void add_rate_flags(CLI::App& task, Schedule& o) {
  constexpr const char* kGroup = "Learning rate";
  constexpr ScheduleKind kKinds[] = {ScheduleKind::constant, ScheduleKind::step, ScheduleKind::cosine};
  add_real(task, "--lr", o.learning_rate, kPositive, "The base learning rate")->group(kGroup);
  add_choice(task, "--schedule", o.kind, kKinds, "How the rate changes")->group(kGroup);
  add_real(task, "--lr-decay", o.decay, kProbability, "step: the factor an epoch")->group(kGroup);
  add_count(task, "--lr-decay-after", o.decay_after, 0, "step: epochs at the base rate")->group(kGroup);
  add_real(task, "--lr-final", o.final_share, kFraction, "cosine: the share of the base rate that it ends at")
      ->group(kGroup);
  add_count(task, "--warmup", o.warmup_steps, 0, "Steps over which the rate grows from 0")->group(kGroup);
}

void add_gradient_flags(CLI::App& task, TrainingOptions& o) {
  constexpr const char* kGroup = "Batches and gradients";
  constexpr ClipKind kKinds[] = {ClipKind::none, ClipKind::norm, ClipKind::value};
  add_count(task, "--batch", o.batch, 1, "Sequences side by side", 1'000'000)->group(kGroup);
  add_choice(task, "--clip-by", o.clipping.kind, kKinds, "Clip the gradient's norm, or every element's value")
      ->group(kGroup);
  add_real(task, "--clip", o.clipping.limit, kPositive, "The largest norm or value")->group(kGroup);
}

void add_start_flags(CLI::App& task, TrainingOptions& o) {
  constexpr const char* kGroup = "Start";
  const auto range = [&o](const std::string& text) {
    o.initial_range = static_cast<float>(parse_real("--init-range", text, kNotNegative));
  };
  add_flag_with_value(task, "--init-range", "X", "All weights start uniform in [-X, X] [each layer's own]", range)
      ->group(kGroup);
  add_count(task, "--seed", o.seed, 0, "Of all random numbers")->group(kGroup);
}

}  // namespace

void add_training_flags(CLI::App& task, TrainingOptions& options) {
  add_length_flags(task, options);
  add_gradient_flags(task, options);
  add_optimizer_flags(task, options.optimizer);
  add_rate_flags(task, options.schedule);
  add_start_flags(task, options);
}

}  // namespace recur
