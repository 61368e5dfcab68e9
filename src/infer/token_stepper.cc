#include "infer/token_stepper.h"

#include <algorithm>

#include "base/error.h"
#include "nn/heads/heads.h"

namespace recur {

TokenNetwork token_network(const Network& network) {
  const auto* head = dynamic_cast<const NextTokenHead*>(&network.head());
  if (head == nullptr) fail("a model of the task {} predicts no tokens; expected a language model", network.task());
  const std::size_t beside = network.conditions() == nullptr ? 0 : network.fed(0).size();
  return {network.parameters(), network.table(), network.layers(), head->output(), beside};
}

TokenStepper::TokenStepper(const TokenNetwork& network)
    : network_(network), stack_(network.layers, network.parameters) {
  const std::size_t width = network.layers.output_width(), vocabulary = network.output.vocabulary();
  output_ = pack_transposed({network.parameters.value(network.output.weight()), vocabulary, width, width}, packed_);
  if (network.embedding) {
    embedding_width_ = network.layers.shape(0, 0).input / network.layers.window() - network.beside;
  }
}

void TokenStepper::check(int token) const {
  if (token >= 0 && static_cast<std::size_t>(token) < vocabulary()) return;
  fail("token {}: expected an id from 0 to {}", token, vocabulary() - 1);
}

// Of a sequence's row of inputs, which embed() fills.
std::size_t TokenStepper::input_bytes() const {
  constexpr std::size_t kAlignment = StackStepper::kAlignment;
  return ((embedding_width_ + network_.beside) * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t TokenStepper::scratch_bytes(std::size_t sequences) const {
  return sequences * input_bytes() + stack_.scratch_bytes(sequences);
}

// The inputs of a step [sequences, input], in the scratch if they do not lie anywhere else.
const float* TokenStepper::embed(const Step& step) const {
  const float* table = network_.parameters.value(*network_.embedding);
  const auto row_of = [&](std::size_t i) {
    return table + static_cast<std::size_t>(step.tokens[i]) * embedding_width_;
  };
  if (step.states.size() == 1 && network_.beside == 0) return row_of(0);
  auto* const inputs = reinterpret_cast<float*>(step.scratch);
  float* to = inputs;
  for (std::size_t i = 0; i < step.states.size(); ++i) {
    to = std::copy_n(row_of(i), embedding_width_, to);
    if (network_.beside > 0) to = std::copy_n(step.beside[i], network_.beside, to);
  }
  return inputs;
}

const float* TokenStepper::hidden(const Step& step, const TeamMember& member) const {
  const float* x = nullptr;
  if (network_.embedding) {
    // Where there is something to copy, one does it for all.
    if (member.part == 0 || network_.beside == 0) x = embed(step);
    if (network_.beside > 0) {
      member.wait();
      x = reinterpret_cast<const float*>(step.scratch);
    }
  }
  return stack_.step({step.states, x, step.tokens, step.scratch + step.states.size() * input_bytes()}, member);
}

std::size_t TokenStepper::output_parts() const {
  constexpr std::size_t kLeastWeights = std::size_t{1} << 17;
  return std::clamp<std::size_t>(output_.depth * output_.columns / kLeastWeights, 1, output_.panels());
}

void TokenStepper::write_logits(const float* hidden, std::size_t sequences, float* logits,
                                const TeamMember& member) const {
  const std::size_t first = output_.panels() * member.part / member.parts;
  const std::size_t last = output_.panels() * (member.part + 1) / member.parts;
  multiply_block({hidden, sequences, output_.depth, output_.depth}, output_, first, last - first,
                 {ProductStart::From::bias, network_.parameters.value(network_.output.bias())},
                 logits + first * PackedMatrix::kPanel, vocabulary());
}

}  // namespace recur
