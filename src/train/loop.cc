#include "train/loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "train/schedule.h"

namespace recur {
namespace {

constexpr double kReportSeconds = 1;
constexpr double kCheckpointSeconds = 300;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Of a whole run; as many as can be counted where that is more.
std::uint64_t steps_of(std::uint64_t epochs, std::uint64_t batches) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return batches > 0 && epochs > kMost / batches ? kMost : epochs * batches;
}

class Loop {
 public:
  Loop(Task& task, Optimizer& optimizer, const TrainingOptions& options, Progress& progress, const TrainingHooks& hooks,
       const CheckpointHooks& checkpoint)
      : task_(task),
        optimizer_(optimizer),
        options_(options),
        progress_(progress),
        hooks_(hooks),
        checkpoint_(checkpoint),
        batches_(task.batches_per_epoch()),
        total_steps_(std::min(options.steps > 0 ? options.steps : std::numeric_limits<std::uint64_t>::max(),
                              steps_of(options.epochs, batches_))),
        start_(now() - progress.seconds),
        last_checkpoint_(now()) {
    restart_interval();
  }

  TrainingResult run() {
    save();
    StopReason reason = StopReason::finished;
    while (progress_.epoch < options_.epochs && progress_.step < total_steps_ && reason == StopReason::finished) {
      const std::uint64_t batch = progress_.batch;
      if (batch == 0) {
        task_.begin_epoch(progress_.epoch);
      } else {
        task_.seek(progress_.epoch, batch);
      }
      reason = run_epoch();
    }
    save();
    return {reason,         progress_.best_loss, measure_, progress_.best_measure, progress_.best_epoch,
            progress_.step, progress_.seconds};
  }

 private:
  StopReason run_epoch() {
    while (progress_.batch < batches_ && progress_.step < total_steps_) {
      run_step();
      const double time = now();
      progress_.seconds = time - start_;
      if (time - interval_start_ >= kReportSeconds && progress_.batch < batches_) report({});
      if (hooks_.stop_requested && hooks_.stop_requested()) return StopReason::interrupted;
      if (options_.time_limit > 0 && progress_.seconds >= options_.time_limit) {
        end_epoch();
        return StopReason::time_limit;
      }
      if (time - last_checkpoint_ >= kCheckpointSeconds) save();
    }
    end_epoch();
    if (progress_.batch < batches_) return StopReason::finished;  // out of steps within an epoch
    progress_.batch = 0;
    ++progress_.epoch;
    const bool worn_out = options_.patience > 0 && progress_.epoch - progress_.best_epoch >= options_.patience;
    if (progress_.epoch < options_.epochs && progress_.step < total_steps_) save();
    return worn_out ? StopReason::patience : StopReason::finished;
  }

  void run_step() {
    rate_ = schedule_rate(options_.schedule, progress_.step, progress_.epoch, expected_steps());
    const LossSum loss = task_.train_batch(progress_.step);
    if (!std::isfinite(loss.nats)) diverged("loss");
    const StepReport step = optimizer_.step(task_.parameters().values(), task_.parameters().gradients(),
                                            static_cast<float>(rate_), options_.clipping, task_.frozen());
    if (!step.finite) diverged("gradient");
    ++progress_.step;
    ++progress_.batch;
    progress_.predictions += loss.predictions;
    interval_loss_ += loss;
    interval_norm_ += step.gradient_norm;
    interval_clipped_ += step.clipped_share;
    ++interval_steps_;
  }

  [[noreturn]] void diverged(const char* what) const {
    fail(
        "training diverged: the {} of step {} is not a finite number; the last good checkpoint is kept; lower --lr or "
        "--clip and resume or start again",
        what, progress_.step + 1);
  }

  // How long the run will be; under a time limit, as far as the speed so far tells.
  std::uint64_t expected_steps() const {
    if (options_.time_limit <= 0 || progress_.step < 10) return total_steps_;
    const double estimate =
        static_cast<double>(progress_.step) * options_.time_limit / std::max(progress_.seconds, 1e-3);
    return std::clamp(static_cast<std::uint64_t>(estimate), progress_.step + 1,
                      std::max(total_steps_, progress_.step + 1));
  }

  void end_epoch() {
    const Validation valid = task_.validate();
    const double loss = valid.loss.mean();
    const bool best = is_best(valid);
    if (valid.measure) measure_ = valid.measure->name;
    progress_.seconds = now() - start_;
    if (best) {
      progress_.best_loss = loss;
      if (valid.measure) progress_.best_measure = valid.measure->value;
      progress_.best_epoch = progress_.epoch + 1;
      if (checkpoint_.save_best) checkpoint_.save_best(progress_);
    }
    report(valid, best);
  }

