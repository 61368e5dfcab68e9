#include "nn/attentive_stream.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace recur {

AttentiveStream::AttentiveStream(const AttentiveLayer& layer, const Parameters& parameters)
    : layer_(layer),
      cell_(layer.layer().pack(parameters, weights_)),
      packed_(pack_attention(layer.shape(), cell_.front(), layer.values(parameters), weights_)) {}

void AttentiveStream::look_at(const float* memory, const Steps& memory_steps) {
  sources_.rewind();
  memory_ = gather_memory(packed_, memory, memory_steps, sources_);
}

AttentiveStream::Step AttentiveStream::advance(std::size_t n, const float* x, std::span<const std::size_t> source_of,
                                               std::span<float* const> states, float* fed,
                                               std::span<float* const> covered) {
  assert(source_of.size() == n && states.size() == layer_.layer().cell().states);
  assert(covered.size() == (layer_.shape().coverage ? n : 0));
  step_.rewind();
  if (one_step_.batch() != n) one_step_ = Steps::rectangle(n, 1);
  std::array<const float*, kMostSlots> before{};
  std::copy(states.begin(), states.end(), before.begin());
  const std::vector<const float*> covered_before(covered.begin(), covered.end());
  const AttentiveInput input{x, source_of, before, fed, {}, layer_.shape().coverage, covered_before};
  const AttentiveTrace trace = attentive_forward(packed_, one_step_, memory_, input, step_);
  for (std::size_t slot = 0; slot < states.size(); ++slot) {
    copy_last_state(cell_.front().shape, trace.cell, slot, states[slot]);
  }
  if (fed != nullptr && !layer_.shape().before_cell()) std::copy_n(trace.output, n * layer_.shape().state, fed);
  const Alignments alignments{trace.begin, trace.alignments};
  for (std::size_t row = 0; row < covered.size(); ++row) {
    const std::span<const float> weights = alignments.of(row);
    for (std::size_t j = 0; j < weights.size(); ++j) covered[row][j] += weights[j];
  }
  return {trace.output, alignments};
}

}  // namespace recur
