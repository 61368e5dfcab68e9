// Means of parameters against plain loops, and in the training loop.
#include "train/average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/philox.h"
#include "support/settings.h"
#include "train/loop.h"

namespace recur::average_test {
namespace {

constexpr std::size_t kSize = 40'000, kSteps = 60, kEpoch = 5;  // of which an epoch has so many

std::vector<float> parameters_after(std::size_t step) {
  const Random random(3, RandomPurpose::test, static_cast<std::uint32_t>(step));
  std::vector<float> p(kSize);
  for (std::size_t i = 0; i < kSize; ++i) p[i] = static_cast<float>(random.normal(i));
  p.back() = 0.1F;  // one that is not trained
  return p;
}

std::vector<float> mean_of_steps(const Averaging& options) {
  Average average(options, kSize);
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const std::vector<float> p = parameters_after(step);
    average.after_step(p);
    if (step % kEpoch != 0) continue;
    average.after_epoch(step / kEpoch, p);
    average.after_validation(step == 4 * kEpoch ? 2 : 1);  // the first that is worse than one before
  }
  const std::span<const float> mean = average.values();
  return {mean.begin(), mean.end()};
}

// The same, of one parameter, in double.
double plain_mean(const Averaging& options, std::size_t i) {
  double mean = 0;
  std::size_t n = 0;
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const double p = static_cast<double>(parameters_after(step)[i]);
    if (options.kind == AverageKind::ema) {
      ++n;
      const double decay = std::min(options.decay, (static_cast<double>(n) - 1) / (static_cast<double>(n) + 9));
      mean = decay * mean + (1 - decay) * p;
    } else if (options.kind == AverageKind::swa ? step % kEpoch == 0 && step / kEpoch >= options.from
                                                : step > 4 * kEpoch) {
      mean += p;
      ++n;
    }
  }
  return options.kind == AverageKind::ema ? mean : mean / static_cast<double>(n);
}

std::vector<Averaging> kinds() {
  return {{.kind = AverageKind::ema, .decay = 0.999},
          {.kind = AverageKind::ema, .decay = 0.6},
          {.kind = AverageKind::swa, .from = 3},
          {.kind = AverageKind::asgd, .patience = 2}};
}

