#include "nn/heads/spoken_words.h"

#include <optional>

#include "data/white_space.h"

namespace recur {

std::vector<SpokenWord> spoken_words(std::span<const int> tokens, std::span<const TokenPlace> places,
                                     const TextCodec& codec) {
  std::vector<SpokenWord> words;
  bool within = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    for (const char c : codec.added(i == 0 ? std::nullopt : std::optional(tokens[i - 1]), tokens[i])) {
      if (is_blank(static_cast<unsigned char>(c))) {
        within = false;
        continue;
      }
      if (!within) words.push_back({"", places[i].first, places[i].last});
      within = true;
      words.back().word += c;
      words.back().last = places[i].last;
    }
  }
  return words;
}

}  // namespace recur
