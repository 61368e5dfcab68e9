// What is computed unit by unit: the cells' stages, forward and backward, and the functions that they are made of.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "recur/types/cell.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr std::size_t kRows = 16, kUnits = 64;              // a tile that stays in the first cache
constexpr std::size_t kDistance = kRows * kUnits + 16 * 3;  // of tiles: whole pages apart they would hinder each other

// So many arrays of a tile, and where they are.
class Tiles {
 public:
  explicit Tiles(std::size_t count) : values_(count * kDistance) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = static_cast<float>(i % 97) / 48 - 1;
    for (std::size_t t = 0; t < count; ++t) rows_[t] = {values_.data() + t * kDistance, kUnits};
  }
  const TileRows* rows() const { return rows_.data(); }

 private:
  std::vector<float> values_;
  std::array<TileRows, StageInfo::kMostInputs> rows_{};
};

void count_units(benchmark::State& timing, std::size_t units) {
  using benchmark::Counter;
  timing.counters["unit"] = Counter(static_cast<double>(units), Counter::kIsIterationInvariantRate | Counter::kInvert);
}

const StageInfo& first_stage(const char* cell) { return find_cell(cell).stages.front(); }
std::size_t inputs_of(const StageInfo& stage) { return stage.gates.size() + stage.reads.size() + stage.units.size(); }

void forward(benchmark::State& timing, const char* cell) {
  const StageInfo& stage = first_stage(cell);
  const Tiles inputs(inputs_of(stage)), outputs(stage.writes.size());
  for (auto _ : timing) {
    stage.forward(kRows, kUnits, inputs.rows(), outputs.rows());
    benchmark::ClobberMemory();
  }
  count_units(timing, kRows * kUnits);
}
BENCHMARK_CAPTURE(forward, elman, "elman");
BENCHMARK_CAPTURE(forward, lstm, "lstm");
BENCHMARK_CAPTURE(forward, gru, "gru");

void backward(benchmark::State& timing, const char* cell) {
  const StageInfo& stage = first_stage(cell);
  // Gradients of what is read are added up; these are so small that they never become infinite.
  const Tiles inputs(inputs_of(stage)), d_outputs(stage.writes.size()), d_inputs(inputs_of(stage));
  for (auto _ : timing) {
    stage.backward(kRows, kUnits, inputs.rows(), d_outputs.rows(), d_inputs.rows());
    benchmark::ClobberMemory();
  }
  count_units(timing, kRows * kUnits);
}
BENCHMARK_CAPTURE(backward, elman, "elman");
BENCHMARK_CAPTURE(backward, lstm, "lstm");
BENCHMARK_CAPTURE(backward, gru, "gru");

struct Tanh {
  static auto of(auto x) { return tanh(x); }
};
struct Sigmoid {
  static auto of(auto x) { return sigmoid(x); }
};
struct Exp {
  static auto of(auto x) { return exp(x); }
};

template <class Function>
struct Map {
  template <class V>
  static void run(std::size_t count, const float* in, float* out) {
    for (std::size_t i = 0; i < count; i += V::kLanes) V(Function::of(V::load(in + i))).store(out + i);
  }
};

template <class Function>
void function(benchmark::State& timing) {
  const Tiles in(1), out(1);
  for (auto _ : timing) {
    dispatch<Map<Function>>(kRows * kUnits, static_cast<const float*>(in.rows()->data), out.rows()->data);
    benchmark::ClobberMemory();
  }
  count_units(timing, kRows * kUnits);
}
BENCHMARK(function<Tanh>);
BENCHMARK(function<Sigmoid>);
BENCHMARK(function<Exp>);

}  // namespace
}  // namespace recur