TEST(Average, IsWhatAPlainLoopSays) {
  for (const Averaging& options : kinds()) {
    const std::vector<float> mean = mean_of_steps(options);
    for (const std::size_t i : {0U, 1U, 16'384U}) {
      EXPECT_NEAR(mean[i], plain_mean(options, i), 1e-6) << to_string(options.kind);
    }
  }
}

TEST(Average, OfWhatStaysIsThatToTheBit) {
  for (const Averaging& options : kinds()) EXPECT_EQ(mean_of_steps(options).back(), 0.1F) << to_string(options.kind);
}

TEST(Average, ThreadsDoNotChangeABit) {
  for (const Averaging& options : kinds()) {
    const WithThreads one(1);
    const std::vector<float> mean = mean_of_steps(options);
    const WithThreads three(3);
    EXPECT_EQ(mean_of_steps(options), mean);
  }
}

// As main.py of https://github.com/salesforce/awd-lstm-lm, with `nonmono` before it begins:
//   len(best_val_loss) > nonmono and val_loss > min(best_val_loss[:-nonmono])
TEST(Average, BeginsWhenTheProgramOfItsPaperDoes) {
  const Random random(9, RandomPurpose::test);
  for (std::uint64_t nonmono = 1; nonmono <= 6; ++nonmono) {
    for (std::uint64_t run = 0; run < 20; ++run) {
      Average average({.kind = AverageKind::asgd, .patience = nonmono}, 1);
      std::vector<double> before;
      bool begun = false;
      for (std::uint64_t epoch = 0; epoch < 30 && !begun; ++epoch) {
        const double falling = 10 / (1.0 + static_cast<double>(epoch));
        const double loss = falling + static_cast<double>(random.uniform(100 * run + epoch));
        begun = before.size() > nonmono &&
                loss > *std::min_element(before.begin(), before.end() - static_cast<std::ptrdiff_t>(nonmono));
        before.push_back(loss);
        average.after_validation(loss);
        EXPECT_EQ(average.begun(), begun) << nonmono << ", run " << run << ", epoch " << epoch;
      }
      EXPECT_TRUE(begun);
    }
  }
}

// One parameter that a step makes smaller by a half; what it is where it is validated and saved.
class FallingTask : public Task {
 public:
  FallingTask() {
    parameters_.declare("x", 0, 1, InitialValues::constant(0));
    parameters_.allocate();
  }
  Parameters& parameters() override { return parameters_; }
  std::uint64_t batches_per_epoch() const override { return 2; }
  void begin_epoch(std::uint64_t) override {}
  LossSum train_batch(std::uint64_t) override {
    parameters_.gradients()[0] = 1;
    return {1, 1};
  }
  Validation validate(const Enough&) override {
    validated.push_back(value());
    return {{losses.empty() ? 1 : losses.at(validated.size() - 1), 1}, {}};
  }
  void seek(std::uint64_t, std::uint64_t) override {}
  std::span<float> carried_state() override { return {}; }
  float value() const { return parameters_.values()[0]; }

  std::vector<float> validated;
  std::vector<double> losses;

 private:
  Parameters parameters_;
};

struct Falling {
  explicit Falling(const Averaging& averaging, std::uint64_t steps, std::vector<double> losses = {}) {
    task.losses = std::move(losses);
    TrainingOptions options;
    options.optimizer.kind = OptimizerKind::sgd;
    options.schedule = {.kind = ScheduleKind::constant, .learning_rate = 0.5F};
    options.epochs = 1000;
    options.steps = steps;
    Optimizer optimizer(options.optimizer, 1);
    Average average(averaging, 1);
    Progress progress;
    CheckpointHooks hooks;
    hooks.save_checkpoint = [&](const Progress&) { checkpoints.push_back(task.value()); };
    hooks.save_best = [&](const Progress&) { best.push_back(task.value()); };
    hooks.save_epoch = [&](const Progress& p) { epochs.emplace_back(p.best_epoch, task.value()); };
    train(task, optimizer, average, options, progress, {}, hooks, [] { return 0.0; });
  }

  FallingTask task;
  std::vector<float> checkpoints, best;
  std::vector<std::pair<std::uint64_t, float>> epochs;
};

using Values = std::vector<float>;

TEST(Average, IsValidatedAndSavedWhileTrainingGoesOnWithout) {
  const Falling run({.kind = AverageKind::swa, .from = 2}, 8, {4, 3, 2, 5});
  EXPECT_EQ(run.task.validated, (Values{-1, -2, -2.5F, -3}));
  EXPECT_EQ(run.best, (Values{-1, -2, -2.5F}));
  EXPECT_EQ(run.checkpoints, (Values{0, -1, -2, -3, -4}));
  EXPECT_EQ(run.epochs, (std::vector<std::pair<std::uint64_t, float>>{{1, -1}, {2, -2}, {3, -2.5F}, {4, -3}}));
}

TEST(Average, BeginsAfterTheEpochThatWasWorse) {
  const Falling run({.kind = AverageKind::asgd, .patience = 1}, 10, {3, 2, 4, 1, 1});
  EXPECT_EQ(run.task.validated, (Values{-1, -2, -3, (-3.5F - 4) / 2, (-3.5F - 4 - 4.5F - 5) / 4}));
}

// What comes after is then as if it had not been asked.
TEST(Average, APartOfAnEpochIsNotInIt) {
  const Falling run({.kind = AverageKind::swa}, 5);
  EXPECT_EQ(run.task.validated, (Values{-1, -1.5F, -1.5F}));
  EXPECT_EQ(run.epochs.size(), 2U);
}

TEST(Average, NoneLeavesParametersAsTheyAre) {
  const Falling run({}, 6);
  EXPECT_EQ(run.task.validated, (Values{-1, -2, -3}));
}

}  // namespace
}  // namespace recur::average_test
