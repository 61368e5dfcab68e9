// Epochs of batches of records.
#include "tasks/records_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "support/records.h"

namespace recur::records_task_test {
namespace {

constexpr BatchLimits kLimits{4, 12};

struct Texts {
  Texts() : c(options(), texts()) {}
  static ClassifyOptions options() {
    ClassifyOptions o;
    o.network = {.layers = 1, .hidden = 3, .dropout = 0.5F};
    o.embedding = 2;
    return o;
  }
  static std::string texts() {
    std::string text;
    for (int i = 0; i < 30; ++i) {
      text += i % 2 == 0 ? "a\tx" : "b\ty";
      for (int word = 0; word < i % 6; ++word) text += std::string(" ") + "xyzw"[(i + word) % 4];
      text += "\n";
    }
    return text;
  }
  RecordsTask task() const { return {*c.network, *c.records, *c.records, kLimits, {}}; }

  RecordsCase c;
};

// The losses of the batches from here to the end of the epoch.
std::vector<double> losses(RecordsTask& task, std::uint64_t first, std::uint64_t step) {
  std::vector<double> all;
  for (std::uint64_t i = first; i < task.batches_per_epoch(); ++i) all.push_back(task.train_batch(step++).nats);
  return all;
}

TEST(RecordsTask, AnEpochHasEveryRecordOnce) {
  const Texts texts;
  RecordsTask task = texts.task();
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    task.begin_epoch(epoch);
    std::uint64_t records = 0;
    for (std::uint64_t i = 0; i < task.batches_per_epoch(); ++i) records += task.train_batch(0).predictions;
    EXPECT_EQ(records, 30U);
  }
  EXPECT_GT(task.batches_per_epoch(), 30U / kLimits.records);  // batches of long records hold fewer
}

TEST(RecordsTask, EpochsDifferAndGoOnFromAnyBatch) {
  const Texts texts;
  RecordsTask task = texts.task();
  task.begin_epoch(0);
  const std::vector<double> first = losses(task, 0, 0);
  task.begin_epoch(1);
  const std::vector<double> second = losses(task, 0, 0);
  EXPECT_NE(first, second);
  RecordsTask other = texts.task();
  other.seek(1, 3);
  EXPECT_EQ(losses(other, 3, 3), std::vector<double>(second.begin() + 3, second.end()));
}

// Three texts in a row as three versions of one record. Nothing else is drawn, and nothing is learned.
TEST(RecordsTask, AnEpochHasAVersionOfEachRecord) {
  ClassifyOptions options = Texts::options();
  options.network.dropout = 0;
  const RecordsCase c(options, Texts::texts());
  const auto sum_of = [](RecordsTask& task, std::uint64_t epoch) {
    LossSum sum;
    task.begin_epoch(epoch);
    for (std::uint64_t i = 0; i < task.batches_per_epoch(); ++i) {
      const LossSum loss = task.train_batch(i);
      sum.nats += loss.nats;
      sum.predictions += loss.predictions;
    }
    return sum;
  };
  RecordsTask plain(*c.network, *c.records, *c.records, kLimits, {});
  EXPECT_NEAR(sum_of(plain, 0).nats, sum_of(plain, 1).nats, 1e-3);
  c.records->versions = 3;
  RecordsTask drawn(*c.network, *c.records, *c.records, kLimits, {});
  const LossSum first = sum_of(drawn, 0), second = sum_of(drawn, 1);
  EXPECT_EQ(first.predictions, 10U);
  EXPECT_EQ(second.predictions, 10U);
  EXPECT_GT(std::abs(first.nats - second.nats), 1e-3);
  EXPECT_EQ(sum_of(drawn, 0).nats, first.nats);
  RecordsTask resumed(*c.network, *c.records, *c.records, kLimits, {});
  EXPECT_EQ(sum_of(resumed, 1).nats, second.nats);
}

TEST(RecordsTask, ValidationDrawsNothing) {
  const Texts texts;
  RecordsTask task = texts.task();
  const Validation once = task.validate({});
  const Validation again = task.validate({});
  EXPECT_EQ(once.loss.nats, again.loss.nats);
  EXPECT_EQ(once.loss.predictions, 30U);
  ASSERT_TRUE(once.measure.has_value());
  EXPECT_STREQ(once.measure->name, "accuracy");
  EXPECT_NEAR(once.loss.nats, texts.c.loss(texts.c.batch).nats, 1e-3);
}

TEST(RecordsTask, ValidationMayEndEarly) {
  RecordsCase c(Texts::options(), [] {
    std::string text;
    for (int i = 0; i < 600; ++i) text += i % 2 == 0 ? "a\tx y\n" : "b\ty x\n";
    return text;
  }());
  RecordsTask task(*c.network, *c.records, *c.records, kLimits, {});
  const Validation part = task.validate([] { return true; });
  EXPECT_EQ(part.loss.predictions, 256U);
  EXPECT_EQ(part.share, 256 / 600.0);
  const Validation whole = task.validate([] { return false; });
  EXPECT_EQ(whole.loss.predictions, 600U);
  EXPECT_EQ(whole.share, 1);
}

// A step of training by hand: the loss of the whole falls along the gradients of all batches.
TEST(RecordsTask, GradientsOfBatchesGoDownhill) {
  const Texts texts;
  RecordsTask task = texts.task();
  Parameters& parameters = task.parameters();
  const double before = task.validate({}).loss.nats;
  task.begin_epoch(0);
  for (std::uint64_t step = 0; step < task.batches_per_epoch(); ++step) {
    std::ranges::fill(parameters.gradients(), 0.0F);
    task.train_batch(step);
    for (std::size_t i = 0; i < parameters.count(); ++i) parameters.values()[i] -= 0.1F * parameters.gradients()[i];
  }
  EXPECT_LT(task.validate({}).loss.nats, before);
}

}  // namespace
}  // namespace recur::records_task_test
