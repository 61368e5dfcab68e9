// Draws words for negative sampling (Mikolov et al. 2013), exactly and in constant time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace recur {

class WordSampler {
 public:
  // Word w is drawn with a probability that goes with counts[w]^power.
  WordSampler(std::span<const std::uint64_t> counts, double power);

  // The word that two random numbers, of 32 bits each, say.
  int draw(std::uint32_t first, std::uint32_t second) const {
    const Box& box = boxes_[static_cast<std::size_t>((std::uint64_t{first} * boxes_.size()) >> 32)];
    return second < box.threshold ? box.word : box.other;
  }
  // Draws until it is another word than `word`; next() is a random number. Of two words or more.
  template <class Next>
  int draw_other(int word, Next&& next) const {
    for (;;) {
      const std::uint32_t first = next();
      const int other = draw(first, next());
      if (other != word) return other;
    }
  }

 private:
  // Walker's boxes (1977): all are equally likely, and in each there are two words at most.
  struct Box {
    std::uint64_t threshold = 0;  // of 2^32
    int word = 0, other = 0;
  };
  std::vector<Box> boxes_;
};

}  // namespace recur
