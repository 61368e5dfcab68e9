// How close sequences of tokens are to what was wanted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace recur {

// BLEU of a corpus with one reference for each hypothesis (Papineni et al. 2002) on tokens as they are: the geometric
// mean of the shares of the hypotheses' n-grams, of 1 to 4 tokens, that are in their references, no more often than
// there, times exp(1 - r / h) when all hypotheses together, of h tokens, are shorter than the references, of r. As
// multi-bleu.perl and sacrebleu without tokenisation and smoothing compute it.
class Bleu {
 public:
  void add(std::span<const std::string> reference, std::span<const std::string> hypothesis);

  // From 0 to 100; 0 when the n-grams of some length have no match.
  double score() const;

 private:
  static constexpr std::size_t kLongest = 4;  // n-gram
  std::array<std::uint64_t, kLongest> matches_{}, ngrams_{};
  std::uint64_t reference_tokens_ = 0, hypothesis_tokens_ = 0;
};

}  // namespace recur
