#include "infer/stepper.h"

#include "base/error.h"

namespace recur {

Stepper::Stepper(LanguageNetwork& network)
    : network_(network),
      layers_(network.stack().pack(network.parameters(), packed_)),
      state_(network.stack().state_layout(), 1),
      one_(Steps::rectangle(1, 1)),
      logits_(network.vocabulary_size()) {
  const std::size_t width = network.stack().output_width();
  output_ =
      pack_transposed({network.parameters().value(network.output_weight()), logits_.size(), width, width}, packed_);
  reset();
}

std::span<const float> Stepper::step(int token) {
  if (token < 0 || static_cast<std::size_t>(token) >= logits_.size()) {
    fail("token {}: expected an id from 0 to {}", token, logits_.size() - 1);
  }
  tape_.rewind();
  const NoiseSource none{Random(0, RandomPurpose::dropout), 0, false};
  const StackResult result = network_.run(tape_, {&token, 1}, one_, state_, {none, &layers_});
  multiply_block(tape_.value(result.output), output_, 0, output_.panels(),
                 {ProductStart::From::bias, network_.parameters().value(network_.output_bias())}, logits_.data(),
                 logits_.size());
  return logits_;
}

}  // namespace recur
