#include "nn/decoder.h"

#include <algorithm>
#include <cmath>

#include "autograd/arrange.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"

namespace recur {
namespace {

// Streams of random numbers; the upper layers draw from a range of their own.
constexpr std::uint32_t kReadoutNoise = (1U << 29) + 2, kUpperNoise = 1U << 27;

// The layers on top of the one that looks.
RecurrentOptions without_first(RecurrentOptions network) {
  --network.layers;
  if (network.layers == 1) network.connection = Connection::none;  // there is nothing to join
  return network;
}

}  // namespace

Decoder::Decoder(const DecoderOptions& options, const RecurrentStack& encoder, std::size_t vocabulary,
                 Parameters& parameters, const std::string& prefix)
    : options_(options), encoder_forward_columns_(encoder.output_width() / encoder.directions()) {
  const std::size_t memory = encoder.output_width();
  std::size_t width = 0;
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
  if (options.attention.kind != Attention::none || encoder.directions() == 2) {
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
}

std::vector<Var> Decoder::first_states(Tape& tape, const Parameters& parameters, const Encoding& encoding,
                                       std::span<const std::size_t> source_of) const {
  if (!starts_) {
    std::vector<Var> states;
    for (const LayerResult& layer : encoding.stack.layers) {
      for (std::size_t state = 0; state < layer.shape.cell->states; ++state) {
        states.push_back(select_rows(tape, layer.run.last[state], source_of));
      }
    }
    return states;
  }
  const Var last =
      select_rows(tape, last_output(tape, encoding.stack.output, *encoding.steps, encoder_forward_columns_), source_of);
  return starts_->of(tape, parameters, last);
}

Var Decoder::read_out(Tape& tape, const Parameters& parameters, Var y, Var x, const NoiseSource& noise) const {
  if (!readout_weight_) return y;
  const Var both = side_by_side(tape, y, x);
  const Var read = tanh_of(tape, linear(tape, both, parameters[*readout_weight_], parameters[readout_bias_]));
  return dropout(tape, read, options_.network.dropout, noise, kReadoutNoise);
}

Var Decoder::forward(Tape& tape, const Parameters& parameters, std::span<const int> tokens, const Steps& steps,
                     const Encoding& encoding, std::span<const std::size_t> source_of, const NoiseSource& noise) const {
  const std::vector<Var> first = first_states(tape, parameters, encoding, source_of);
  StackRun run{noise};
  if (stack_) {
    StackState state(stack_->layers().state_layout(), steps.batch());
    run.initial = &first;
    const StackResult result = stack_->run(tape, parameters, tokens, steps, state, run);
    stack_->layers().penalise(tape, result, steps, 1);
    return result.output;
  }
  const RecurrentOptions& o = options_.network;
  const Var x = embed(tape, parameters[*embedding_], tokens, steps, options_.embedding.dropout, o, noise);
  const Var y =
      attentive_->forward(tape, parameters, x, steps, encoding.stack.output, *encoding.steps, source_of, first, noise)
          .output;
  const Var dropped = drop(tape, y, steps, noise);
  if (!upper_) {
    penalise_looking(tape, y, dropped, steps);
    return read_out(tape, parameters, dropped, x, noise);
  }
  run.noise.first_stream += kUpperNoise;
  StackState state(upper_->state_layout(), steps.batch());
  const StackResult result = upper_->forward(tape, parameters, dropped, steps, state, run);
  upper_->penalise(tape, result, steps, 1);
  return read_out(tape, parameters, result.output, x, noise);
}

void Decoder::penalise_looking(Tape& tape, Var y, Var dropped, const Steps& steps) const {
  const RecurrentOptions& o = options_.network;
  if (o.activation_penalty == 0 && o.temporal_penalty == 0) return;
  // What was seen, beside the state after additive attention, is the encoder's.
  const std::size_t width = attentive_->shape().state;
  const StackResult states{first_columns(tape, dropped, width), first_columns(tape, y, width), {}};
  attentive_->layer().penalise(tape, states, steps, 1);
}

Var Decoder::drop(Tape& tape, Var x, const Steps& steps, const NoiseSource& noise) const {
  const RecurrentOptions& o = options_.network;
  return o.variational ? sequence_dropout(tape, x, steps, o.dropout, noise, 1) : dropout(tape, x, o.dropout, noise, 1);
}

}  // namespace recur
