// A step leaves a small stack: a user's thread may have little. Not under a sanitizer, whose frames are its own.
#include "support/stack_depth.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/product.h"
#include "support/cells.h"
#include "support/language.h"
#include "support/random.h"
#include "support/settings.h"
#include "support/streams.h"
#include "train/optimizer.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace recur::stack_depth_test {
namespace {

constexpr std::size_t kMost = 32 << 10;

TEST(StackDepth, IsMeasured) {
  const auto write = [] {
    volatile unsigned char bytes[100000] = {};
    EXPECT_EQ(bytes[0], 0);
  };
  EXPECT_GE(stack_depth(write), 100000U);
  EXPECT_LT(stack_depth(write), 110000U);
}

TEST(StackDepth, IsSmallInProducts) {
  // The rows of A fall on the same lines of a cache, so they are copied; and then not.
  for (const std::size_t depth : {512U, 500U}) {
    const std::vector<float> a = random_integers(64 * depth, 1), b = random_integers(depth * 256, 2);
    std::vector<float> c(64 * 256), d(depth * 256);
    Arena arena;
    const PackedMatrix packed = pack({b.data(), depth, 256, 256}, arena);
    const PackedMatrix rows = pack({c.data(), 64, 256, 256}, arena);
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(testing::Message() << "depth " << depth << ", " << simd_name(level));
      const WithSimdLevel set(level);
      EXPECT_LT(stack_depth([&] {
                  multiply({a.data(), 64, depth, depth}, packed, {ProductStart::From::zero}, {c.data(), 64, 256, 256});
                }),
                kMost);
      const std::vector<TransposedProduct> products = {{rows, {d.data(), depth, 256, 256}}};
      EXPECT_LT(stack_depth([&] { accumulate_transposed({a.data(), 64, depth, depth}, products, nullptr); }), kMost);
    }
  }
}

class StackDepthOfSteps : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, StackDepthOfSteps, every_cell(), cell_test_name);

TEST_P(StackDepthOfSteps, IsSmall) {
  LanguageModelOptions options;
  options.cell = GetParam();
  options.hidden = 40;
  options.embedding = 24;
  options.dropout = 0.2F;
  options.layer_norm = true;
  const auto network = test_network(options, 30);
  const Corpus corpus = test_corpus(*network, 3000);
  WindowsTask task(*network, {&corpus, 0, 2500}, {&corpus, 2500, 3000}, 4, 10, 1);
  Optimizer optimizer({}, network->parameters().count());
  const WithThreads alone(1);
  LogitStream stream(*network);
  for (const SimdLevel level : simd_levels()) {
    SCOPED_TRACE(simd_name(level));
    const WithSimdLevel set(level);
    EXPECT_LT(stack_depth([&] {
                task.train_batch(0);
                optimizer.step(task.parameters().values(), task.parameters().gradients(), 1e-3F, {});
              }),
              kMost);
    EXPECT_LT(stack_depth([&] { stream.step(3); }), kMost);
  }
}

}  // namespace
}  // namespace recur::stack_depth_test

#endif
