#include "nn/stepped_layer.h"

#include <algorithm>
#include <cassert>

#include "autograd/arrange.h"

namespace recur {

SteppedLayer::SteppedLayer(const Run& run, const RecurrentStack& stack, std::size_t rows)
    : run_(run),
      stack_(stack),
      steps_(run.tape.keep(Steps::rectangle(rows, 1))),
      weights_(stack.weights(run, 0, 0)),
      of_sequences_(stack.draw_noise(run, steps_, 0, 0)),
      states_(run.tape.arena().take<Var>(stack.cell().states)) {
  assert(stack.layers() == 1 && stack.directions() == 1 && stack.window() == 1);
  const LayerShape shape = stack.shape(0, 0);
  for (std::size_t slot = 0; slot < states_.size(); ++slot) {
    if (const auto start = stack.learned_start(0, slot)) {
      states_[slot] = repeat_row(run.tape, run[*start], rows);
      continue;
    }
    states_[slot] = run.tape.add(rows, shape.width_of_slot(slot));
    std::fill_n(run.tape.value(states_[slot]).data, rows * shape.width_of_slot(slot), stack.cell().first_value(slot));
  }
  output_ = states_[0];
}

Var SteppedLayer::step(Var x) {
  const Run now = run_.child("step").child(steps_done_++);
  RecurrentInput input;
  input.x = &x;
  input.noise = stack_.draw_noise(now, steps_, 0, 0);
  input.noise.mask = of_sequences_.mask;
  input.initial_vars = states_;
  input.keep_last = true;
  const RecurrentResult result = recurrent(run_.tape, weights_.packed, weights_.gradients, input, steps_);
  std::copy_n(result.last.begin(), states_.size(), states_.begin());
  const RecurrentOptions& options = stack_.options();
  output_ = drop(options.variational ? run_.child("after") : now.child("after"), result.output, steps_, options);
  return output_;
}

}  // namespace recur
