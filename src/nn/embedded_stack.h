// Recurrent layers that read tokens: through an embedding, or one-hot.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "nn/recurrent_stack.h"

namespace recur {

struct EmbeddingOptions {
  std::size_t width = 0;  // 0: one-hot
  float dropout = 0;      // of whole rows of the table (Merity et al. 2018)
};

class EmbeddedStack {
 public:
  // Declares PREFIXembedding.weight, if there is one, and the layers' parameters as PREFIXrnn. Throws Error naming the
  // flag of an option that makes no sense.
  EmbeddedStack(const RecurrentOptions& options, const EmbeddingOptions& embedding, std::size_t vocabulary,
                Parameters& parameters, const std::string& prefix);
  EmbeddedStack(const EmbeddedStack&) = delete;
  EmbeddedStack& operator=(const EmbeddedStack&) = delete;

  const RecurrentStack& layers() const { return *layers_; }
  std::optional<Parameters::Id> embedding() const { return embedding_; }

  // Runs over tokens [total], from `state`, see RecurrentStack::forward.
  StackResult run(const Run& run, std::span<const int> tokens, const Steps& steps, StackState& state,
                  const RunOptions& how = {}) const;

 private:
  EmbeddingOptions options_;
  std::optional<Parameters::Id> embedding_;
  std::optional<RecurrentStack> layers_;
};

// The rows of an embedding's table for tokens [total], with dropout of rows, and what layers' inputs have besides.
Var embed(const Run& run, Parameters::Id table, std::span<const int> tokens, const Steps& steps,
          float embedding_dropout, const RecurrentOptions& options);

// Throws Error naming the flag of a number out of range.
void check_embedding(const EmbeddingOptions& options);

}  // namespace recur
