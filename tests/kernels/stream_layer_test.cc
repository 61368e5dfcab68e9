// A step at a time, cut into parts or not, has the bits of the whole sequence at once.
#include "kernels/stream_layer.h"

#include <gtest/gtest.h>

#include "kernels/thread_choice.h"
#include "support/cells.h"
#include "support/layer_case.h"

namespace recur::stream_layer_test {
namespace {

class StreamLayers : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, StreamLayers, every_cell(), cell_test_name);

void expect_stream_equals_sequence(const LayerShape& shape, std::size_t most_parts) {
  const LayerCase c = random_case(shape, Steps::rectangle(1, 7));
  EngineRun engine(c);
  engine.run();
  const Results at_once = engine.results();
  for (std::size_t parts = 1; parts <= most_parts; ++parts) {
    SCOPED_TRACE(testing::Message() << parts << " parts");
    for (const auto& [name, values] : engine.stream(parts)) expect_same_bits(values, at_once.at(name), name);
  }
}

TEST_P(StreamLayers, StepsEqualTheSequence) {
  for (const std::size_t hidden : {17, 64, 200}) {
    for (const bool one_hot : {false, true}) {
      SCOPED_TRACE(testing::Message() << "hidden " << hidden << (one_hot ? ", one-hot" : ""));
      expect_stream_equals_sequence({&cell(), 20, hidden, one_hot}, 3);
    }
  }
}

TEST_P(StreamLayers, OptionsOfALayerDoWhatTheyDoToTheSequence) {
  LayerShape shape{&cell(), 20, 72};
  shape.zoneout = 0.25F;
  shape.zoneout_cell = 0.5F;
  shape.state_clip = 0.5F;
  expect_stream_equals_sequence(shape, 2);
  shape.layer_norm = true;
  EXPECT_EQ(StreamLayer::most_parts(shape), 1U);
  expect_stream_equals_sequence(shape, 1);
}

TEST(StreamLayer, OnlyLargeLayersAreCutIntoParts) {
  const CellInfo& lstm = find_cell("lstm");
  EXPECT_EQ(StreamLayer::most_parts({&lstm, 32, 32}), 1U);
  EXPECT_EQ(StreamLayer::most_parts({&lstm, 128, 128}), 2U);
  EXPECT_EQ(StreamLayer::most_parts({&lstm, 65, 128, true}), 1U);  // one-hot: half the weights
  EXPECT_GE(StreamLayer::most_parts({&lstm, 512, 512}), 8U);
}

// How many of `steps` steps ran with all threads when a step takes so long with one and with all.
std::size_t steps_together(double alone, double together, std::size_t steps) {
  ThreadChoice choice(2);
  std::size_t count = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const bool all = choice.parts() == 2;
    count += all ? 1 : 0;
    choice.took(all ? together : alone);
  }
  return count;
}

TEST(ThreadChoice, GoesWithWhatIsFaster) {
  EXPECT_GT(steps_together(1, 0.6, 10'000), 9'500U);
  EXPECT_LT(steps_together(1, 1.1, 10'000), 100U);
  EXPECT_LE(steps_together(1, 1000, 10'000), 8U);
  EXPECT_FALSE(ThreadChoice(1).has_choice());
}

TEST(ThreadChoice, ComesBackWhenThreadsPayAgain) {
  ThreadChoice choice(2);
  for (int i = 0; i < 1000; ++i) choice.took(choice.parts() == 2 ? 100 : 1);
  EXPECT_EQ(choice.parts(), 1U);
  std::size_t together = 0;
  for (int i = 0; i < 3000; ++i) {
    together += choice.parts() == 2 ? 1 : 0;
    choice.took(choice.parts() == 2 ? 0.5 : 1);
  }
  EXPECT_GT(together, 1000U);
}

}  // namespace
}  // namespace recur::stream_layer_test
