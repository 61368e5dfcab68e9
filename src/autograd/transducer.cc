#include "autograd/transducer.h"

#include <algorithm>

#include "kernels/elementwise.h"
#include "kernels/transducer.h"

namespace recur {

double transducer_loss(Tape& tape, const TransducerInput& input, const Parameter& weight, const Parameter& bias,
                       int blank, float gradient_scale) {
  const Matrix encoded = tape.value(input.encoded), read = tape.value(input.read);
  const std::size_t of_encoded = encoded.rows * encoded.columns, of_read = read.rows * read.columns;
  const std::size_t of_weight = weight.rows * weight.columns;
  TransducerGradients d{};
  if (tape.recording()) {
    d = {tape.arena().take<float>(of_encoded).data(), tape.arena().take<float>(of_read).data(),
         tape.arena().take<float>(of_weight).data(), tape.arena().take<float>(weight.rows).data()};
    std::fill_n(d.weight, of_weight, 0.0F);
    std::fill_n(d.bias, weight.rows, 0.0F);
  }
  Arena& scratch = tape.scratch();
  scratch.rewind();
  const std::span<double> losses = scratch.take<double>(input.steps.batch());
  transducer({encoded, &input.steps, read, &input.read_steps, input.read_row, input.targets, weight.matrix(),
              bias.value, blank},
             gradient_scale, losses, tape.recording() ? &d : nullptr, scratch);
  double sum = 0;
  for (const double loss : losses) sum += loss;
  tape.record([=, from = input.encoded, reader = input.read](Tape& t) {
    accumulate_elements(of_encoded, d.encoded, t.gradient(from).data);
    accumulate_elements(of_read, d.read, t.gradient(reader).data);
    accumulate_elements(of_weight, d.weight, weight.gradient);
    accumulate_elements(weight.rows, d.bias, bias.gradient);
  });
  return sum;
}

}  // namespace recur
