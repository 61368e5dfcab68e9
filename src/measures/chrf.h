// How close texts are to what was wanted, letter by letter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// chrF2 of a corpus (Popovic 2015): n-grams of 1 to 6 characters, white space aside. The mean over n of the shares of
// the hypotheses' n-grams that are in their references, P, and of the references' that are in the hypotheses, R, make
// 5 P R / (4 P + R). An n that no hypothesis or no reference is long enough for does not count. Of several references
// of a text the one counts by which it alone scores highest. As sacrebleu computes it if not told otherwise.
class ChrF {
 public:
  static constexpr std::size_t kLongest = 6;  // n-gram

  // Of at least one reference, all in UTF-8.
  void add(std::span<const std::string> references, std::string_view hypothesis);

  // From 0 to 100.
  double score() const { return score_of(sum_); }

 private:
  // Of each n: how many n-grams there are, and how many are in both.
  struct Counts {
    std::uint64_t hypothesis = 0, reference = 0, both = 0;
  };
  using Statistics = std::array<Counts, kLongest>;

  static Statistics compare(std::string_view reference, std::string_view hypothesis);
  static double score_of(const Statistics& statistics);

  Statistics sum_{};
};

}  // namespace recur
