// How much of what a text should say it says, and how much else (Lin 2004), as the package rouge-score measures it
// without stemming.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// A text's words in lower case: runs of letters, marks and digits of any script (Unicode's categories L, M and N). Of
// ASCII these are rouge-score's; of other letters that package sees none, and its figures are other ones.
std::vector<std::string> rouge_words(std::string_view text);

struct RougeScore {
  double precision = 0, recall = 0, f1 = 0;
};

// rouge_1, rouge_2: words and pairs of words that are in both texts, no more often than in the other.
// rouge_l: their longest common subsequence.
// rouge_lsum: the same of summaries whose lines are sentences: of each sentence that was wanted the words that are in
// its longest common subsequence with any of the other text, no more often than there.
struct RougeScores {
  RougeScore rouge_1, rouge_2, rouge_l, rouge_lsum;
};
RougeScores rouge(std::string_view wanted, std::string_view got);

// Means over texts.
class Rouge {
 public:
  void add(std::string_view wanted, std::string_view got);
  // Of several texts that would do, at least one, for each kind the one counts that gives the highest F1.
  void add(std::span<const std::string> wanted, std::string_view got);

  std::size_t texts() const { return texts_; }
  RougeScores result() const;

 private:
  void add(const RougeScores& scores);

  RougeScores sums_;
  std::size_t texts_ = 0;
};

// The length of the longest common subsequence.
std::size_t common_length(std::span<const std::string> a, std::span<const std::string> b);

}  // namespace recur
