// Outputs of a decoder as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/text_codec.h"
#include "nn/beam_search.h"
#include "recur/types/prediction.h"

namespace recur {

// The pieces that outputs are written with: those of a codec and, with ids behind these, pieces that a source has,
// spelled as inside a text.
struct OutputPieces {
  const TextCodec& codec;
  std::span<const std::string> others = {};

  bool is_other(int id) const { return id >= codec.size(); }
  // As it is shown alone.
  std::string piece(int id) const;
  std::string decode(std::span<const int> ids) const;
};

// An output's text; an unknown piece becomes the piece of the source that was looked at most, where pieces are given
// and the decoder looks at any.
std::string output_text(const Hypothesis& hypothesis, const OutputPieces& pieces, std::span<const std::string> source);

// How an output looked at the pieces of its source, which the encoder read in this order, or in reverse.
Alignment alignment_of(const Hypothesis& hypothesis, const OutputPieces& pieces, std::vector<std::string> source,
                       bool reversed);

}  // namespace recur
