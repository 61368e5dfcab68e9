#include "infer/stepper.h"

#include <algorithm>

#include "base/error.h"
#include "base/threads.h"

namespace recur {

Stepper::Stepper(LanguageNetwork& network)
    : network_(network),
      stream_(network.stack(), network.parameters()),
      state_(network.stack().state_layout(), 1),
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
  const Parameters& parameters = network_.parameters();
  const std::optional<Parameters::Id> embedding = network_.embedding();
  std::span<const float> output;
  if (embedding) {
    const std::size_t width = network_.stack().shape(0, 0).input / network_.stack().window();
    output = stream_.step(parameters.value(*embedding) + static_cast<std::size_t>(token) * width, state_);
  } else {
    output = stream_.step(token, state_);
  }
  // Threads own panels of the output layer, where it is large.
  constexpr std::size_t kWeightsOfSlice = std::size_t{1} << 17;
  const std::size_t most = std::max<std::size_t>(1, kWeightsOfSlice / (PackedMatrix::kPanel * output.size()));
  parallel_slices(output_.panels(), most, [&](std::size_t first, std::size_t last) {
    multiply_block({output.data(), 1, output.size(), output.size()}, output_, first, last - first,
                   {ProductStart::From::bias, parameters.value(network_.output_bias())},
                   logits_.data() + first * PackedMatrix::kPanel, logits_.size());
  });
  return logits_;
}

}  // namespace recur
