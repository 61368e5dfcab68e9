// N-best lists, put into another order by a language model: a candidate's score is what its list says, plus a weight
// times log p, plus a bonus for each token. Weight and bonus can be tuned on lists of which it is known what was
// wanted.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file.h"
#include "recur/types/choices.h"

namespace recur {

struct Candidate {
  double score = 0;  // of its list
  std::string text;
  double nats = 0;  // -log p, as the language model has it, and of how many tokens
  std::size_t tokens = 0;
};
struct CandidateList {
  std::string id;
  std::vector<Candidate> candidates;
};

// Lines of id<TAB>score<TAB>text, those of a list one after the other. Throws Error naming file and line of what is
// wrong.
std::vector<CandidateList> read_candidates(const InputFile& file);

struct Rescoring {
  double weight = 0, bonus = 0;

  double score(const Candidate& candidate) const;
};
// Gives candidates their new scores and puts the best first; of equals the first stays first. A text of no tokens comes
// behind all that have some, and has a score no better than theirs.
void rescore(std::vector<CandidateList>& lists, const Rescoring& how);

// Of the first candidates of all lists: BLEU on what blanks separate; errors for each 100 words that were wanted; the
// share that is exactly right. From 0 to 100.
enum class ListMeasure { bleu, wer, exact };
template <>
inline constexpr auto choices<ListMeasure> =
    std::array{Named{ListMeasure::bleu, "bleu"}, Named{ListMeasure::wer, "wer"}, Named{ListMeasure::exact, "exact"}};

struct Tuned {
  Rescoring best;
  double before = 0, after = 0;  // the measure: of the lists as they came by their scores, and by the best
  std::size_t tried = 0;
};
// Tries a grid of weights and bonuses, none among them, and takes the best; of equals the smallest. wanted[i]: what
// list i should begin with.
Tuned tune(const std::vector<CandidateList>& lists, const std::vector<std::string>& wanted, ListMeasure measure);

// What each list should begin with: line N is that of the list with the id N; where a line has tabs, what stands behind
// the last. Throws Error naming the file, and the id of a list that it has no line for.
std::vector<std::string> read_wanted(const InputFile& file, const std::vector<CandidateList>& lists);

}  // namespace recur
