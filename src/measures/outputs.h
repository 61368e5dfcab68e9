// How good texts are that were written for sources: BLEU (0 to 100) on what blanks separate; the share of sources whose
// output is exactly one of the targets that the data lists for it; and the edit distance to the nearest of these, in
// pieces of a codec, as a share of its length.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/text_codec.h"

namespace recur {

class OutputScores {
 public:
  // The codec must outlive it.
  explicit OutputScores(const TextCodec& codec) : codec_(codec) {}

  void add(const std::string& source, const std::string& target, const std::string& output);

  struct Result {
    std::size_t sources = 0;
    double bleu = 0, exact = 0, error_rate = 0;
  };
  Result result() const;

 private:
  const TextCodec& codec_;
  std::vector<std::string> targets_, outputs_;
  std::unordered_map<std::string, std::vector<std::size_t>> records_of_;  // by source
};

}  // namespace recur
