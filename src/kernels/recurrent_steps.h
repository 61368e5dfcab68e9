// The engine of kernels/recurrent.h one step a call, so that what lies between two steps, an attention or a sample of
// the output, can compute a part of the input: the same code and the same bits as a whole run, from the first step to
// the last only. Within a step threads share its rows, or its units as in a whole run; or each thread runs rows of its
// own through all steps.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"

namespace recur {

class StepwiseForward {
 public:
  // As layer_forward(), but rows of step t of the dense or one-hot input need not be there before step(t) is called.
  // Layer, steps and input must outlive the trace; its memory and this object's are the arena's.
  StepwiseForward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                  std::span<const float* const> initial, Arena& arena);

  // To be called for 0, 1, 2, ...; then the rows of this step are complete in the trace. In parallel.
  void step(std::size_t t);
  // Whether rows had better be shared than units; then rows of the batch may be run on their own:
  bool shares_rows() const;
  // Those of `rows` that step t has, on the calling thread.
  void step(std::size_t t, const RowRange& rows) const;
  const LayerTrace& trace() const;

 private:
  struct Run;
  Run* run_;
};

class StepwiseBackward {
 public:
  // As layer_backward(), but rows of step t of gradients.output need not be complete before step(t) is called. Shape
  // and tensors, and what trace and gradients point at, must outlive this object, whose memory is the scratch arena's.
  StepwiseBackward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
                   const LayerGradients& gradients, Arena& scratch);

  // To be called from the last step to the first; then the rows of this step are complete in gradients.input.
  void step(std::size_t t);
  bool shares_rows() const;
  void step(std::size_t t, const RowRange& rows) const;
  // After step(0): gradients of parameters and of the states before the first step.
  void finish();

 private:
  struct Run;
  const LayerShape& shape_;
  Run* run_;
};

}  // namespace recur
