#include "data/letter_ngrams.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace recur {
namespace {

std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return hash;
}

}  // namespace

std::vector<std::uint64_t> letter_ngrams(std::string_view word, const LetterRange& letters) {
  std::vector<std::uint64_t> hashes;
  if (letters.least == 0) return hashes;
  const std::string marked = "<" + std::string(word) + ">";
  std::vector<std::size_t> begins;  // of letters, and the end of the last
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (begins_character(marked[i])) begins.push_back(i);
  }
  const std::size_t count = begins.size();
  begins.push_back(marked.size());
  for (std::size_t first = 0; first < count; ++first) {
    for (std::size_t n = letters.least; n <= std::min(letters.most, count - first); ++n) {
      const bool is_mark = n == 1 && (first == 0 || first + 1 == count);
      if (is_mark || n == count) continue;
      hashes.push_back(hash_of(std::string_view(marked).substr(begins[first], begins[first + n] - begins[first])));
    }
  }
  return hashes;
}

}  // namespace recur
