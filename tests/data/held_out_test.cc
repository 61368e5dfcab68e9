// Which records are held out for validation.
#include "data/held_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/temp_folder.h"
#include "data/read_records.h"
#include "recur/types/tasks.h"
#include "tasks/network.h"

namespace recur::held_out_test {
namespace {

using Labels = std::vector<std::string>;

std::vector<bool> drawn(const Labels& labels, std::uint64_t seed = 1) {
  HeldOutDraw draw;
  for (const std::string& label : labels) draw.add(label);
  return draw.draw(seed);
}

std::map<std::string, int> counts(const Labels& labels, const std::vector<bool>& held_out) {
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < labels.size(); ++i) counts[labels[i]] += held_out[i] ? 1 : 0;
  return counts;
}

// Labels that alternate, one of them rare.
TEST(HeldOut, OfEachLabelItsShare) {
  Labels labels;
  for (int i = 0; i < 400; ++i) labels.push_back(i % 10 == 9 ? "rare" : i % 2 == 0 ? "even" : "odd");
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    EXPECT_EQ(counts(labels, drawn(labels, seed)), (std::map<std::string, int>{{"even", 10}, {"odd", 8}, {"rare", 2}}));
  }
}

TEST(HeldOut, IsOneInTwentyHoweverManyLabels) {
  for (const std::size_t of_each : {2U, 7U, 19U, 20U, 33U}) {
    Labels labels;
    for (std::size_t i = 0; i < 60 * of_each; ++i) labels.push_back(std::to_string(i % 60));
    const std::vector<bool> held_out = drawn(labels);
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(held_out, true)), 3 * of_each);
    for (const auto& [label, count] : counts(labels, held_out)) {
      EXPECT_GE(static_cast<std::size_t>(count), of_each / 20) << label;
      EXPECT_LE(static_cast<std::size_t>(count), of_each / 20 + 1) << label;
    }
  }
}

TEST(HeldOut, IsNeverTheOnlyRecordOfALabel) {
  Labels labels(20, "many");
  for (int i = 0; i < 20; ++i) labels.push_back(std::to_string(i));
  const std::vector<bool> held_out = drawn(labels);
  EXPECT_EQ(counts(labels, held_out)["many"], 2);
  EXPECT_EQ(std::ranges::count(held_out, true), 2);
  EXPECT_EQ(std::ranges::count(drawn(Labels(19, "a")), true), 0);
  EXPECT_TRUE(drawn({}).empty());
}

TEST(HeldOut, IsDrawnByTheSeedAndAnywhere) {
  const Labels labels(1000, "");
  EXPECT_EQ(drawn(labels, 5), drawn(labels, 5));
  EXPECT_NE(drawn(labels, 5), drawn(labels, 6));
  std::vector<int> often(1000);
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<bool> held_out = drawn(labels, seed);
    for (std::size_t i = 0; i < labels.size(); ++i) often[i] += held_out[i] ? 1 : 0;
  }
  // 20 each on average, of a deviation of 4.4.
  EXPECT_GT(std::ranges::min(often), 2);
  EXPECT_LT(std::ranges::max(often), 45);
}

std::vector<bool> drawn_from(const TaskOptions& task, const std::string& text) {
  const TempFolder folder;
  const InputFile file(folder.write("data", text));
  const RecordData data(file, {});
  return draw_held_out(requests_of(blank_fields(task, data)), data, 1);
}

TEST(HeldOutRecords, AreOfTheLabelsOfEachTask) {
  std::string texts, numbers, sentences;
  for (int i = 0; i < 200; ++i) {
    const std::string label = i % 2 == 0 ? "a" : "b";
    texts += label + "\tx y\n";
    numbers += R"({"sequence":[[1]],"label":")" + label + "\"}\n";
    sentences += "x " + label + "\ny b\n\n";
  }
  const auto odd = [](const std::vector<bool>& held_out) {
    int count = 0;
    for (std::size_t i = 1; i < held_out.size(); i += 2) count += held_out[i] ? 1 : 0;
    return count;
  };
  EXPECT_EQ(odd(drawn_from(ClassifyOptions(), texts)), 5);
  EXPECT_EQ(odd(drawn_from(ClassifyOptions(), numbers)), 5);
  EXPECT_EQ(odd(drawn_from(ConditionedOptions(), texts)), 5);
  for (const auto& [task, data] : {std::pair<TaskOptions, std::string>(ClassifyOptions(), texts),
                                   {ClassifyOptions(), numbers},
                                   {ConditionedOptions(), texts},
                                   {TranslateOptions(), texts},
                                   {TagOptions(), sentences}}) {
    const std::vector<bool> held_out = drawn_from(task, data);
    EXPECT_EQ(held_out.size(), 200U) << task.task();
    EXPECT_EQ(std::ranges::count(held_out, true), 10) << task.task();
  }
}

// Captions of a picture are all held out, or none.
TEST(HeldOut, TextsOfOneInputStayTogether) {
  const std::vector<FieldRequest> fields = {{"vector", CellKind::numbers}, {"texts", CellKind::text, true}};
  const auto drawn = [&](int pictures) {
    std::vector<Record> records;
    for (int text = 0; text < 5; ++text) {
      for (int picture = 0; picture < pictures; ++picture) {
        records.push_back({{"vector", Numbers{{1.0 * picture, 2}, 2}}, {"texts", "text " + std::to_string(text)}});
      }
    }
    return draw_held_out(fields, RecordData(records), 1);
  };
  const std::vector<bool> held_out = drawn(40);
  ASSERT_EQ(held_out.size(), 200U);
  EXPECT_EQ(std::ranges::count(held_out, true), 10);
  for (std::size_t i = 0; i < held_out.size(); ++i) EXPECT_EQ(held_out[i], held_out[i % 40]) << i;
  EXPECT_EQ(std::ranges::count(drawn(8), true), 2) << "of few pictures records are drawn";
}

}  // namespace
}  // namespace recur::held_out_test
