#include "autograd/ctc.h"

#include "kernels/ctc.h"
#include "kernels/elementwise.h"

namespace recur {

CtcLoss ctc_loss(Tape& tape, Var logits, std::span<const std::span<const int>> targets, int blank, const Steps& steps,
                 float gradient_scale) {
  const Matrix x = tape.value(logits);
  const std::size_t count = x.rows * x.columns;
  float* d = tape.recording() ? tape.arena().take<float>(count).data() : nullptr;
  Arena& scratch = tape.scratch();
  scratch.rewind();
  const std::span<double> losses = scratch.take<double>(steps.batch());
  ctc({x, &steps, targets, blank}, gradient_scale, losses, d, scratch);
  CtcLoss sum;
  for (std::size_t row = 0; row < losses.size(); ++row) {
    if (ctc_frames(targets[row]) > steps.length_of(row)) continue;
    sum.nats += losses[row];
    ++sum.targets;
  }
  tape.record([logits, d, count](Tape& t) { accumulate_elements(count, d, t.gradient(logits).data); });
  return sum;
}

}  // namespace recur
