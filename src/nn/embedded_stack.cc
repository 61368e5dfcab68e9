#include "nn/embedded_stack.h"

#include "base/error.h"
#include "recur/types/options.h"

namespace recur {

void check_embedding(const EmbeddingOptions& options) {
  EmbeddingOptions checked = options;
  OptionList list;
  list_embedding(list, checked.width, checked.dropout, "");
  list.check();
  if (options.dropout > 0 && options.width == 0) fail("--embedding-dropout needs an embedding: give --embedding N");
}

Var embed(const Run& run, Parameters::Id table, std::span<const int> tokens, const Steps& steps,
          float embedding_dropout, const RecurrentOptions& options) {
  const Var rows = embedding(run.tape, run[table], tokens, embedding_dropout, run.noise.child("embedding"));
  return drop(run.child("input"), rows, steps, options);
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

StackResult EmbeddedStack::run(const Run& run, std::span<const int> tokens, const Steps& steps, StackState& state,
                               const RunOptions& how) const {
  const Run layers = run.child("rnn");
  if (!embedding_) return layers_->forward(layers, tokens, steps, state, how);
  const Var x = embed(run, *embedding_, tokens, steps, options_.dropout, layers_->options());
  return layers_->forward(layers, x, steps, state, how);
}

}  // namespace recur
