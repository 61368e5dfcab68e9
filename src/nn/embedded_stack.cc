#include "nn/embedded_stack.h"

#include "base/error.h"
#include "nn/network_options.h"

namespace recur {
namespace {

constexpr std::uint32_t kEmbeddingStream = 1U << 30;  // of random numbers for the dropout of the embedding's rows

}  // namespace

void check_embedding(const EmbeddingOptions& options) {
  EmbeddingOptions checked = options;
  OptionList list;
  list_embedding(list, checked.width, checked.dropout, "");
  list.check();
  if (options.dropout > 0 && options.width == 0) fail("--embedding-dropout needs an embedding: give --embedding N");
}

Var embed(Tape& tape, const Parameter& table, std::span<const int> tokens, const Steps& steps, float embedding_dropout,
          const RecurrentOptions& options, const NoiseSource& noise) {
  const Var rows = embedding(tape, table, tokens, embedding_dropout, noise, kEmbeddingStream);
  return options.variational ? sequence_dropout(tape, rows, steps, options.dropout, noise, 0)
                             : dropout(tape, rows, options.dropout, noise, 0);
}

EmbeddedStack::EmbeddedStack(const RecurrentOptions& options, const EmbeddingOptions& embedding, std::size_t vocabulary,
                             Parameters& parameters, const std::string& prefix)
    : options_(embedding) {
  check_embedding(embedding);
  const bool one_hot = embedding.width == 0;
  if (!one_hot) {
    embedding_ =
        parameters.declare(prefix + "embedding.weight", vocabulary, embedding.width, InitialValues::within(0.1F));
  }
  layers_.emplace(options, one_hot ? vocabulary : embedding.width, one_hot, parameters, prefix + "rnn.");
}

StackResult EmbeddedStack::run(Tape& tape, const Parameters& parameters, std::span<const int> tokens,
                               const Steps& steps, StackState& state, const StackRun& run) const {
  if (!embedding_) return layers_->forward(tape, parameters, tokens, steps, state, run);
  const Var x = embed(tape, parameters[*embedding_], tokens, steps, options_.dropout, layers_->options(), run.noise);
  return layers_->forward(tape, parameters, x, steps, state, run);
}

}  // namespace recur
