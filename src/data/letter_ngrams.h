// The n-grams of a word's letters (Bojanowski, Grave, Joulin & Mikolov 2017, "Enriching word vectors with subword
// information").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace recur {

// Letters of an n-gram, at least and at most; `least` 0: there are none.
struct LetterRange {
  std::size_t least = 0, most = 0;
};

// Hashes (FNV-1a, 64 bits) of all n-grams of <word>, where < and > mark its ends, in UTF-8; but for < and > alone and
// for <word> as a whole. In the order in which they begin, the shorter first; one that stands there twice is there
// twice.
std::vector<std::uint64_t> letter_ngrams(std::string_view word, const LetterRange& letters);

}  // namespace recur
