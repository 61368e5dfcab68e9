// The loop on a task whose steps, batches of validation and files take the time that a clock of the test says.
#include "train/loop.h"

#include <gtest/gtest.h>

#include "recur/types/error.h"

namespace recur::loop_test {
namespace {

// One parameter; a step and a batch of validation take a second each.
class TimedTask : public Task {
 public:
  explicit TimedTask(std::uint64_t batches, std::uint64_t validation_batches)
      : batches_(batches), validation_batches_(validation_batches) {
    parameters_.declare("x", 0, 1, InitialValues::constant(0));
    parameters_.allocate();
  }
  Parameters& parameters() override { return parameters_; }
  std::uint64_t batches_per_epoch() const override { return batches_; }
  void begin_epoch(std::uint64_t /*epoch*/) override {}
  LossSum train_batch(std::uint64_t /*step*/) override {
    time += 1;
    parameters_.gradients()[0] += gradient;
    return {1, 1};
  }
  Validation validate(const Enough& enough) override {
    loss -= gain;
    std::uint64_t done = 0;
    do {
      time += 1;
    } while (++done < validation_batches_ && !(enough && enough()));
    const double share = static_cast<double>(done) / static_cast<double>(validation_batches_);
    validation_batches_ *= growth;
    return {{loss, 1}, {}, share};
  }
  void seek(std::uint64_t /*epoch*/, std::uint64_t /*batch*/) override {}
  std::span<float> carried_state() override { return {}; }

  double time = 5;              // the data has been read
  double loss = 100, gain = 1;  // of each validation
  float gradient = 0;
  std::uint64_t growth = 1;

