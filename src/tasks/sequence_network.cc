#include "tasks/sequence_network.h"

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

// Predicting, sequences run side by side until they have so many steps; only memory depends on it.
constexpr std::size_t kPredictionRows = 32768;

constexpr std::size_t kMostWidth = 1'000'000;

void check_range(const char* option, std::size_t value, std::size_t least, std::size_t most) {
  if (value < least || value > most) fail("{}: expected a number from {} to {}, got {}", option, least, most, value);
}

}  // namespace

SequenceNetwork::SequenceNetwork(const SequenceModelOptions& options) : options_(options) {
  check_range("input", options.input, 1, kMostWidth);
  check_range("outputs", options.outputs, 1, kMostWidth);
  if (options.network.every > 1) fail("every: a target is for each step; expected 1, got {}", options.network.every);
  stack_ = std::make_unique<RecurrentStack>(options.network, options.input, options.tokens, parameters_, "rnn.");
  const std::size_t width = stack_->output_width();
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(width)));
  output_weight_ = parameters_.declare("output.weight", options.outputs, width, start);
  output_bias_ = parameters_.declare("output.bias", 0, options.outputs, start);
  parameters_.allocate();
  parameters_.initialise(options.seed, std::nullopt);
}

StackState& SequenceNetwork::zero_state(std::size_t batch) {
  if (!state_ || state_->batch() != batch) {
    state_.emplace(stack_->state_layout(), batch);
  } else {
    state_->clear();
  }
  return *state_;
}

Var SequenceNetwork::read_out(Tape& tape, SequenceRows& rows, StackState& state, std::uint64_t step) const {
  const Steps& steps = rows.steps();
  const Run run{tape, parameters_, {options_.seed, step}};
  const Run layers = run.child("rnn");
  const StackResult result =
      options_.tokens
          ? stack_->forward(layers, rows.tokens(), steps, state)
          : stack_->forward(layers, tape.add(rows.numbers().data(), steps.total(), options_.input), steps, state);
  stack_->penalise(run, result, steps, 1);
  if (options_.readout == Readout::every_step) return result.output;
  return last_output(tape, result.output, steps, stack_->output_width() / stack_->directions());
}

double SequenceNetwork::loss(Tape& tape, Var x, const SequenceBatch& batch, std::span<const std::size_t> predictions) {
  const Parameter weight = parameters_[output_weight_], bias = parameters_[output_bias_];
  if (options_.target == Target::classes) {
    known_.clear();
    classes_.clear();
    for (std::size_t row = 0; row < predictions.size(); ++row) {
      const int target = batch.classes[predictions[row]];
      if (target == SequenceBatch::kNoClass) continue;
      known_.push_back(row);
      classes_.push_back(target);
    }
    if (known_.size() < predictions.size()) x = select_rows(tape, x, known_);
    const auto count = static_cast<double>(known_.size());
    return linear_cross_entropy(tape, x, weight, bias, classes_, {static_cast<float>(1 / count)}) / count;
  }
  values_.clear();
  for (const std::size_t prediction : predictions) {
    const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(prediction * options_.outputs);
    values_.insert(values_.end(), first, first + static_cast<std::ptrdiff_t>(options_.outputs));
  }
  const auto count = static_cast<double>(values_.size());
  return squared_error(tape, linear(tape, x, weight, bias), values_, static_cast<float>(1 / count)) / count;
}

double SequenceNetwork::train(const SequenceBatch& batch, std::uint64_t step) {
  rows_.fill(batch, options_, longest_first(batch), first_steps(batch));
  tape_.rewind();
  const Var x = read_out(tape_, rows_, zero_state(batch.lengths.size()), step);
  const double mean = loss(tape_, x, batch, rows_.predictions());
  tape_.backward();
  return mean;
}

template <class Visit>
void SequenceNetwork::for_outputs(const SequenceBatch& batch, const Visit& visit) const {
  const std::vector<std::size_t> order = longest_first(batch);
  const std::vector<std::size_t> begins = first_steps(batch);
  SequenceRows rows;
  Tape tape(false);
  for (std::size_t first = 0; first < order.size();) {
    // As many sequences as fit, were they all as long as the first, the longest of them.
    const std::size_t count = std::max<std::size_t>(kPredictionRows / batch.lengths[order[first]], 1);
    const auto part = std::span(order).subspan(first, std::min(count, order.size() - first));
    first += part.size();
    rows.fill(batch, options_, part, begins);
    tape.rewind();
    StackState state(stack_->state_layout(), part.size());
    const Var y = linear(tape, read_out(tape, rows, state, 0), parameters_[output_weight_], parameters_[output_bias_]);
    float* outputs = tape.value(y).data;
    check_results({outputs, rows.predictions().size() * options_.outputs}, "an output");
    for (const std::size_t prediction : rows.predictions()) {
      visit(prediction, std::span(outputs, options_.outputs));
      outputs += options_.outputs;
    }
  }
}

std::vector<float> SequenceNetwork::predict(const SequenceBatch& batch) const {
  std::vector<float> result(count_predictions(batch, options_) * options_.outputs);
  for_outputs(batch, [&](std::size_t prediction, std::span<const float> outputs) {
    std::ranges::copy(outputs, result.begin() + static_cast<std::ptrdiff_t>(prediction * options_.outputs));
  });
  return result;
}

SequenceResult SequenceNetwork::evaluate(const SequenceBatch& batch) const {
  SequenceResult result;
  std::size_t right = 0;
  for_outputs(batch, [&](std::size_t prediction, std::span<float> outputs) {
    if (options_.target == Target::values) {
      ++result.predictions;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double error =
            static_cast<double>(outputs[i]) - static_cast<double>(batch.values[prediction * outputs.size() + i]);
        result.loss += error * error / static_cast<double>(outputs.size());
      }
    } else if (const int target = batch.classes[prediction]; target != SequenceBatch::kNoClass) {
      ++result.predictions;
      right += std::ranges::max_element(outputs) - outputs.begin() == target ? 1 : 0;
      result.loss += softmax_cross_entropy(outputs, target, 1.0F);
    }
  });
  result.loss /= static_cast<double>(result.predictions);
  check_result(result.loss, "the loss");
  result.correct = static_cast<double>(right) / static_cast<double>(result.predictions);
  return result;
}

}  // namespace recur
