#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "autograd/arrange.h"
#include "autograd/signal_loss.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/json_fields.h"
#include "nn/heads/heads.h"

namespace recur {

SignalHead::SignalHead(const SignalSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "signal")),
      input_(field_named(place.fields, spec.input, "signal")),
      numbers_(field_as<NumbersField>(place.fields, spec.field, "signal")),
      output_(numbers_.width(), place.layers.output_width(), place.parameters) {
  const NumbersField& input = field_as<NumbersField>(place.fields, spec.input, "signal");
  if (place.layers.directions() == 2) fail("--bidirectional: an effect cannot hear what is still to come");
  if (input.width() != numbers_.width()) {
    fail("{}: expected as many channels as the {} has, {}, got {}", numbers_.name(), input.name(), input.width(),
         numbers_.width());
  }
}

// What an error is compared with: the energy of the signal itself, after the same filter.
void SignalHead::learn(const Records& training) {
  const std::size_t width = numbers_.width();
  double sum = 0, count = 0;
  for (std::size_t record = 0; record < training.size(); ++record) {
    const std::span<const float> signal = training.columns[field_].numbers[record];
    for (std::size_t i = (spec_.warm_up + 1) * width; i < signal.size(); ++i) {
      const double x = static_cast<double>(signal[i]) - static_cast<double>(spec_.emphasis * signal[i - width]);
      sum += x * x;
      ++count;
    }
  }
  if (!(sum > 0))
    fail(
        "--warm-up: no {} of the training data has a signal after its first {} samples; give fewer, or longer "
        "recordings",
        numbers_.name(), spec_.warm_up);
  energy_ = sum / count;
}

void SignalHead::write(nlohmann::json& configuration) const { configuration["energy"] = energy_; }

void SignalHead::read(const nlohmann::json& configuration) {
  ReadFields{configuration}("energy", energy_);
  if (!(energy_ > 0) || !std::isfinite(energy_)) fail("its configuration's 'energy' is {}, expected above 0", energy_);
}

Var SignalHead::outputs(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Var y = output_(run, encoded.stack.output);
  if (!spec_.residual) return y;
  const Var x = run.tape.add(run.tape.value(y).rows, numbers_.width());
  std::ranges::copy(batch.fields[input_].numbers, run.tape.value(x).data);
  return add(run.tape, y, x);
}

LossSum SignalHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Steps& steps = *encoded.steps;
  SignalJudgement how;
  how.emphasis = spec_.emphasis;
  how.first = spec_.warm_up - std::min(spec_.warm_up, batch.first_step);
  const std::size_t judged = std::max<std::size_t>(judged_numbers(steps, numbers_.width(), how), 1);
  how.gradient_scale = gradient_scale(batch, judged) / static_cast<float>(energy_);
  const Var y = outputs(run, encoded, batch);
  const SignalError error = signal_error(run.tape, y, batch.fields[field_].numbers, steps, how);
  return {error.sum / energy_, error.numbers};
}

void SignalHead::predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& /*options*/,
                         std::span<Prediction> predictions) const {
  const Matrix y = run.tape.value(outputs(run, encoded, batch));
  check_results({y.data, y.rows * y.stride}, "an output");
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i] = NumbersPrediction{unscaled_rows(y, *encoded.steps, i, numbers_)};
  }
}

std::optional<StepOutput> SignalHead::step_output() const {
  StepOutput output = output_.of_step(&numbers_);
  output.adds_input = spec_.residual;
  return output;
}

std::vector<std::pair<std::string, std::string>> SignalHead::describe() const {
  return {{numbers_.name(), spec_.residual ? "added to the input" : "a linear layer's"}};
}

}  // namespace recur
