// Softmax and cross-entropy with its gradient, a row of logits at a time.
#include <benchmark/benchmark.h>

#include <vector>

#include "kernels/softmax.h"

namespace recur {
namespace {

void cross_entropy(benchmark::State& timing) {
  std::vector<float> logits(static_cast<std::size_t>(timing.range(0)));
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 97) / 48 - 1;
  for (auto _ : timing) benchmark::DoNotOptimize(softmax_cross_entropy(logits, 7, 0.02F));
  using benchmark::Counter;
  timing.counters["class"] =
      Counter(static_cast<double>(logits.size()), Counter::kIsIterationInvariantRate | Counter::kInvert);
}
BENCHMARK(cross_entropy)->Arg(65)->Arg(256)->Arg(10000)->Arg(50000)->ArgName("classes");

}  // namespace
}  // namespace recur
