// An optimiser's step over all parameters: norm, clipping, update, and the gradients set to zero.
#include "train/optimizer.h"

#include <benchmark/benchmark.h>

#include <vector>

#include "base/threads.h"

namespace recur {
namespace {

void step(benchmark::State& timing, OptimizerKind kind) {
  set_thread_count(1);
  const auto count = static_cast<std::size_t>(timing.range(0));
  Optimizer optimizer({.kind = kind}, count);
  std::vector<float> parameters(count, 0.1F), gradients(count, 0.01F);
  for (auto _ : timing) optimizer.step(parameters, gradients, 1e-3F, {});
  timing.SetItemsProcessed(timing.iterations() * timing.range(0));
}
// An LSTM 2 x 128, one of 2 x 512.
BENCHMARK_CAPTURE(step, sgd, OptimizerKind::sgd)->Arg(240'000)->Arg(3'300'000)->ArgName("parameters");
BENCHMARK_CAPTURE(step, adam, OptimizerKind::adam)->Arg(240'000)->Arg(3'300'000)->ArgName("parameters");

}  // namespace
}  // namespace recur
