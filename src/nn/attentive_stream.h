// A layer with attention one step at a time, for decoding: any number of hypotheses, each with its own source among
// those that are looked at. A step is one of AttentiveLayer::forward(), of one step: the same bits.
#pragma once

#include <cstddef>
#include <span>

#include "nn/attentive_layer.h"

namespace recur {

class AttentiveStream {
 public:
  // Packs the weights; layer and parameters must outlive it and not change.
  AttentiveStream(const AttentiveLayer& layer, const Parameters& parameters);
  AttentiveStream(const AttentiveStream&) = delete;
  AttentiveStream& operator=(const AttentiveStream&) = delete;

  // The sources of the steps to come: `memory` is [memory_steps.total(), memory_width]; it is copied.
  void look_at(const float* memory, const Steps& memory_steps);

  struct Step {
    const float* output;    // [rows, output_width()]
    Alignments alignments;  // of each row
  };
  // One step of n rows: x [n, input]; states[slot] [n, width] are those before the step, and then those after it; `fed`
  // [n, shape().state] is the output before the step, zero at first, and then that after it (additive attention feeds
  // nothing: null). Row r looks at source source_of[r]; covered[r], of a layer with coverage, is what it has looked at
  // so far, zero at first, and its weights are added there. What is returned stays until the next step.
  Step advance(std::size_t n, const float* x, std::span<const std::size_t> source_of, std::span<float* const> states,
               float* fed, std::span<float* const> covered = {});

 private:
  const AttentiveLayer& layer_;
  Arena weights_, sources_, step_;
  PackedStack cell_;
  PackedAttentive packed_;
  SourceMemory memory_;
  Steps one_step_;
};

}  // namespace recur
