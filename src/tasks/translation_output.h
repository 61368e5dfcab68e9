// Outputs of a translator as text, and how good they are.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/text_codec.h"
#include "recur/tasks.h"
#include "tasks/beam_search.h"
#include "tasks/translation_metrics.h"

namespace recur {

// The most tokens of an output, its end among them: so many for each token of the source, and some more.
struct OutputBound {
  double per_token = 2, more = 20;  // of models of formats that knew no other

  // From the lengths of training data, pairs of source and target: twice the mean ratio, and as many more as the
  // longest target needs, at least 20.
  static OutputBound of(std::span<const std::pair<std::size_t, std::size_t>> lengths);
  std::size_t most_tokens(std::size_t source_length) const;
};

// An output's text; an unknown piece becomes the piece of the source that was looked at most, where pieces are given
// and the decoder looks at any.
std::string output_text(const Hypothesis& hypothesis, const TextCodec& codec, std::span<const std::string> source);

// How an output looked at the pieces of its source, which the encoder read in this order, or in reverse.
Alignment alignment_of(const Hypothesis& hypothesis, const TextCodec& codec, std::vector<std::string> source,
                       bool reversed);

// Metrics of outputs: BLEU (0 to 100) on what blanks separate; the share of sources whose output is exactly one of the
// targets that the file lists for it; and the edit distance to the nearest of these, in pieces of the codec, as a share
// of its length.
class TranslationScore {
 public:
  // One source and target a record; all must outlive it.
  TranslationScore(const TextCodec& codec, const std::vector<std::string>& sources,
                   const std::vector<std::string>& targets);

  void add(std::size_t record, const std::string& output);
  nlohmann::ordered_json metrics() const;

 private:
  const TextCodec& codec_;
  const std::vector<std::string>&sources_, &targets_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> records_of_;  // by source
  Bleu bleu_;
  std::uint64_t counted_ = 0, exact_ = 0, wrong_pieces_ = 0, pieces_ = 0;
};

}  // namespace recur
