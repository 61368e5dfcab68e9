// A recurrent layer whose steps look at a memory: all steps forward and backward, on plain arrays.
//
//   additive (Bahdanau, Cho & Bengio 2015), before the cell: scores v . tanh(W_q h' + W_k m) from the output h' of the
//     step before; the context c is the memory weighed by their softmax; the cell reads [x, c]; the output is [h, c].
//     With coverage (See, Liu & Manning 2017) scores are v . tanh(W_q h' + W_k m + w_c s), s the sum of the weights
//     that the position had at all steps before.
//   dot, general (Luong, Pham & Manning 2015, with input feeding), after the cell: scores h . m or h . W_k m; the
//   output
//     is tanh(W_c [c, h] + b); the cell reads [x, the output of the step before], which is zero before the first step.
//
// Threads share the rows of a step, and the sources where gradients of the memory add up; results are the same bits
// whatever their number.
#pragma once

#include <cstddef>
#include <span>

#include "base/arena.h"
#include "kernels/attention.h"
#include "kernels/product.h"
#include "kernels/recurrent.h"
#include "recur/types/network.h"
#include "recur/types/steps.h"

namespace recur {

struct AttentiveShape {
  Attention kind = Attention::none;
  std::size_t input = 0;   // width of x
  std::size_t memory = 0;  // of a position of the memory
  std::size_t key = 0;     // of what scores compare: the attention's size, the state's width or, dot, the memory's
  std::size_t state = 0;   // of the cell's output
  bool coverage = false;

  bool before_cell() const { return kind == Attention::additive; }
  bool projects_keys() const { return kind != Attention::dot; }
  // What the cell reads beside x.
  std::size_t fed() const { return before_cell() ? memory : state; }
  std::size_t cell_input() const { return input + fed(); }
  std::size_t output() const { return before_cell() ? state + memory : state; }
};

// Those that the kind has: query W_q [key, state], key W_k [key, memory], v [key], coverage w_c [key], combine W_c
// [state, memory + state] and its bias [state].
template <class Float>
struct AttentionTensors {
  Float *query = nullptr, *key = nullptr, *v = nullptr, *combine = nullptr, *bias = nullptr, *coverage = nullptr;
};

// Weights packed for the products of the forward pass. The cell and the tensors must outlive it.
struct PackedAttentive {
  AttentiveShape shape;
  const PackedLayer* cell = nullptr;
  AttentionTensors<const float> tensors;
  PackedMatrix query{}, key{}, combine{};
};
PackedAttentive pack_attention(const AttentiveShape& shape, const PackedLayer& cell,
                               const AttentionTensors<const float>& tensors, Arena& arena);

// The memory of a batch of sources, and its keys, position after position of each source.
struct SourceMemory {
  std::span<const std::size_t> begin;  // of each source, and the end of the last
  ConstMatrix values{}, keys{};        // [positions, memory], [positions, key]

  std::size_t length(std::size_t source) const { return begin[source + 1] - begin[source]; }
  ConstMatrix part(const ConstMatrix& all, std::size_t source) const {
    return {all.data + begin[source] * all.stride, length(source), all.columns, all.stride};
  }
};
// `memory` is [memory_steps.total(), shape.memory].
SourceMemory gather_memory(const PackedAttentive& layer, const float* memory, const Steps& memory_steps, Arena& arena);
// The way back of a gradient by source: adds to `to`, which lies as the memory did.
void scatter_memory(const SourceMemory& memory, const float* d_values, const Steps& memory_steps, float* to);

struct AttentiveInput {
  const float* x = nullptr;                // [total, input]
  std::span<const std::size_t> source_of;  // of each row of the batch; its size is the batch's
  std::span<const float* const> initial;   // states, as in layer_forward
  const float* fed = nullptr;              // dot, general: the output before the first step, [batch, state]; null: zero
  LayerNoise noise;
  bool covers = false;  // of a layer with coverage: it is told what has been looked at
  // What each row of the batch had looked at before the first step, as its source is long; empty: nothing.
  std::span<const float* const> covered = {};
};

struct AttentiveTrace {
  LayerTrace cell;  // its input is [total, cell_input()]
  const Steps* steps = nullptr;
  std::span<const std::size_t> source_of;
  SourceMemory memory;
  float* query = nullptr;     // additive: [total, key]
  float* combined = nullptr;  // dot, general: [total, memory + state]
  float* output = nullptr;    // [total, output()]
  // The weights of row r of all steps lie from alignments[begin[r]] on, one for each position of its source.
  std::span<const std::size_t> begin;
  float* alignments = nullptr;
  float* covered = nullptr;  // as they lie: what had been looked at before; null where that is not told

  Coverage coverage(std::size_t row, const float* weight) const {
    return covered == nullptr ? Coverage{} : Coverage{covered + begin[row], weight};
  }
};

// Layer, steps, memory and source_of must outlive the trace, whose memory is the arena's.
AttentiveTrace attentive_forward(const PackedAttentive& layer, const Steps& steps, const SourceMemory& memory,
                                 const AttentiveInput& input, Arena& arena);

// All are added to.
struct AttentiveGradients {
  const float* output = nullptr;      // given, [total, output()]
  const float* alignments = nullptr;  // given, as the trace's; null: zero
  // The loss has so much times the sum over all rows and positions of min(weight, what had been looked at before).
  float coverage_penalty = 0;
  AttentionTensors<float> tensors;
  LayerTensors<float> cell;
  float* x = nullptr;               // [total, input]
  float* memory = nullptr;          // as SourceMemory::values, without gaps between rows
  std::span<float* const> initial;  // empty, or of every state [batch, width]
};

// Uses up the gates of the trace.
void attentive_backward(const PackedAttentive& layer, const AttentiveTrace& trace, const AttentiveGradients& gradients,
                        Arena& scratch);

}  // namespace recur
