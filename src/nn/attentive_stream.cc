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
                                               std::span<float* const> states, float* fed) {
  assert(source_of.size() == n && states.size() == layer_.layer().cell().states);
  step_.rewind();
  if (one_step_.batch() != n) one_step_ = Steps::rectangle(n, 1);
  std::array<const float*, kMostSlots> before{};
  std::copy(states.begin(), states.end(), before.begin());
  const AttentiveInput input{x, source_of, before, fed, {}};
  const AttentiveTrace trace = attentive_forward(packed_, one_step_, memory_, input, step_);
  for (std::size_t slot = 0; slot < states.size(); ++slot) {
    copy_last_state(cell_.front().shape, trace.cell, slot, states[slot]);
  }
  if (fed != nullptr && !layer_.shape().before_cell()) std::copy_n(trace.output, n * layer_.shape().state, fed);
  return {trace.output, {trace.begin, trace.alignments}};
}

}  // namespace recur
