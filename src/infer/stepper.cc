#include "infer/stepper.h"

#include <algorithm>

#include "base/error.h"
#include "base/finite.h"
#include "base/threads.h"

namespace recur {

Stepper::Stepper(const TokenNetwork& network, std::span<const float> beside)
    : network_(network),
      stream_(network.layers, network.parameters),
      state_(network.layers.state_layout(), 1),
      logits_(network.output.vocabulary()) {
  const std::size_t width = network.layers.output_width();
  output_ = pack_transposed({network.parameters.value(network.output.weight()), logits_.size(), width, width}, packed_);
  if (network.embedding) {
    embedding_width_ = network.layers.shape(0, 0).input / network.layers.window() - beside.size();
  }
  if (!beside.empty()) {
    input_.resize(embedding_width_);
    input_.insert(input_.end(), beside.begin(), beside.end());
  }
  reset();
}

Stepper::Stepper(const LanguageNetwork& network)
    : Stepper(TokenNetwork{network.parameters(), network.embedding(), network.stack(), network.output()}) {}

std::span<const float> Stepper::step(int token) {
  if (token < 0 || static_cast<std::size_t>(token) >= logits_.size()) {
    fail("token {}: expected an id from 0 to {}", token, logits_.size() - 1);
  }
  const Parameters& parameters = network_.parameters;
  std::span<const float> output;
  if (network_.embedding) {
    const float* x = parameters.value(*network_.embedding) + static_cast<std::size_t>(token) * embedding_width_;
    if (!input_.empty()) std::copy_n(x, embedding_width_, input_.begin());
    output = stream_.step(input_.empty() ? x : input_.data(), state_);
  } else {
    output = stream_.step(token, state_);
  }
  // Threads own panels of the output layer, where it is large.
  constexpr std::size_t kWeightsOfSlice = std::size_t{1} << 17;
  const std::size_t most = std::max<std::size_t>(1, kWeightsOfSlice / (PackedMatrix::kPanel * output.size()));
  parallel_slices(output_.panels(), most, [&](std::size_t first, std::size_t last) {
    multiply_block({output.data(), 1, output.size(), output.size()}, output_, first, last - first,
                   {ProductStart::From::bias, parameters.value(network_.output.bias())},
                   logits_.data() + first * PackedMatrix::kPanel, logits_.size());
  });
  check_results(logits_, "the logit of a token");
  return logits_;
}

}  // namespace recur
