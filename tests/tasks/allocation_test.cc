// A training step after warm-up and a streaming step take no memory. The operators below count for this program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "infer/sampler.h"
#include "infer/stepper.h"
#include "support/language.h"
#include "train/optimizer.h"

namespace {

std::atomic<std::size_t> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t /*size*/) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t& /*tag*/) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t /*alignment*/) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(p);
}

namespace recur {
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
    LanguageModelTask task(*network, {&corpus, 0, 2500}, {&corpus, 2500, 3000}, 4, 10, 1);
    Optimizer optimizer({}, network->parameters().count());
    const auto step = [&](std::uint64_t s) {
      task.train_batch(s);
      optimizer.step(task.parameters().values(), task.parameters().gradients(), 1e-3F, {});
    };
    for (std::uint64_t s = 0; s < 3; ++s) step(s);
    const std::size_t before = allocations;
    for (std::uint64_t s = 3; s < 20; ++s) step(s);
    EXPECT_EQ(allocations - before, 0U) << cell;
  }
}

TEST(Allocation, NoneInAStreamingStep) {
  for (const std::size_t embedding : {0U, 16U}) {
    LanguageModelOptions options;
    options.hidden = 24;
    options.embedding = embedding;
    const auto network = test_network(options, 30);
    Stepper stepper(*network);
    Sampler sampler({.temperature = 0.8F, .top_k = 10, .top_p = 0.9F}, network->vocabulary_size());
    int token = sampler.pick(stepper.step(0), 0.5);
    const std::size_t before = allocations;
    for (int i = 0; i < 50; ++i) token = sampler.pick(stepper.step(token), 0.02 * i);
    EXPECT_EQ(allocations - before, 0U) << "embedding " << embedding;
  }
}

TEST(Allocation, TheCounterCounts) {
  const std::size_t before = allocations;
  const std::vector<int> some(100);
  EXPECT_EQ(allocations - before, 1U) << some.size();
}

}  // namespace
}  // namespace recur
