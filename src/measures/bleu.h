// How close sequences of tokens are to what was wanted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace recur {

// BLEU of a corpus (Papineni et al. 2002) on tokens as they are: the geometric mean of the shares of the hypotheses'
// n-grams, of 1 to 4 tokens, that are in their references, no more often than in the reference that has them most
// often, times exp(1 - r / h) when all hypotheses together, of h tokens, are shorter than the references, of r: of
// several the one nearest in length counts, of two as near the shorter. As multi-bleu.perl and sacrebleu without
// tokenisation and smoothing compute it.
class Bleu {
 public:
  static constexpr std::size_t kLongest = 4;  // n-gram

  void add(std::span<const std::string> reference, std::span<const std::string> hypothesis);
  // Of at least one reference.
  void add(std::span<const std::vector<std::string>> references, std::span<const std::string> hypothesis);

  // What was added to another, too.
  Bleu& operator+=(const Bleu& other);

  // Of n-grams up to `longest` tokens, from 0 to 100; 0 when those of some length have no match.
  double score(std::size_t longest = kLongest) const;

 private:
  std::array<std::uint64_t, kLongest> matches_{}, ngrams_{};
  std::uint64_t reference_tokens_ = 0, hypothesis_tokens_ = 0;
};

}  // namespace recur