 private:
  Parameters parameters_;
  std::uint64_t batches_, validation_batches_;
};

// What a run of a task does; a file takes two seconds.
struct Training {
  Training(TimedTask& task, TrainingOptions options, const Progress& from = {}) : progress(from) {
    Optimizer optimizer({.kind = OptimizerKind::sgd}, 1);
    Average average({}, 1);
    options.epochs = 1000;
    TrainingHooks hooks;
    hooks.report = [this](const TrainingReport& r) { last_rate = r.learning_rate; };
    const auto save = [&](int& count) {
      return [&task, &count](const Progress&) {
        ++count;
        task.time += 2;
      };
    };
    try {
      result = train(task, optimizer, average, options, progress, hooks, {save(checkpoints), save(models)},
                     [&task] { return task.time; });
    } catch (const Error& error) {
      message = error.what();
    }
  }
  Progress progress;
  TrainingResult result;
  std::string message;
  double last_rate = 0;
  int checkpoints = 0, models = 0;
};

TrainingOptions limited_to(double seconds) {
  TrainingOptions options;
  options.time_limit = seconds;
  return options;
}

TEST(TimeLimit, CountsReadingValidatingAndSaving) {
  TimedTask task(1000, 10);
  const Training run(task, limited_to(100));
  EXPECT_EQ(run.result.reason, StopReason::time_limit);
  EXPECT_EQ(task.time, 100);
  EXPECT_EQ(run.result.steps, 100U - 5 - 2 - 10 - 2 - 2);
  EXPECT_EQ(run.result.validated_share, 1);
  EXPECT_EQ(run.models, 1);
  EXPECT_EQ(run.checkpoints, 2);
}

TEST(TimeLimit, EndsAValidationThatTakesLonger) {
  TimedTask task(1000, 40);
  const Training run(task, limited_to(100));
  EXPECT_EQ(task.time, 100);
  EXPECT_EQ(run.result.validated_share, 0.25);
  EXPECT_EQ(run.models, 1);  // better than none
}

TEST(TimeLimit, KeepsTheTimeThatTheLastValidationTook) {
  TimedTask task(10, 30);
  const Training run(task, limited_to(100));
  EXPECT_EQ(run.result.reason, StopReason::time_limit);
  EXPECT_EQ(run.result.steps, 20U);  // a third epoch would end after 100 seconds
  EXPECT_EQ(run.result.validated_share, 1);
  EXPECT_EQ(run.models, 2);
  EXPECT_LE(task.time, 100);
}

TEST(TimeLimit, APartOfTheValidationMakesNoModelTheBest) {
  TimedTask task(10, 5);
  task.growth = 100;
  const Training run(task, limited_to(100));
  EXPECT_LT(run.result.validated_share, 1);
  EXPECT_EQ(run.result.best_epoch, 1U);
  EXPECT_EQ(run.models, 1);
  EXPECT_EQ(task.time, 100 - 2);
}

TEST(TimeLimit, APartOfTheValidationIsTheBestOnlyUntilThereIsAWholeOne) {
  TimedTask task(10, 40);
  const Training cut(task, limited_to(30));
  EXPECT_LT(cut.result.validated_share, 1);
  EXPECT_EQ(cut.progress.best_loss, 99);
  task.loss = 1000;  // the whole of the data is harder
  const Training whole(task, limited_to(1000), cut.progress);
  EXPECT_EQ(whole.models, static_cast<int>(1000 - whole.result.best_loss));
  EXPECT_EQ(whole.progress.best_share, 1);
  EXPECT_GT(whole.result.best_loss, 100);
}

TEST(TimeLimit, CountsEarlierRunsAndTakesAStep) {
  TimedTask task(1000, 10);
  Progress before;
  before.seconds = 300;
  before.step = before.batch = 50;
  const Training run(task, limited_to(100), before);
  EXPECT_EQ(run.result.steps, 51U);
  EXPECT_EQ(run.result.validated_share, 0.1);
  EXPECT_EQ(run.result.seconds, 300 + 5 + 2 + 1 + 1 + 2);
}

TEST(TimeLimit, TheScheduleReachesItsEnd) {
  TimedTask task(100'000, 10);
  TrainingOptions options = limited_to(1000);
  options.schedule = {.kind = ScheduleKind::cosine, .learning_rate = 1};
  const Training run(task, options);
  EXPECT_GT(run.last_rate, 0);
  EXPECT_LT(run.last_rate, 1e-4);
}

TEST(Loop, WithoutATimeLimitValidatesWhole) {
  TimedTask task(10, 500);
  TrainingOptions options;
  options.steps = 25;
  const Training run(task, options);
  EXPECT_EQ(run.result.reason, StopReason::finished);
  EXPECT_EQ(run.result.validated_share, 1);
  EXPECT_EQ(run.result.best_epoch, 3U);
}

TEST(Loop, ResumedWhenPatienceIsWornOutDoesNothingMore) {
  TrainingOptions options;
  options.patience = 2;
  TimedTask task(10, 5);
  task.gain = 0;
  const Training first(task, options);
  EXPECT_EQ(first.result.reason, StopReason::patience);
  EXPECT_EQ(first.result.steps, 30U);
  const Training again(task, options, first.progress);
  EXPECT_EQ(again.result.reason, StopReason::patience);
  EXPECT_EQ(again.result.steps, 30U);
  EXPECT_EQ(again.models, 0);
  options.patience = 4;
  EXPECT_EQ(Training(task, options, first.progress).result.steps, 50U);
}

TEST(Loop, NeverSavesWhatIsNotANumber) {
  TimedTask task(1, 1);
  task.gradient = 3e38F;
  TrainingOptions options;
  options.clipping.kind = ClipKind::none;
  options.schedule = {.kind = ScheduleKind::constant, .learning_rate = 3e38F};
  const Training run(task, options);
  EXPECT_TRUE(run.message.starts_with("training diverged: the update of step 1 is not a finite number")) << run.message;
  EXPECT_EQ(run.checkpoints, 1);
  EXPECT_EQ(run.models, 0);

  TimedTask blind(1, 1);
  blind.loss = std::numeric_limits<double>::quiet_NaN();
  const Training unvalidated(blind, {});
  EXPECT_TRUE(unvalidated.message.starts_with("training diverged: the validation loss of step 1 is not"))
      << unvalidated.message;
}

}  // namespace
}  // namespace recur::loop_test
