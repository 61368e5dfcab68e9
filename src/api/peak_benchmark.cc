#include <omp.h>

#include <utility>

#include "api/repeat.h"
#include "base/error.h"
#include "recur/benchmark.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

constexpr std::size_t kRounds = std::size_t{1} << 20;

// Chains of multiply-adds: enough that none waits for another, few enough that all stay in 16 registers.
struct MultiplyAdds {
  static constexpr std::size_t kChains = 12;

  template <class V, std::size_t... I>
  static void run_chains(V (&chain)[kChains], std::index_sequence<I...>) {
    const V factor(0.75F), addend(0.25F);
    for (std::size_t round = 0; round < kRounds; ++round) ((chain[I] = fma(chain[I], factor, addend)), ...);
  }

  // Operations done, and what came out of them, which must be used or they would not be done.
  template <class V>
  static void run(double* operations, float* sum) {
    V chain[kChains];
    for (std::size_t c = 0; c < kChains; ++c) chain[c] = V(static_cast<float>(c));
    run_chains(chain, std::make_index_sequence<kChains>());
    V total(0.0F);
    for (const V& c : chain) total = total + c;
    float lanes[V::kLanes];
    total.store(lanes);
    *sum = lanes[0];
    *operations = static_cast<double>(2 * kRounds * kChains * V::kLanes);
  }
};

}  // namespace

std::vector<double> measure_peak(std::size_t threads, double seconds) {
  if (threads == 0) fail("a peak needs at least one thread");
  double operations = 0;
  std::vector<double> rates = repeat(seconds, [&] {
    operations = 0;
    return seconds_of([&] {
#pragma omp parallel num_threads(static_cast <int>(threads)) reduction(+ : operations)
      {
        float sum = 0;
        dispatch<MultiplyAdds>(&operations, &sum);
      }
    });
  });
  for (double& rate : rates) rate = operations / rate;
  return rates;
}

}  // namespace recur
