#include "data/batch_windows.h"

#include <gtest/gtest.h>

#include "data/field.h"

namespace recur::batch_windows_test {
namespace {

// Of record r and step t the number 10 r + t; beside it a label a record and one vector a record.
Batch ragged(const std::vector<std::size_t>& records) {
  Batch batch;
  batch.records = records;
  batch.gradient_scale = 0.25F;
  batch.fields.resize(3);
  Ragged<float> numbers, vectors;
  for (const std::size_t length : {5, 5, 3, 1}) {
    std::vector<float> sequence;
    for (std::size_t t = 0; t < length; ++t) sequence.push_back(static_cast<float>(10 * numbers.size() + t));
    numbers.add(sequence);
    vectors.add(std::vector<float>{static_cast<float>(numbers.size()), -1});
  }
  pack_steps(numbers, records, batch.fields[0], batch.fields[0].numbers);
  batch.fields[1].targets = {7, 8, 9, 10};
  pack_steps(vectors, records, batch.fields[2], batch.fields[2].numbers, 2);
  return batch;
}

TEST(BatchWindows, CutStepsAndKeepWhatIsNoSequence) {
  const std::vector<std::size_t> records = {0, 1, 2, 3};
  const Batch batch = ragged(records);
  BatchWindows windows(batch, 2);
  ASSERT_EQ(windows.count(), 3U);
  struct Expected {
    std::vector<float> numbers;
    std::vector<std::size_t> rows;
    std::vector<int> labels;
  };
  const Expected all[] = {{{0, 10, 20, 30, 1, 11, 21}, {4, 3}, {7, 8, 9, 10}},
                          {{2, 12, 22, 3, 13}, {3, 2}, {7, 8, 9}},
                          {{4, 14}, {2}, {7, 8}}};
  for (const std::size_t i : {0U, 2U, 1U}) {  // in any order
    windows.seek(i);
    const Batch& window = windows.batch();
    const FieldBatch& sequence = window.fields[0];
    EXPECT_EQ(sequence.numbers, all[i].numbers);
    ASSERT_EQ(sequence.steps.length(), all[i].rows.size());
    for (std::size_t t = 0; t < all[i].rows.size(); ++t) EXPECT_EQ(sequence.steps.rows(t), all[i].rows[t]);
    EXPECT_EQ(window.fields[1].targets, all[i].labels);
    EXPECT_EQ(window.fields[2].numbers.size(), 2 * all[i].labels.size());
    EXPECT_EQ(window.size(), all[i].labels.size());
    EXPECT_EQ(window.first_step, 2 * i);
    EXPECT_EQ(window.gradient_scale, 0.25F);
  }
}

TEST(BatchWindows, AsLongAsTheBatchIsAllOfIt) {
  const std::vector<std::size_t> records = {0, 1, 2, 3};
  const Batch batch = ragged(records);
  BatchWindows windows(batch, 9);
  ASSERT_EQ(windows.count(), 1U);
  windows.seek(0);
  EXPECT_EQ(windows.batch().fields[0].numbers, batch.fields[0].numbers);
}

}  // namespace
}  // namespace recur::batch_windows_test
