// How text becomes tokens.
#pragma once

#include <cstddef>
#include <cstdint>

namespace recur {

// The bytes of the text, its Unicode code points, or its words (what white space separates; a line ends with <eos>).
enum class TokenizerKind { byte, character, word };

// For words only.
struct TokenizerOptions {
  std::uint64_t min_count = 0;  // words that occur less often are dropped
  std::size_t max_vocab = 0;    // the largest vocabulary, <eos> and <unk> included: the most frequent stay; 0: no limit
};

}  // namespace recur
