// A layer that is run step by step gives the bits of one that is run as a whole.
#include "kernels/recurrent_steps.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/cells.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_steps_test {
namespace {

void expect_same_bits_stepwise(const LayerShape& shape, const Steps& steps, const WithNoise& noise = {}) {
  const LayerCase c = random_case(shape, steps, 1, noise);
  const Results whole = run_engine(c);
  for (const std::size_t threads : {1, 2, 3, 5}) {
    SCOPED_TRACE(testing::Message() << shape.cell->name << ", " << threads << " threads");
    const WithThreads set(threads);
    EngineRun engine(c);
    engine.run_stepwise();
    expect_same_bits(engine.results(), whole);
  }
}

class StepByStep : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, StepByStep, every_cell(), cell_test_name);

TEST_P(StepByStep, GivesTheBitsOfAWholeRun) {
  const Steps ragged = Steps::from_lengths(std::vector<std::size_t>{7, 7, 4, 4, 3, 1});
  LayerShape shape{&cell(), 9, 19};
  expect_same_bits_stepwise(shape, ragged);
  shape.one_hot = true;
  expect_same_bits_stepwise(shape, ragged);
}

TEST_P(StepByStep, GivesTheBitsOfAWholeRunWithAllOptions) {
  LayerShape shape{&cell(), 9, 19};
  shape.output = cell().has_output_width() ? 13 : 0;
  shape.layer_norm = true;
  shape.state_clip = 1;
  expect_same_bits_stepwise(shape, Steps::rectangle(4, 5), {true, true});
}

// More rows than are multiplied together or summed together, and more units than one thread should compute.
TEST(LargeStepByStep, GivesTheBitsOfAWholeRunOfALargeLayer) {
  expect_same_bits_stepwise({&find_cell("gru"), 30, 20}, Steps::rectangle(40, 30));
  expect_same_bits_stepwise({&find_cell("gru"), 9, 19}, Steps::rectangle(130, 5));
  expect_same_bits_stepwise({&find_cell("lstm"), 20, 640}, Steps::from_lengths(std::vector<std::size_t>{3, 3, 2, 1}));
}

}  // namespace
}  // namespace recur::recurrent_steps_test
