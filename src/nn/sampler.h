// Picks the next token from a model's logits:
//   1. temperature: the probabilities are softmax(logits / temperature); 0 takes the most likely token
//   2. top_k: only the k most likely tokens stay; 0 keeps all
//   3. top_p: of those, scaled to sum to 1, the smallest set of most likely tokens stays whose probabilities sum to at
//      least top_p, but at least one (nucleus sampling: Holtzman, Buys, Du, Forbes & Choi 2020, "The curious case of
//      neural text degeneration"); 1 keeps all
//   4. min_p: of those, only tokens at least min_p times as probable as the most likely one stay (Nguyen, Baker, Neo,
//      Roush, Kirsch & Shwartz-Ziv 2024, "Turning up the heat: min-p sampling"); 0 keeps all
// Of two tokens with the same logit, the one with the lower id counts as the more likely. The uniform number falls into
// one of the intervals that the tokens left occupy, as wide as their probabilities and in the order of their ids.
// The same logits and the same number give the same token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recur/types/generation.h"

namespace recur {

// Throws Error for one that is neither 0 nor a positive number.
void check_temperature(double temperature);

class Sampler {
 public:
  // Throws Error, naming the flag, for a number outside its range.
  Sampler(const SamplingOptions& options, std::size_t vocabulary_size);

  // logits: [vocabulary_size], or less of tokens that may all come; uniform in [0, 1). Throws Error if a logit is not
  // finite. Takes time in proportion to the vocabulary (nothing is sorted) and allocates nothing.
  int pick(std::span<const float> logits, double uniform);

 private:
  using Key = std::uint64_t;  // a token; orders by how likely it is

  std::span<Key> keep_top_k(std::span<const float> logits);
  std::span<Key> keep_nucleus(std::span<const float> logits, std::span<Key> keys);
  std::span<Key> keep_down_to(std::span<const float> logits, Key last);
  std::span<Key> keep_probable(std::span<Key> keys) const;
  void weigh(std::span<const float> logits, std::span<const Key> keys, float largest);
  double weight_of(std::span<const Key> keys) const;

  SamplingOptions options_;
  std::vector<Key> keys_;
  std::vector<double> weights_;  // by id: probabilities, not yet scaled to sum to 1
};

}  // namespace recur
