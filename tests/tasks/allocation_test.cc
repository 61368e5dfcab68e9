// A training step after warm-up and a streaming step take no memory.
#include <gtest/gtest.h>

#include <cstddef>

#include "nn/sampler.h"
#include "recur/model.h"
#include "support/counted_memory.h"
#include "support/language.h"
#include "support/streams.h"
#include "train/optimizer.h"

namespace recur::allocation_test {
namespace {

TEST(Allocation, NoneInATrainingStepAfterWarmUp) {
  for (const char* cell : {"lstm", "gru-reset-before"}) {
    LanguageModelOptions options;
    options.cell = cell;
    options.hidden = 24;
    options.embedding = 24;
    options.dropout = 0.2F;
    const auto network = test_network(options, 30);
    const Corpus corpus = test_corpus(*network, 3000);
    WindowsTask task(*network, {&corpus, 0, 2500}, {&corpus, 2500, 3000}, 4, 10, 1);
    Optimizer optimizer({}, network->parameters().count());
    const auto step = [&](std::uint64_t s) {
      task.train_batch(s);
      optimizer.step(task.parameters().values(), task.parameters().gradients(), 1e-3F, {});
    };
    for (std::uint64_t s = 0; s < 3; ++s) step(s);
    const std::size_t before = allocations();
    for (std::uint64_t s = 3; s < 20; ++s) step(s);
    EXPECT_EQ(allocations() - before, 0U) << cell;
  }
}

TEST(Allocation, NoneInAStreamingStep) {
  for (const std::size_t embedding : {0U, 16U}) {
    LanguageModelOptions options;
    options.hidden = 24;
    options.embedding = embedding;
    const auto network = test_network(options, 30);
    LogitStream stream(*network);
    Sampler sampler({.temperature = 0.8F, .top_k = 10, .top_p = 0.9F}, 30);
    int token = sampler.pick(stream.step(0), 0.5);
    const std::size_t before = allocations();
    for (int i = 0; i < 50; ++i) token = sampler.pick(stream.step(token), 0.02 * i);
    EXPECT_EQ(allocations() - before, 0U) << "embedding " << embedding;
  }
}

TEST(Allocation, NoneInABatchOfStreamsAfterTheFirst) {
  LanguageModelOptions options;
  options.hidden = 256;
  options.embedding = 16;
  const Model model = Model::untrained(options, 30);
  std::vector<Stream> streams(64, model.stream());
  std::vector<Stream*> all;
  for (Stream& stream : streams) all.push_back(&stream);
  const std::vector<int> tokens(all.size(), 1);
  std::vector<float> logits(all.size() * 30);
  step_together(all, tokens, logits);
  const std::size_t before = allocations();
  for (int i = 0; i < 5; ++i)
    step_together(std::span(all).first(60), std::span(tokens).first(60), std::span(logits).first(1800));
  EXPECT_EQ(allocations() - before, 0U);
}

TEST(Allocation, TheCounterCounts) {
  const std::size_t before = allocations();
  const std::vector<int> some(100);
  EXPECT_EQ(allocations() - before, 1U) << some.size();
}

}  // namespace
}  // namespace recur::allocation_test
