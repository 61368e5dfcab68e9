#include "train/loop.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/finite.h"
#include "train/schedule.h"

namespace recur {
namespace {

constexpr double kReportSeconds = 1;
constexpr double kCheckpointSeconds = 300;
constexpr double kFirstValidation = 0.1;  // of a time limit, as long as none tells how long one takes

// Of a whole run; as many as can be counted where that is more.
std::uint64_t steps_of(std::uint64_t epochs, std::uint64_t batches) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return batches > 0 && epochs > kMost / batches ? kMost : epochs * batches;
}

class Loop {
 public:
  Loop(Task& task, Optimizer& optimizer, Average& average, const TrainingOptions& options, Progress& progress,
       const TrainingHooks& hooks, const CheckpointHooks& checkpoint, const std::function<double()>& clock)
      : task_(task),
        optimizer_(optimizer),
        average_(average),
        options_(options),
        progress_(progress),
        hooks_(hooks),
        checkpoint_(checkpoint),
        clock_(clock),
        batches_(task.batches_per_epoch()),
        total_steps_(std::min(options.steps > 0 ? options.steps : std::numeric_limits<std::uint64_t>::max(),
                              steps_of(options.epochs, batches_))),
        first_step_(progress.step),
        seconds_before_(progress.seconds),
        validation_seconds_(kFirstValidation * options.time_limit) {}

  TrainingResult run() {
    save();
    begun_ = seconds();
    restart_interval();
    StopReason reason = progress_.batch == 0 && worn_out() ? StopReason::patience : StopReason::finished;
    while (progress_.epoch < options_.epochs && reason == StopReason::finished) {
      const std::uint64_t batch = progress_.batch;
      if (batch == 0 && progress_.step >= total_steps_) break;
      if (batch == 0) {
        task_.begin_epoch(progress_.epoch);
      } else {
        task_.seek(progress_.epoch, batch);
      }
      reason = run_epoch();
      if (progress_.batch > 0) break;  // out of steps within an epoch
    }
    save();
    if (measure_ == nullptr && std::isfinite(progress_.best_measure)) learn_measure();
    return {reason,         progress_.best_loss, measure_,        progress_.best_measure, progress_.best_epoch,
            progress_.step, progress_.seconds,   validated_share_};
  }

 private:
  // What the best measure of a run is called of which nothing was left to do: as a glance at the data says.
  void learn_measure() {
    const Validation glance = task_.validate([] { return true; });
    if (glance.measure) measure_ = glance.measure->name;
  }

  StopReason run_epoch() {
    while (epoch_goes_on()) {
      run_step();
      sample();
      const double time = progress_.seconds = seconds();
      if (time - interval_start_ >= kReportSeconds && epoch_goes_on()) report({});
      if (hooks_.stop_requested && hooks_.stop_requested()) return StopReason::interrupted;
      if (epoch_goes_on() && time_is_up()) {
        end_epoch();
        return StopReason::time_limit;
      }
      if (time - last_checkpoint_ >= kCheckpointSeconds) save();
    }
    end_epoch();
    if (progress_.batch < batches_) return StopReason::finished;  // out of steps within an epoch
    progress_.batch = 0;
    ++progress_.epoch;
    if (worn_out()) return StopReason::patience;
    if (progress_.epoch == options_.epochs || progress_.step == total_steps_) return StopReason::finished;
    if (time_is_up()) return StopReason::time_limit;
    save();
    return StopReason::finished;
  }

  // Whether none of the last epochs was the best.
  bool worn_out() const {
    if (options_.patience == 0 || progress_.epoch < progress_.best_epoch) return false;
    return progress_.epoch - progress_.best_epoch >= options_.patience;
  }
  bool epoch_goes_on() const { return progress_.batch < batches_ && progress_.step < total_steps_; }

  void run_step() {
    rate_ = schedule_rate(options_.schedule, progress_.step, progress_.epoch, expected_steps());
    const LossSum loss = task_.train_batch(progress_.step);
    if (!std::isfinite(loss.nats)) diverged("loss", progress_.step + 1);
    const StepReport step = optimizer_.step(task_.parameters().values(), task_.parameters().gradients(),
                                            static_cast<float>(rate_), options_.clipping, task_.trained());
    if (!step.finite) diverged("gradient", progress_.step + 1);
    average_.after_step(task_.parameters().values());
    ++progress_.step;
    ++progress_.batch;
    progress_.predictions += loss.predictions;
    interval_loss_ += loss;
    interval_norm_ += step.gradient_norm;
    interval_clipped_ += step.clipped_share;
    ++interval_steps_;
  }

  void sample() const {
    if (checkpoint_.sample_every == 0 || progress_.step % checkpoint_.sample_every != 0) return;
    check_parameters();
    checkpoint_.sample(progress_.step);
  }

  [[noreturn]] static void diverged(const char* what, std::uint64_t step) {
    fail(
        "training diverged: the {} of step {} is not a finite number; the last good checkpoint is kept; go on from it "
        "with --resume and a lower --lr or --clip, or start again",
        what, step);
  }

  void check_parameters() const {
    if (!all_finite(task_.parameters().values())) diverged("update", progress_.step);
  }

