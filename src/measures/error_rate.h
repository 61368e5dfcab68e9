// How far what was written is from what was wanted: words, characters and whole texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// What it takes to make `got` of `wanted`, in order: of a hit or a substitution both places, of a deletion that in
// `wanted`, of an insertion that in `got`; the other place is where it would stand.
struct Edit {
  enum class Kind { hit, substitution, deletion, insertion } kind;
  std::size_t wanted, got;
};
// The fewest edits (Levenshtein 1966). Of several ways the one that jiwer finds: what both begin and then what both end
// with stays; from the end on a deletion goes before an insertion, and that before a substitution.
std::vector<Edit> align(std::span<const std::string> wanted, std::span<const std::string> got);

struct EditCounts {
  std::uint64_t hits = 0, substitutions = 0, deletions = 0, insertions = 0;

  void add(std::span<const Edit> edits);
  std::uint64_t errors() const { return substitutions + deletions + insertions; }
  // Errors for each piece that was wanted; it may be above 1. Where nothing was wanted, how many.
  double rate() const;
};

// Error rates of a set of texts. Words are what white space separates, characters the code points of the words with a
// blank between them.
class ErrorRates {
 public:
  void add(std::string_view wanted, std::string_view got);

  const EditCounts& words() const { return words_; }
  // As EditCounts::rate().
  double character_rate() const;
  // The share of texts that are not word for word what was wanted.
  double sentence_rate() const;

  // Texts with the most wrong words, the worst first; of equals those that came first.
  struct Text {
    std::string wanted, got, edits;  // words below each other, "***" where one is missing, and S, D or I under errors
    std::uint64_t errors = 0;
  };
  const std::vector<Text>& worst() const { return worst_; }

 private:
  static constexpr std::size_t kWorst = 5;

  EditCounts words_;
  std::uint64_t characters_ = 0, wrong_characters_ = 0;  // wanted; and edits, which may be more
  std::uint64_t texts_ = 0, wrong_ = 0;
  std::vector<Text> worst_;
};

}  // namespace recur
