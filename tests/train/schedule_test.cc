#include "train/schedule.h"

#include <gtest/gtest.h>

#include <limits>

#include "recur/types/error.h"

namespace recur::schedule_test {
namespace {

TEST(Schedule, ConstantStays) {
  const Schedule schedule{.kind = ScheduleKind::constant, .learning_rate = 0.5F};
  EXPECT_EQ(schedule_rate(schedule, 0, 0, 100), 0.5F);
  EXPECT_EQ(schedule_rate(schedule, 99, 40, 100), 0.5F);
}

TEST(Schedule, StepIsZarembasSmallSetting) {
  const Schedule schedule{.kind = ScheduleKind::step, .learning_rate = 1, .decay = 0.5F, .decay_after = 4};
  constexpr float kRates[13] = {1,         1,         1,         1,          1 / 2.0F,   1 / 4.0F,  1 / 8.0F,
                                1 / 16.0F, 1 / 32.0F, 1 / 64.0F, 1 / 128.0F, 1 / 256.0F, 1 / 512.0F};
  for (std::uint64_t epoch = 0; epoch < 13; ++epoch)
    EXPECT_EQ(schedule_rate(schedule, 7, epoch, 13), kRates[epoch]) << epoch;
}

// char-rnn multiplies by 0.97 at the end of every epoch from the tenth on, counted from 1.
TEST(Schedule, StepIsCharRnn) {
  const Schedule schedule{.kind = ScheduleKind::step, .learning_rate = 2e-3F, .decay = 0.97F, .decay_after = 10};
  double rate = 2e-3;
  for (std::uint64_t epoch = 1; epoch <= 50; ++epoch) {
    EXPECT_NEAR(schedule_rate(schedule, 0, epoch - 1, 0) / rate, 1, 1e-5) << epoch;
    if (epoch >= 10) rate *= 0.97;
  }
}

TEST(Schedule, CosineFallsToItsEnd) {
  const Schedule schedule{.kind = ScheduleKind::cosine, .learning_rate = 2, .final_share = 0.1F};
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 0, 0, 100), 2);
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 50, 0, 100), 1.1F);
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 25, 0, 100) + schedule_rate(schedule, 75, 0, 100), 2.2F);
  EXPECT_GT(schedule_rate(schedule, 99, 0, 100), 0.2F);
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 100, 0, 100), 0.2F);
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 1000, 0, 100), 0.2F);
}

TEST(Schedule, WarmUpRisesToTheFullRate) {
  Schedule schedule{.learning_rate = 1, .warmup_steps = 4};
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::cosine}) {
    schedule.kind = kind;
    for (std::uint64_t step = 0; step < 4; ++step) {
      EXPECT_EQ(schedule_rate(schedule, step, 0, 12), static_cast<float>(step + 1) / 4);
    }
    EXPECT_EQ(schedule_rate(schedule, 4, 0, 12), 1);
  }
  EXPECT_FLOAT_EQ(schedule_rate(schedule, 8, 0, 12), 0.5F);  // cosine: half of what is left after warm-up
  EXPECT_EQ(schedule_rate(schedule, 3, 0, 2), 1);            // shorter than its warm-up
  EXPECT_EQ(schedule_rate(schedule, 4, 0, 2), 0);
}

}  // namespace
}  // namespace recur::schedule_test
