// One recurrent layer of any cell that looks at a memory, the outputs of an encoder, at every step
// (nn/attentive_steps.h has the equations); all steps are one node of the tape. Its cell's parameters have the names of
// a RecurrentStack, the attention's are attention.query.weight, attention.key.weight and attention.v (additive),
// attention.coverage (with coverage), attention.general.weight (general), attention.combine.weight and
// attention.combine.bias (dot and general).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "nn/attentive_steps.h"
#include "nn/parameters.h"
#include "nn/recurrent_stack.h"

namespace recur {

struct AttentionOptions {
  Attention kind = Attention::none;
  std::size_t size = 128;  // additive: the width of what queries and positions are compared in
  bool coverage = false;   // additive: what has been looked at is known where to look next
};

// What becomes of coverage, of a layer that has it.
struct CoverageUse {
  bool known = true;  // else it is as if nothing had been looked at
  float penalty = 0;  // see AttentiveGradients
};

// How much each row looked at each position of its source.
struct Alignments {
  std::span<const std::size_t> begin;  // of each row, and the end of the last
  const float* weights = nullptr;

  std::span<const float> of(std::size_t row) const { return {weights + begin[row], begin[row + 1] - begin[row]}; }
};

class AttentiveLayer {
 public:
  // Declares its parameters, their names beginning with `prefix`. Of the layer's options those that are about several
  // layers, and dropout between them, are not looked at. Throws Error naming the flag of an option that makes no sense.
  AttentiveLayer(const AttentionOptions& attention, const RecurrentOptions& layer, std::size_t input,
                 std::size_t memory_width, Parameters& parameters, const std::string& prefix);

  // The layer without its attention: what it reads beside its input is a part of its input there.
  const RecurrentStack& layer() const { return layer_; }
  const AttentiveShape& shape() const { return shape_; }
  // additive: the state and the context beside it; else the state's width.
  std::size_t output_width() const { return shape_.output(); }

  struct Result {
    Var output;             // [total, output_width()]
    Alignments alignments;  // of each row of the output; the tape's
    Var weights;            // all of them, [1, their number]: gradients flow back through these, too
  };
  // Reads x [total, input]; row r of the batch looks at sequence source_of[r] of memory [memory_steps.total(),
  // memory_width]. `initial` are the states before the first step, [batch, width] each, or empty for zero. Gradients
  // flow into x, memory and initial. Steps and source_of must outlive the tape's contents.
  Result forward(const Run& run, Var x, const Steps& steps, Var memory, const Steps& memory_steps,
                 std::span<const std::size_t> source_of, std::span<const Var> initial,
                 const CoverageUse& coverage = {}) const;

  // As far as the kind has them.
  AttentionTensors<const float> values(const Parameters& parameters) const;

 private:
  struct Ids {
    Parameters::Id query = 0, key = 0, v = 0, combine = 0, bias = 0, coverage = 0;
  };
  AttentionTensors<float> gradients(const Parameters& parameters) const;

  AttentiveShape shape_;
  RecurrentStack layer_;
  Ids ids_;
};

}  // namespace recur
