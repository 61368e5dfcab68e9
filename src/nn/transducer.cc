#include "nn/transducer.h"

#include <algorithm>
#include <cmath>

#include "autograd/transducer.h"
#include "base/threads.h"
#include "data/batch.h"
#include "kernels/elementwise.h"
#include "kernels/softmax.h"

namespace recur {
namespace {

InitialValues within_width(std::size_t width) {
  return InitialValues::within(1 / std::sqrt(static_cast<float>(width)));
}

// What the prediction network reads of a batch's targets: of each a blank and then its tokens, the longest first.
struct Reading {
  Steps steps;
  std::vector<int> tokens;
  std::vector<std::size_t> row_of;  // of each target
};

Reading reading_of(std::span<const std::span<const int>> targets, int blank) {
  std::vector<std::size_t> lengths, sorted;
  for (const std::span<const int> target : targets) lengths.push_back(target.size() + 1);
  const std::vector<std::size_t> order = longest_first(lengths);
  for (const std::size_t i : order) sorted.push_back(lengths[i]);
  Reading reading{Steps::from_lengths(sorted), {}, std::vector<std::size_t>(targets.size())};
  reading.tokens.assign(reading.steps.total(), blank);
  for (std::size_t row = 0; row < order.size(); ++row) {
    reading.row_of[order[row]] = row;
    const std::span<const int> target = targets[order[row]];
    for (std::size_t u = 0; u < target.size(); ++u) reading.tokens[reading.steps.offset(u + 1) + row] = target[u];
  }
  return reading;
}

}  // namespace

Transducer::Transducer(const TransducerSpec& spec, std::size_t width, std::size_t tokens, Parameters& parameters)
    : first_(parameters.declarations().size()),
      prediction_(spec.network, {spec.embedding, 0}, tokens + 1, parameters, "prediction."),
      outputs_(tokens + 1),
      joint_(spec.joint),
      encoder_weight_(parameters.declare("joint.encoder.weight", joint_, width, within_width(width))),
      prediction_weight_(parameters.declare("joint.prediction.weight", joint_, layers().output_width(),
                                            within_width(layers().output_width()))),
      joint_bias_(parameters.declare("joint.bias", 0, joint_, within_width(width))),
      output_weight_(parameters.declare("joint.output.weight", outputs_, joint_, within_width(joint_))),
      output_bias_(parameters.declare("joint.output.bias", 0, outputs_, within_width(joint_))) {
  parameters.name_one_hot_rows(first_, spec.field);
  if (prediction_.embedding()) parameters.name_rows(*prediction_.embedding(), spec.field);
  for (const Parameters::Id id : {output_weight_, output_bias_}) parameters.name_rows(id, spec.field);
}

Var Transducer::encode(const Run& run, Var x) const {
  return linear(run.tape, x, run[encoder_weight_], run[joint_bias_]);
}

double Transducer::loss(const Run& run, Var x, const Steps& steps, std::span<const std::span<const int>> targets,
                        float gradient_scale) const {
  const Reading& reading = run.tape.keep(reading_of(targets, blank()));
  const Run own = run.child("prediction");
  StackState state(layers().state_layout(), targets.size());
  const StackResult read = prediction_.run(own, reading.tokens, reading.steps, state);
  layers().penalise(own, read, reading.steps, 1);
  const Var said = linear(run.tape, read.output, run[prediction_weight_], Parameter{});
  return transducer_loss(run.tape, {encode(run, x), steps, said, reading.steps, reading.row_of, targets},
                         run[output_weight_], run[output_bias_], blank(), gradient_scale);
}

TransducerStepper::TransducerStepper(const Transducer& transducer, const Parameters& parameters)
    : transducer_(transducer),
      parameters_(parameters),
      stepper_(transducer.layers(), parameters),
      prediction_(pack_transposed({parameters.value(transducer.prediction_weight_), transducer.joint_,
                                   transducer.layers().output_width(), transducer.layers().output_width()},
                                  packed_)),
      output_(pack_transposed(
          {parameters.value(transducer.output_weight_), transducer.outputs_, transducer.joint_, transducer.joint_},
          packed_)) {}

TransducerStepper::Text TransducerStepper::empty() const {
  Text text{StackState(transducer_.layers().state_layout(), 1), std::vector<float>(transducer_.joint_)};
  stepper_.start(text.state);
  read(text, transducer_.blank());
  return text;
}

TransducerStepper::Text TransducerStepper::append(const Text& text, int token) const {
  Text longer = text;
  read(longer, token);
  return longer;
}

void TransducerStepper::read(Text& text, int token) const {
  const FlushDenormals flush;
  const ScratchBlock scratch(stepper_.scratch_bytes(1));
  StackState* state = &text.state;
  StackStepper::Step step{{&state, 1}, nullptr, &token, scratch.data()};
  if (const auto table = transducer_.prediction_.embedding()) {
    const auto width = static_cast<std::size_t>(parameters_.declarations()[*table].shape[1]);
    step.x = parameters_.value(*table) + static_cast<std::size_t>(token) * width;
  }
  const float* output = stepper_.step(step);
  multiply_block({output, 1, prediction_.depth, prediction_.depth}, prediction_, 0, prediction_.panels(),
                 {ProductStart::From::zero}, text.said.data(), transducer_.joint_);
}

void TransducerStepper::log_probabilities(const float* encoded, const Text& text, std::span<float> to) const {
  std::vector<float> hidden(transducer_.joint_);
  tanh_of_sum(hidden.size(), encoded, text.said.data(), hidden.data());
  multiply_block({hidden.data(), 1, hidden.size(), hidden.size()}, output_, 0, output_.panels(),
                 {ProductStart::From::bias, parameters_.value(transducer_.output_bias_)}, to.data(), to.size());
  log_softmax(to);
}

}  // namespace recur
