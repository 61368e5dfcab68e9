// The loss of connectionist temporal classification with its gradient: 16 sequences, characters.
#include "kernels/ctc.h"

#include <benchmark/benchmark.h>

#include <vector>

#include "base/arena.h"
#include "base/threads.h"

namespace recur {
namespace {

void ctc_loss_and_gradient(benchmark::State& timing) {
  constexpr std::size_t kBatch = 16, kOutputs = 30;
  set_thread_count(static_cast<std::size_t>(timing.range(2)));
  const Steps steps = Steps::rectangle(kBatch, static_cast<std::size_t>(timing.range(0)));
  std::vector<float> logits(steps.total() * kOutputs), gradient(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i * i % 197) / 48 - 2;
  std::vector<int> target;
  while (target.size() < static_cast<std::size_t>(timing.range(1))) {
    target.push_back(static_cast<int>(1 + target.size() * target.size() % (kOutputs - 1)));
  }
  const std::vector<std::span<const int>> targets(kBatch, target);
  std::vector<double> losses(kBatch);
  Arena scratch;
  for (auto _ : timing) {
    scratch.rewind();
    ctc({{logits.data(), steps.total(), kOutputs, kOutputs}, &steps, targets, 0}, 1, losses, gradient.data(), scratch);
  }
}
BENCHMARK(ctc_loss_and_gradient)
    ->ArgsProduct({{200, 400, 800}, {30, 80}, {1, 2}})
    ->ArgNames({"frames", "tokens", "threads"})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace recur
