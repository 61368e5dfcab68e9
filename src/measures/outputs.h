// How good texts are that were written for sources: BLEU (0 to 100) on what blanks separate and chrF2 (0 to 100); the
// share of sources whose output is exactly one of the targets that the data lists for it; and the edit distance to the
// nearest of these, in pieces of a codec, as a share of its length.
#pragma once

#include <cstddef>
#include <span>

#include "data/text_codec.h"
#include "measures/output_groups.h"

namespace recur {

struct OutputScores {
  std::size_t sources = 0;
  double bleu = 0, chrf = 0, exact = 0, error_rate = 0;
};
// BLEU and chrF are over all records, each with a target of its own; of the others a source counts once.
OutputScores output_scores(std::span<const OutputGroup> groups, const TextCodec& codec);

}  // namespace recur
