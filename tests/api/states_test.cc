// What layers say of records.
#include "recur/states.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "data/text_file.h"
#include "support/error_of.h"

namespace recur::states_test {
namespace {

struct Trained {
  TempFolder folder;
  std::string data;
  Model model;

  explicit Trained(const RecurrentOptions& network)
      : data(folder.write("data.tsv", "up\ta b c\ndown\tc a\nup\tb b\ndown\tc c a a\n")), model(train(network)) {}

 private:
  Model train(const RecurrentOptions& network) const {
    Job job{.data = data, .validation = data, .model = folder.file("m.safetensors")};
    ClassifyOptions task;
    task.network = network;
    task.embedding = 3;
    job.task = task;
    job.training.epochs = 1;
    return Model::train(job);
  }
};

const RecurrentOptions kBoth{.cell = "lstm", .layers = 2, .hidden = 4, .bidirectional = true};

std::vector<float> step(const States& states, std::size_t record, std::size_t t) {
  const auto all = states.of(record).subspan(t * states.width, states.width);
  return {all.begin(), all.end()};
}

TEST(States, OfEachStepMakeOneVector) {
  const Trained t(kBoth);
  StatesOptions options;
  options.each_step = true;
  const States steps = states_of(t.model, t.data, options);
  EXPECT_EQ(steps.width, 8U);
  EXPECT_EQ(steps.begins, (std::vector<std::size_t>{0, 3, 5, 7, 11}));
  options.each_step = false;
  for (const Pooling pooling : {Pooling::last, Pooling::mean, Pooling::max}) {
    options.pooling = pooling;
    const States one = states_of(t.model, t.data, options);
    ASSERT_EQ(one.begins, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
    for (std::size_t record = 0; record < 4; ++record) {
      const std::size_t count = steps.begins[record + 1] - steps.begins[record];
      for (std::size_t k = 0; k < 8; ++k) {
        double sum = 0;
        float largest = -2;
        for (std::size_t i = 0; i < count; ++i) {
          sum += static_cast<double>(step(steps, record, i)[k]);
          largest = std::max(largest, step(steps, record, i)[k]);
        }
        const float last = step(steps, record, k < 4 ? count - 1 : 0)[k];
        const float wanted = pooling == Pooling::last   ? last
                             : pooling == Pooling::mean ? static_cast<float>(sum / static_cast<double>(count))
                                                        : largest;
        EXPECT_NEAR(one.of(record)[k], wanted, 1e-6F) << record << ", " << k;
      }
    }
  }
}

// h = o tanh(c): between 0 and tanh(c).
// Options that a program gives are checked as flags are.
TEST(States, AndPredictionsNeedOptionsThatMakeSense) {
  const Trained t({.cell = "gru", .layers = 1, .hidden = 2});
  const std::string length = "--max-length: expected a whole number of at least 1, got 0";
  EXPECT_EQ(error_of([&] { states_of(t.model, t.data, {.predict = {.max_length = 0}}); }), length);
  const auto predict = [&](const PredictOptions& options) { return error_of([&] { t.model.predict({}, options); }); };
  EXPECT_EQ(predict({.max_length = 0}), length);
  EXPECT_EQ(error_of([&] { t.model.evaluate(t.data, {.max_length = 0}); }), length);
  EXPECT_EQ(predict({.decode = {.n_best = 0}}), "--n-best: expected a whole number from 1 to 1000, got 0");
  EXPECT_TRUE(predict({.decode = {.length_penalty = std::nan("")}}).starts_with("--length-penalty: expected a number"));
}

TEST(States, AreOfAnyLayerAndState) {
  const Trained t(kBoth);
  StatesOptions options;
  options.each_step = true;
  for (const std::size_t layer : {1U, 2U}) {
    options.layer = layer;
    options.state = "h";
    const States h = states_of(t.model, t.data, options);
    options.state = "c";
    const States c = states_of(t.model, t.data, options);
    ASSERT_EQ(h.values.size(), c.values.size());
    for (std::size_t i = 0; i < h.values.size(); ++i) {
      EXPECT_EQ(std::signbit(h.values[i]), std::signbit(c.values[i]));
      EXPECT_LT(std::abs(h.values[i]), std::abs(std::tanh(c.values[i])));
    }
  }
  EXPECT_EQ(error_of([&] {
              options.state = "z";
              states_of(t.model, t.data, options);
            }),
            "--state: expected one of the states of lstm: h, c; got \"z\"");
  EXPECT_EQ(error_of([&] {
              options.layer = 3;
              states_of(t.model, t.data, options);
            }),
            "--layer: expected a number from 1 to 2, got 3");
}

TEST(States, OfAnEmptyLineAreZeros) {
  const Trained t({.cell = "gru", .layers = 1, .hidden = 2});
  const std::string lines = t.folder.write("lines", "a b\n\nc\n");
  const States states = states_of(t.model, lines);
  ASSERT_EQ(states.records(), 3U);
  EXPECT_EQ(step(states, 1, 0), (std::vector<float>{0, 0}));
  EXPECT_NE(step(states, 2, 0), (std::vector<float>{0, 0}));
}

TEST(States, OfSentencesHaveNoneForWhatEndsThem) {
  const TempFolder folder;
  const std::string data = folder.write("d.conll", "we PR\nrest VB\n\nold JJ\n\n\ncats NN\n\n");
  Job job{.data = data, .validation = data, .model = folder.file("m.safetensors")};
  TagOptions task;
  task.network = {.layers = 1, .hidden = 2};
  task.words.min_count = 0;
  task.letter_cell = "none";
  job.task = task;
  job.training.epochs = 1;
  const States states = states_of(Model::train(job), data);
  EXPECT_EQ(states.begins, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(States, ComeBackFromFiles) {
  const TempFolder folder;
  States one{2, {1, 2, 3, -4, 0.5F, 1e-7F}, {0, 1, 2, 3}}, several{2, {1, 2, 3, -4, 0.5F, 1e-7F}, {0, 0, 2, 3}};
  for (const std::string name : {"s.npy", "s.safetensors"}) {
    save_states(folder.file(name), one);
    const States read = load_states(folder.file(name));
    EXPECT_EQ(read.width, 2U);
    EXPECT_EQ(read.values, one.values);
    EXPECT_EQ(read.begins, one.begins);
  }
  save_states(folder.file("s.safetensors"), several);
  EXPECT_EQ(load_states(folder.file("s.safetensors")).begins, several.begins);
  EXPECT_TRUE(
      contains(error_of([&] { save_states(folder.file("s.npy"), several); }), "expected the name of a .safetensors"));
  EXPECT_TRUE(contains(error_of([&] { save_states(folder.file("s.txt"), one); }), "s.txt: states are written to .npy"));
  const std::string text = folder.write("t.npy", "no array");
  EXPECT_TRUE(contains(error_of([&] { load_states(text); }), "t.npy: "));
}

TEST(States, HaveNearestOnes) {
  const States states{2, {1, 0, 0, 2, 3, 3, 0, 0, -1, 0}, {0, 1, 2, 3, 4, 5}};
  const std::vector<NearState> near = nearest_states(states, 0, 3);
  ASSERT_EQ(near.size(), 3U);
  EXPECT_EQ(near[0].record, 2U);
  EXPECT_NEAR(near[0].similarity, std::sqrt(0.5), 1e-12);
  EXPECT_EQ(near[1].record, 1U);
  EXPECT_EQ(near[1].similarity, 0);
  EXPECT_EQ(near[2].record, 3U);
  EXPECT_EQ(nearest_states(states, 0, 100).back().record, 4U);
  EXPECT_EQ(error_of([&] { nearest_states(states, 5, 1); }), "expected a record from 1 to 5, got 6");
}

}  // namespace
}  // namespace recur::states_test
