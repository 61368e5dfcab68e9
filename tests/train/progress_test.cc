// How far a run goes, and where a checkpoint may say that it is.
#include <gtest/gtest.h>

#include <limits>

#include "recur/types/error.h"
#include "train/loop.h"

namespace recur::progress_test {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

// One parameter; epochs of three batches.
class GivenTask : public Task {
 public:
  GivenTask() {
    parameters_.declare("w", 0, 1, InitialValues::constant(1));
    parameters_.allocate();
  }
  Parameters& parameters() override { return parameters_; }
  std::uint64_t batches_per_epoch() const override { return 3; }
  void begin_epoch(std::uint64_t) override {}
  LossSum train_batch(std::uint64_t) override {
    parameters_.gradients()[0] = 1;
    return {1, 1};
  }
  Validation validate(const Enough&) override { return {{1, 1}, {}}; }
  void seek(std::uint64_t, std::uint64_t) override {}
  std::span<float> carried_state() override { return {}; }

 private:
  Parameters parameters_;
};

struct Place {
  TrainingResult train() {
    return recur::train(task, optimizer, average, options, progress, {}, hooks, [] { return 0.0; });
  }

  GivenTask task;
  TrainingOptions options;
  Optimizer optimizer{options.optimizer, 1};
  Average average{{}, 1};
  Progress progress;
  CheckpointHooks hooks;
};

TEST(Progress, CountsStepsOfEndlessEpochs) {
  for (const std::uint64_t epochs : {kMost, kMost / 3 + 1, kMost / 2}) {
    Place run;
    run.options.epochs = epochs;
    run.options.steps = 7;
    EXPECT_EQ(run.train().steps, 7U) << epochs;
  }
}

TEST(Progress, PatienceWithoutEndNeverEnds) {
  Place run;
  run.options.epochs = 3;
  run.options.patience = kMost;
  EXPECT_EQ(run.train().reason, StopReason::finished);
}

TEST(Progress, ProgressIsCheckedAgainstTheBatches) {
  const auto accepts = [](const Progress& progress, std::uint64_t optimizer_steps) {
    try {
      check_progress(progress, optimizer_steps, 3);
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  Progress best{.step = 8, .epoch = 2, .batch = 2, .best_loss = 1.5, .best_epoch = 3, .seconds = 4};
  EXPECT_TRUE(accepts(best, 8));
  EXPECT_FALSE(accepts(best, 7));
  EXPECT_TRUE(accepts({}, 0));
  EXPECT_TRUE(accepts({.step = 3, .batch = 3}, 3));  // at the end of an epoch, before its validation
  EXPECT_FALSE(accepts({.step = 4, .batch = 4}, 4));
  EXPECT_FALSE(accepts({.step = 1, .epoch = 1, .batch = 2}, 1));
  EXPECT_FALSE(accepts({.step = 2, .epoch = kMost / 3 + 1, .batch = 0}, 2));  // which times 3 is 2, were it to wrap
  best.best_share = 0;
  EXPECT_FALSE(accepts(best, 8));
  best.best_share = 0.5;
  EXPECT_TRUE(accepts(best, 8));
  best.best_epoch = 4;
  EXPECT_FALSE(accepts(best, 8));
}

}  // namespace
}  // namespace recur::progress_test
