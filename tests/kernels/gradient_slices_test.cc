// Batches so large that the gradients of a narrow layer's weights are summed in slices.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "kernels/weight_gradients.h"
#include "support/cells.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::gradient_slices_test {
namespace {

// Half as long at the end as at the beginning, and some steps that only the first slice has.
Steps ragged(std::size_t batch) {
  std::vector<std::size_t> lengths;
  for (std::size_t row = 0; row < batch; ++row) lengths.push_back(14 - 7 * row / batch);
  lengths[0] = 40;
  return Steps::from_lengths(lengths);
}

std::size_t slices(const LayerShape& shape, const Steps& steps) {
  Arena arena;
  return GradientSlices(shape, steps, {}, arena).count();
}

void expect_reference_with_threads(const LayerShape& shape, const Steps& steps,
                                   const std::vector<std::size_t>& thread_counts) {
  const LayerCase c = random_case(shape, steps);
  Results one;
  for (const std::size_t threads : thread_counts) {
    SCOPED_TRACE(testing::Message() << threads << " threads, one-hot " << shape.one_hot << ", reverse "
                                    << shape.reverse);
    const WithThreads set(threads);
    if (threads == 1) one = run_engine(c);
    expect_same_bits(run_engine(c), one);
  }
  expect_close(one, run_reference(c), 5e-6);
}

class LargeBatch : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, LargeBatch, every_cell(), cell_test_name);

TEST_P(LargeBatch, GivesTheReferenceAndTheSameBitsWithAnyNumberOfThreads) {
  LayerShape shape{&cell(), 16, 16};
  for (const bool reverse : {false, true}) {
    shape.reverse = reverse;
    for (const bool one_hot : {false, true}) {
      shape.one_hot = one_hot;
      for (const Steps& steps : {ragged(130), Steps::rectangle(130, 11)}) {
        EXPECT_EQ(slices(shape, steps), 2U);
        expect_reference_with_threads(shape, steps, {1, 2, 3});
      }
    }
  }
}

TEST(GradientSlices, MayBeSeveralForEachThread) {
  const LayerShape shape{&find_cell("lstm"), 16, 16};
  expect_reference_with_threads(shape, ragged(260), {1, 2, 4});
}

TEST(GradientSlices, AreAsManyAsABatchHasRowsForAndNoneOfAWideLayer) {
  const CellInfo& lstm = find_cell("lstm");
  for (const auto& [batch, count] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {127, 1}, {128, 2}, {255, 2}, {256, 4}, {512, 8}, {2000, 8}}) {
    EXPECT_EQ(slices({&lstm, 64, 64}, Steps::rectangle(batch, 2)), count) << batch;
  }
  EXPECT_EQ(slices({&lstm, 128, 128}, Steps::rectangle(256, 2)), 4U);
  EXPECT_EQ(slices({&lstm, 128, 129}, Steps::rectangle(256, 2)), 1U);
}

}  // namespace
}  // namespace recur::gradient_slices_test
