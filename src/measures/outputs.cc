#include "measures/outputs.h"

#include <algorithm>

#include "data/white_space.h"
#include "measures/bleu.h"
#include "measures/chrf.h"
#include "measures/edit_distance.h"
#include "measures/right_counts.h"

namespace recur {

OutputScores output_scores(std::span<const OutputGroup> groups, const TextCodec& codec) {
  Bleu bleu;
  ChrF chrf;
  std::uint64_t right = 0, wrong_pieces = 0, pieces = 0;
  for (const OutputGroup& group : groups) {
    const std::vector<std::string> words = cut_at_blanks(group.output), found = codec.pieces(group.output);
    bool exact = false;
    std::size_t fewest = 0, length = 0;
    for (const std::string& target : group.wanted) {
      const std::vector<std::string> wanted_words = cut_at_blanks(target), wanted = codec.pieces(target);
      bleu.add(wanted_words, words);
      chrf.add({&target, 1}, group.output);
      exact = exact || wanted_words == words;
      const std::size_t distance = edit_distance(wanted, found);
      if (length == 0 || distance < fewest) {
        fewest = distance;
        length = std::max<std::size_t>(wanted.size(), 1);
      }
    }
    right += exact ? 1 : 0;
    wrong_pieces += fewest;
    pieces += length;
  }
  return {groups.size(), bleu.score(), chrf.score(), share_of(right, groups.size()), share_of(wrong_pieces, pieces)};
}

}  // namespace recur
