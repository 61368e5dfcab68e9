// Which token of a text comes next: what may be written at all, what was written so often lately that it becomes less
// likely, and what is drawn of the rest.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/philox.h"
#include "nn/sampler.h"
#include "recur/types/generation.h"

namespace recur {

// The tokens of a vocabulary that may be written. The end of a text may, unless it is banned.
struct WritableTokens {
  // What Generation says of them, and `never` besides; `id` finds a token by how it is spelled. Throws Error naming
  // --ban or --only for a token that there is not, and where nothing is left.
  static WritableTokens of(const Generation& options, std::size_t vocabulary, std::vector<int> never,
                           std::optional<int> end,
                           const std::function<std::optional<int>(const std::string& token)>& id);

  std::vector<int> never;  // ascending
};

class TokenChoice {
 public:
  // `tokens` and `sampler`, which any number of choices may share, must outlive it.
  TokenChoice(const Generation& options, std::uint64_t seed, const WritableTokens& tokens, Sampler& sampler);

  // A token that the text has already.
  void note(int token);
  // The next one, of its logits [vocabulary], which are changed; it is noted.
  int choose(std::span<float> logits);

 private:
  void make_repetition_unlikely(std::span<float> logits);

  float penalty_;
  std::size_t window_;
  const WritableTokens* tokens_;
  Sampler* sampler_;
  Random random_;
  std::uint64_t chosen_ = 0;    // so many tokens
  std::deque<int> recent_;      // at most window_; none where nothing is penalised
  std::vector<int> penalised_;  // scratch
};

}  // namespace recur
