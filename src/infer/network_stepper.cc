#include "infer/network_stepper.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "nn/input.h"

namespace recur {

namespace {

StepNetwork stepped(const Network& network, const std::optional<StepOutput>& output) {
  const Input* input = network.only_input();
  const bool told = network.recipe().condition && network.conditions() == nullptr;  // a text, or numbers
  const bool token_or_numbers = input != nullptr && input->layers() == nullptr && input->one_step();
  if (!output || !token_or_numbers || told || network.recipe().network.every > 1) {
    fail(
        "a model of the task {} cannot run step by step; expected a language model, or one of numbers whose answer "
        "follows from the steps so far",
        network.task());
  }
  const std::size_t beside = network.conditions() == nullptr ? 0 : network.fed(0).size();
  const std::span<const KnobField* const> knobs = network.knobs();
  return {network.parameters(), input->numbers(), input->table(),        input->one_hot(),
          network.layers(),     *output,          beside + knobs.size(), knobs};
}

}  // namespace

StepNetwork step_network(const Network& network) { return stepped(network, network.head().step_output()); }
StepNetwork step_network(const Network& network, const StepOutput& output) { return stepped(network, output); }

NetworkStepper::NetworkStepper(const StepNetwork& network)
    : network_(network), stack_(network.layers, network.parameters) {
  const std::size_t width = network.layers.output_width(), outputs = network.output.count;
  output_ = pack_transposed({network.parameters.value(network.output.weight), outputs, width, width}, packed_);
  const std::size_t input = network.layers.shape(0, 0).input / network.layers.window() - network.beside;
  if (network.one_hot) {
    vocabulary_ = input;
    return;
  }
  width_ = input;
  if (!network.embedding) return;
  vocabulary_ = static_cast<std::size_t>(network.parameters.declarations()[*network.embedding].shape[0]);
}

void NetworkStepper::check(int token) const {
  if (token >= 0 && static_cast<std::size_t>(token) < vocabulary()) return;
  if (vocabulary() == 0) fail("token {}: the model reads numbers, {} a step", token, inputs());
  fail("token {}: expected an id from 0 to {}", token, vocabulary() - 1);
}

void NetworkStepper::check(std::span<const float> numbers, std::size_t steps) const {
  if (inputs() == 0) fail("numbers: the model reads tokens");
  if (numbers.size() != steps * inputs()) fail("numbers: expected {}, got {}", steps * inputs(), numbers.size());
  for (const float x : numbers) {
    if (!std::isfinite(x)) fail("numbers: expected finite ones, got {}", x);
  }
}

void NetworkStepper::check_knobs(std::span<const float> beside) const {
  for (std::size_t i = 0; i < network_.knobs.size(); ++i) {
    if (std::isnan(beside[i])) {
      fail("the knob {} is not set; call set_knob(\"{}\", VALUE) before the first step", network_.knobs[i]->name(),
           network_.knobs[i]->name());
    }
  }
}

// Of a sequence's row of inputs, which read() fills.
std::size_t NetworkStepper::input_bytes() const {
  constexpr std::size_t kAlignment = StackStepper::kAlignment;
  return (row_width() * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t NetworkStepper::scratch_bytes(std::size_t sequences) const {
  return sequences * input_bytes() + stack_.scratch_bytes(sequences);
}

// The inputs of a step [sequences, input], in the scratch if they do not lie anywhere else.
const float* NetworkStepper::read(const Step& step) const {
  if (reads_numbers()) return scale(step);
  const float* table = network_.parameters.value(*network_.embedding);
  const auto row_of = [&](std::size_t i) { return table + static_cast<std::size_t>(step.tokens[i]) * width_; };
  if (step.states.size() == 1 && network_.beside == 0) return row_of(0);
  auto* const inputs = reinterpret_cast<float*>(step.scratch);
  float* to = inputs;
  for (std::size_t i = 0; i < step.states.size(); ++i) {
    to = std::copy_n(row_of(i), width_, to);
    if (network_.beside > 0) to = std::copy_n(step.beside[i], network_.beside, to);
  }
  return inputs;
}

const float* NetworkStepper::scale(const Step& step) const {
  auto* const inputs = reinterpret_cast<float*>(step.scratch);
  for (std::size_t i = 0; i < step.states.size(); ++i) {
    const float* const from = step.numbers + i * width_;
    float* const row = inputs + i * row_width();
    for (std::size_t column = 0; column < width_; ++column) {
      const float x = from[column];
      row[column] = network_.numbers == nullptr ? x : network_.numbers->scaled(static_cast<double>(x), column);
    }
    if (network_.beside > 0) std::copy_n(step.beside[i], network_.beside, row + width_);
  }
  return inputs;
}

const float* NetworkStepper::hidden(const Step& step, const TeamMember& member) const {
  const float* x = nullptr;
  if (!network_.one_hot) {
    // Where there is something to copy, one does it for all.
    if (member.part == 0 || !copies_input()) x = read(step);
    if (copies_input()) {
      member.wait();
      x = reinterpret_cast<const float*>(step.scratch);
    }
  }
  return stack_.step({step.states, x, step.tokens, step.scratch + step.states.size() * input_bytes()}, member);
}

std::size_t NetworkStepper::output_parts() const {
  constexpr std::size_t kLeastWeights = std::size_t{1} << 17;
  return std::clamp<std::size_t>(output_.depth * output_.columns / kLeastWeights, 1, output_.panels());
}

void NetworkStepper::write_outputs(const Step& step, const float* hidden, float* outputs,
                                   const TeamMember& member) const {
  const std::size_t sequences = step.states.size(), count = this->outputs();
  const std::size_t first = output_.panels() * member.part / member.parts;
  const std::size_t last = output_.panels() * (member.part + 1) / member.parts;
  multiply_block({hidden, sequences, output_.depth, output_.depth}, output_, first, last - first,
                 {ProductStart::From::bias, network_.parameters.value(network_.output.bias)},
                 outputs + first * PackedMatrix::kPanel, count);
  const NumbersField* numbers = network_.output.numbers;
  if (numbers == nullptr && network_.output.factor == 1) return;
  const auto* const inputs = reinterpret_cast<const float*>(step.scratch);  // as read() left them
  const std::size_t end = std::min(last * PackedMatrix::kPanel, count);
  for (std::size_t i = 0; i < sequences; ++i) {
    float* const row = outputs + i * count;
    for (std::size_t column = first * PackedMatrix::kPanel; column < end; ++column) {
      row[column] *= network_.output.factor;
      if (network_.output.adds_input) row[column] += inputs[i * row_width() + column];
      if (numbers != nullptr) row[column] = static_cast<float>(numbers->unscaled(row[column], column));
    }
  }
}

}  // namespace recur