  bool is_best(const Validation& valid) const {
    if (!valid.measure) return valid.loss.mean() < progress_.best_loss;
    const auto& [name, value, higher_is_better] = *valid.measure;
    if (!std::isfinite(progress_.best_measure)) return std::isfinite(value);
    if (value == progress_.best_measure) return valid.loss.mean() < progress_.best_loss;
    return higher_is_better ? value > progress_.best_measure : value < progress_.best_measure;
  }

  void report(const std::optional<Validation>& valid, bool best = false) {
    const double time = now();
    TrainingReport r;
    r.step = progress_.step;
    r.epoch = progress_.epoch + 1;
    r.batch = progress_.batch;
    r.batches = batches_;
    r.epochs = options_.epochs;
    r.predictions = progress_.predictions;
    const auto steps = static_cast<double>(std::max<std::uint64_t>(interval_steps_, 1));
    r.train_loss = interval_loss_.mean();
    if (valid) r.valid_loss = valid->loss.mean();
    if (valid && valid->measure) {
      r.measure = valid->measure->name;
      r.valid_measure = valid->measure->value;
    }
    r.best = best;
    r.gradient_norm = interval_norm_ / steps;
    r.clipped_share = interval_clipped_ / steps;
    r.learning_rate = rate_;
    r.predictions_per_second = static_cast<double>(interval_loss_.predictions) / std::max(time - interval_start_, 1e-9);
    r.seconds = progress_.seconds;
    const double share =
        static_cast<double>(progress_.step) / static_cast<double>(std::max<std::uint64_t>(total_steps_, 1));
    r.seconds_left = progress_.seconds * (1 / std::max(share, 1e-9) - 1);
    if (options_.time_limit > 0) r.seconds_left = std::clamp(options_.time_limit - r.seconds, 0.0, *r.seconds_left);
    if (hooks_.report) hooks_.report(r);
    restart_interval();
  }

  void restart_interval() {
    interval_start_ = now();
    interval_loss_ = {};
    interval_norm_ = interval_clipped_ = 0;
    interval_steps_ = 0;
  }

  void save() {
    if (checkpoint_.save_checkpoint) checkpoint_.save_checkpoint(progress_);
    last_checkpoint_ = now();
  }

  Task& task_;
  Optimizer& optimizer_;
  const TrainingOptions& options_;
  Progress& progress_;
  const TrainingHooks& hooks_;
  const CheckpointHooks& checkpoint_;
  std::uint64_t batches_, total_steps_;
  double start_, last_checkpoint_;
  const char* measure_ = nullptr;
  double rate_ = 0;
  double interval_start_ = 0, interval_norm_ = 0, interval_clipped_ = 0;
  std::uint64_t interval_steps_ = 0;
  LossSum interval_loss_;
};

}  // namespace

void check_progress(const Progress& p, std::uint64_t optimizer_steps, std::uint64_t batches) {
  const bool in_place = p.batch <= batches && p.step >= p.batch && (p.step - p.batch) / batches == p.epoch &&
                        (p.step - p.batch) % batches == 0;
  if (!in_place) {
    fail("its progress is step {}, epoch {}, batch {}, but epochs of this data have {} batches", p.step, p.epoch,
         p.batch, batches);
  }
  if (optimizer_steps != p.step) {
    fail("its optimiser has done {} steps, but its progress is step {}", optimizer_steps, p.step);
  }
  if (p.best_epoch > p.epoch + 1 || (p.best_epoch > 0) != std::isfinite(p.best_loss)) {
    fail("its best epoch is {}, with a loss of {}, but its progress is epoch {}", p.best_epoch, p.best_loss, p.epoch);
  }
  if (p.best_epoch == 0 && std::isfinite(p.best_measure)) {
    fail("its best measure is {}, but its best epoch is {}", p.best_measure, p.best_epoch);
  }
  if (!(p.seconds >= 0 && std::isfinite(p.seconds))) {
    fail("its progress took {} seconds; expected a time of at least 0", p.seconds);
  }
}

TrainingResult train(Task& task, Optimizer& optimizer, const TrainingOptions& options, Progress& progress,
                     const TrainingHooks& hooks, const CheckpointHooks& checkpoint) {
  return Loop(task, optimizer, options, progress, hooks, checkpoint).run();
}

}  // namespace recur
