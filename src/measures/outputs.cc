#include "measures/outputs.h"

#include <algorithm>

#include "data/white_space.h"
#include "measures/bleu.h"
#include "measures/edit_distance.h"

namespace recur {

namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void OutputScores::add(const std::string& source, const std::string& target, const std::string& output) {
  records_of_[source].push_back(targets_.size());
  targets_.push_back(target);
  outputs_.push_back(output);
}

OutputScores::Result OutputScores::result() const {
  Bleu bleu;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    bleu.add(cut_at_blanks(targets_[i]), cut_at_blanks(outputs_[i]));
  }
  std::uint64_t right = 0, wrong_pieces = 0, pieces = 0;
  for (const auto& [source, records] : records_of_) {  // a source counts once
    const std::string& output = outputs_[records.front()];
    const std::vector<std::string> words = cut_at_blanks(output), found = codec_.pieces(output);
    bool exact = false;
    std::size_t fewest = 0, length = 0;
    for (const std::size_t record : records) {
      exact = exact || cut_at_blanks(targets_[record]) == words;
      const std::vector<std::string> wanted = codec_.pieces(targets_[record]);
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
  return {records_of_.size(), bleu.score(), share(right, records_of_.size()), share(wrong_pieces, pieces)};
}

}  // namespace recur
