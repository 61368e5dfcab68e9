// When the words of a text were spoken.
#pragma once

#include <span>
#include <vector>

#include "data/text_codec.h"
#include "nn/text_search.h"
#include "recur/types/prediction.h"

namespace recur {

// The words of an output, what blanks separate, with where each stands.
std::vector<SpokenWord> spoken_words(std::span<const int> tokens, std::span<const TokenPlace> places,
                                     const TextCodec& codec);

}  // namespace recur