  double seconds() const { return seconds_before_ + clock_(); }
  // For the checkpoint and the best model, and perhaps that of the epoch.
  double saving_seconds() const { return (options_.keep > 0 ? 3 : 2) * save_seconds_; }
  // Until this run must be validated and saved.
  double seconds_left() const { return options_.time_limit - saving_seconds() - validation_seconds_ - seconds(); }
  double seconds_a_step() const {
    const std::uint64_t own = progress_.step - first_step_;
    if (own > 0) return (seconds() - begun_) / static_cast<double>(own);
    return first_step_ > 0 ? seconds_before_ / static_cast<double>(first_step_) : 0;
  }
  bool time_is_up() const { return options_.time_limit > 0 && seconds_left() < seconds_a_step(); }

  // How long the run will be; under a time limit, as far as the speed so far tells.
  std::uint64_t expected_steps() const {
    if (options_.time_limit <= 0 || progress_.step < 10) return total_steps_;
    const double left = std::clamp(seconds_left() / std::max(seconds_a_step(), 1e-9), 1.0, 1e18);
    return std::min(progress_.step + static_cast<std::uint64_t>(left), std::max(total_steps_, progress_.step + 1));
  }

  Validation validate() {
    const double begin = seconds(), end = options_.time_limit - saving_seconds();
    Enough enough;
    if (options_.time_limit > 0) enough = [this, end] { return seconds() >= end; };
    const Validation valid = task_.validate(enough);
    if (!std::isfinite(valid.loss.nats)) diverged("validation loss", progress_.step);
    validated_share_ = valid.share;
    if (valid.share == 1) validation_seconds_ = seconds() - begin;
    return valid;
  }

  // Of an epoch, or of the part of it that there are steps or time for.
  void end_epoch() {
    const bool whole = progress_.batch == batches_;
    if (whole) average_.after_epoch(progress_.epoch + 1, task_.parameters().values());
    const AverageInPlace mean(average_, task_.parameters().values());
    const Validation valid = validate();
    const bool best = is_best(valid);
    if (valid.measure) measure_ = valid.measure->name;
    progress_.seconds = seconds();
    Progress here = progress_;
    here.best_loss = valid.loss.mean();
    if (valid.measure) here.best_measure = valid.measure->value;
    here.best_epoch = progress_.epoch + 1;
    here.best_share = valid.share;
    if (best) {
      progress_ = here;
      check_parameters();
      if (checkpoint_.save_best) checkpoint_.save_best(progress_);
    }
    if (whole && checkpoint_.save_epoch) {
      check_parameters();
      checkpoint_.save_epoch(here);
    }
    if (whole && valid.share == 1) average_.after_validation(badness(valid));
    report(valid, best);
  }

  // Of what tells which model is the best: the lower the better.
  static double badness(const Validation& valid) {
    if (!valid.measure) return valid.loss.mean();
    return valid.measure->higher_is_better ? -valid.measure->value : valid.measure->value;
  }

  bool is_best(const Validation& valid) const {
    if (valid.share < 1 && progress_.best_epoch > 0) return false;
    if (progress_.best_share < 1) return true;
    if (!valid.measure) return valid.loss.mean() < progress_.best_loss;
    const auto& [name, value, higher_is_better] = *valid.measure;
    if (!std::isfinite(progress_.best_measure)) return std::isfinite(value);
    if (value == progress_.best_measure) return valid.loss.mean() < progress_.best_loss;
    return higher_is_better ? value > progress_.best_measure : value < progress_.best_measure;
  }

  void report(const std::optional<Validation>& valid, bool best = false) {
    const double time = seconds();
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
    interval_start_ = seconds();
    interval_loss_ = {};
    interval_norm_ = interval_clipped_ = 0;
    interval_steps_ = 0;
  }

  void save() {
    check_parameters();
    if (!all_finite(average_.values())) diverged("mean of the parameters", progress_.step);
    const double begin = progress_.seconds = seconds();
    if (checkpoint_.save_checkpoint) checkpoint_.save_checkpoint(progress_);
    last_checkpoint_ = seconds();
    save_seconds_ = last_checkpoint_ - begin;
  }

  Task& task_;
  Optimizer& optimizer_;
  Average& average_;
  const TrainingOptions& options_;
  Progress& progress_;
  const TrainingHooks& hooks_;
  const CheckpointHooks& checkpoint_;
  const std::function<double()>& clock_;
  std::uint64_t batches_, total_steps_, first_step_;
  double seconds_before_;  // this run
  double begun_ = 0;       // with its first step
  double last_checkpoint_ = 0, save_seconds_ = 0, validation_seconds_;
  double validated_share_ = 1;
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
  if (!(p.best_share > 0 && p.best_share <= 1)) {
    fail("its best epoch was validated on a share {} of the data; expected at most 1", p.best_share);
  }
  if (!(p.seconds >= 0 && std::isfinite(p.seconds))) {
    fail("its progress took {} seconds; expected a time of at least 0", p.seconds);
  }
}

TrainingResult train(Task& task, Optimizer& optimizer, Average& average, const TrainingOptions& options,
                     Progress& progress, const TrainingHooks& hooks, const CheckpointHooks& checkpoint,
                     const std::function<double()>& clock) {
  return Loop(task, optimizer, average, options, progress, hooks, checkpoint, clock).run();
}

}  // namespace recur
