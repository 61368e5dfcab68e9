// A step of a recurrent layer: the product of the state and the cell. The input is one-hot, which costs no product.
#include <benchmark/benchmark.h>

#include <optional>
#include <vector>

#include "base/threads.h"
#include "nn/recurrent_stack.h"

namespace recur {
namespace {

constexpr std::size_t kSteps = 16;  // in one call, whose other costs they share

void step(benchmark::State& timing, const char* cell) {
  set_thread_count(1);
  const auto hidden = static_cast<std::size_t>(timing.range(0)), rows = static_cast<std::size_t>(timing.range(1));
  RecurrentOptions options;
  options.cell = cell;
  options.hidden = hidden;
  options.layers = 1;
  Parameters parameters;
  const RecurrentStack stack(options, 1, true, parameters, "");
  parameters.allocate();
  parameters.initialise(1, std::nullopt);
  Arena arena;
  const PackedStack packed = stack.pack(parameters, arena);
  StackState state(stack.state_layout(), rows);
  const Steps steps = Steps::rectangle(rows, kSteps);
  const std::vector<int> indices(steps.total(), 0);
  Tape tape(false);
  for (auto _ : timing) {
    tape.rewind();
    const StackResult result =
        stack.forward({tape, parameters, Noise::silent()}, indices, steps, state, {.packed = &packed});
    benchmark::DoNotOptimize(tape.value(result.output).data);
  }
  const LayerShape shape = stack.shape(0, 0);
  const std::size_t gates = shape.gate_stride(0) / hidden;
  using benchmark::Counter;
  timing.counters["step"] = Counter(kSteps, Counter::kIsIterationInvariantRate | Counter::kInvert);
  timing.counters["FLOP/s"] =
      Counter(static_cast<double>(2 * gates * hidden * hidden * steps.total()), Counter::kIsIterationInvariantRate);
}

const std::vector<std::vector<std::int64_t>> kShapes = {{64, 128, 256, 512, 1024}, {1, 2, 6, 32, 64}};
BENCHMARK_CAPTURE(step, elman, "elman")->ArgsProduct(kShapes)->ArgNames({"H", "rows"});
BENCHMARK_CAPTURE(step, lstm, "lstm")->ArgsProduct(kShapes)->ArgNames({"H", "rows"});
BENCHMARK_CAPTURE(step, gru, "gru")->ArgsProduct(kShapes)->ArgNames({"H", "rows"});

}  // namespace
}  // namespace recur
