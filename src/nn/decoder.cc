#include "nn/decoder.h"

#include <algorithm>
#include <cmath>

#include "autograd/arrange.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"

namespace recur {
namespace {

// The layers on top of the one that looks.
RecurrentOptions without_first(RecurrentOptions network) {
  --network.layers;
  if (network.layers == 1) network.connection = Connection::none;  // there is nothing to join
  return network;
}

void check_looking(const DecoderOptions& options) {
  const Attention attention = options.attention.kind;
  if (options.pointer && attention == Attention::none) {
    fail("--pointer: what is copied is what the decoder looks at; give --attention additive, dot or general");
  }
  if (options.pointer && options.output.kind != Softmax::full) {
    fail("--pointer needs --softmax full, it is {}", to_string(options.output.kind));
  }
  if (options.attention.coverage && attention != Attention::additive) {
    fail("--coverage needs --attention additive, it is {}", to_string(attention));
  }
}

}  // namespace

Decoder::Decoder(const DecoderOptions& options, const RecurrentStack& encoder, std::size_t vocabulary,
                 Parameters& parameters, const std::string& prefix)
    : options_(options),
      encodes_(encoder.layers() > 0),
      encoder_forward_columns_(encoder.output_width() / encoder.directions()) {
  const std::size_t memory = encoder.output_width();
  std::size_t width = 0;
  check_looking(options);
  if (options.network.every > 1) fail("--every: a decoder writes at each step; leave it out of its layers");
  if (options.attention.kind == Attention::none) {
    stack_.emplace(options.network, options.embedding, vocabulary, parameters, prefix);
    embedding_ = stack_->embedding();
    width = stack_->layers().output_width();
  } else {
    if (options.embedding.width == 0) fail("--embedding: a decoder that looks needs an embedding; give at least 1");
    embedding_ = parameters.declare(prefix + "embedding.weight", vocabulary, options.embedding.width,
                                    InitialValues::within(0.1F));
    attentive_.emplace(options.attention, options.network, options.embedding.width, memory, parameters, prefix);
    width = attentive_->output_width();
    if (options.network.layers > 1) {
      upper_.emplace(without_first(options.network), width, false, parameters, prefix + "upper.");
      width = upper_->output_width();
    }
  }
  if (options.attention.kind != Attention::none || encoder.directions() == 2 || !encodes_) {
    starts_.emplace(first_layers(), memory, parameters, prefix);
  }
  if (options.attention.kind == Attention::additive) {
    const std::size_t from = width + options.embedding.width;
    width = options.network.hidden;
    const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(from)));
    readout_weight_ = parameters.declare(prefix + "readout.weight", width, from, start);
    readout_bias_ = parameters.declare(prefix + "readout.bias", 0, width, start);
  }
  if (options.tied && options.embedding.width != width) {
    fail("--tied needs an embedding as wide as what the output layer reads: --embedding {} (it is {})", width,
         options.embedding.width);
  }
  output_.emplace(options.output, width, vocabulary, parameters, prefix + "output.",
                  options.tied ? embedding_ : std::nullopt);
  if (options.pointer) {
    const std::size_t from = attentive_->output_width() + options.embedding.width;
    const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(from)));
    pointer_weight_ = parameters.declare(prefix + "pointer.weight", 1, from, start);
    pointer_bias_ = parameters.declare(prefix + "pointer.bias", 0, 1, start);
  }
}

void Decoder::name_rows(Parameters& parameters, const std::string& vocabulary) const {
  if (embedding_) parameters.name_rows(*embedding_, vocabulary);
  output_->name_rows(parameters, vocabulary);
}

std::vector<Var> Decoder::first_states(const Run& run, const Encoding& encoding,
                                       std::span<const std::size_t> source_of) const {
  Tape& tape = run.tape;
  if (!starts_) {
    std::vector<Var> states;
    for (const LayerResult& layer : encoding.stack.layers) {
      for (std::size_t state = 0; state < layer.shape.cell->states; ++state) {
        states.push_back(select_rows(tape, layer.run.last[state], source_of));
      }
    }
    return states;
  }
  const Var known = encodes_ ? last_output(tape, encoding.stack.output, *encoding.steps, encoder_forward_columns_)
                             : mean_over_steps(tape, encoding.stack.output, *encoding.steps);
  return starts_->of(run, select_rows(tape, known, source_of));
}

Var Decoder::read_out(const Run& run, Var y, Var x) const {
  if (!readout_weight_) return y;
  const Var both = side_by_side(run.tape, y, x);
  const Var read = tanh_of(run.tape, linear(run.tape, both, run[*readout_weight_], run[readout_bias_]));
  return dropout(run.tape, read, options_.network.dropout, run.noise.child("readout"));
}

Var Decoder::pointer_gate(const Run& run, Var y, Var x) const {
  return linear(run.tape, side_by_side(run.tape, y, x), run[pointer_weight_], run[pointer_bias_]);
}

Decoder::Result Decoder::forward(const Run& run, std::span<const int> tokens, const Steps& steps,
                                 const Encoding& encoding, std::span<const std::size_t> source_of,
                                 const CoverageUse& coverage) const {
  const std::vector<Var> first = first_states(run, encoding, source_of);
  if (stack_) {
    StackState state(stack_->layers().state_layout(), steps.batch());
    const StackResult result = stack_->run(run, tokens, steps, state, {.initial = &first});
    stack_->layers().penalise(run, result, steps, 1);
    return {result.output};
  }
  const RecurrentOptions& o = options_.network;
  const Var x = embed(run, *embedding_, tokens, steps, options_.embedding.dropout, o);
  const AttentiveLayer::Result looked = attentive_->forward(run.child("rnn"), x, steps, encoding.stack.output,
                                                            *encoding.steps, source_of, first, coverage);
  const Var dropped = drop(run.child("looked"), looked.output, steps, o);
  Result all{{}, looked.alignments, looked.weights};
  if (options_.pointer) all.gate = pointer_gate(run, dropped, x);
  if (!upper_) {
    penalise_looking(run, looked.output, dropped, steps);
    all.output = read_out(run, dropped, x);
    return all;
  }
  StackState state(upper_->state_layout(), steps.batch());
  const StackResult result = upper_->forward(run.child("upper"), dropped, steps, state);
  upper_->penalise(run, result, steps, 1);
  all.output = read_out(run, result.output, x);
  return all;
}

void Decoder::penalise_looking(const Run& run, Var y, Var dropped, const Steps& steps) const {
  const RecurrentOptions& o = options_.network;
  if (o.activation_penalty == 0 && o.temporal_penalty == 0) return;
  // What was seen, beside the state after additive attention, is the encoder's.
  const std::size_t width = attentive_->shape().state;
  const StackResult states{first_columns(run.tape, dropped, width), first_columns(run.tape, y, width), {}};
  attentive_->layer().penalise(run, states, steps, 1);
}

}  // namespace recur
