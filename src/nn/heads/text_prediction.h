// Predictions that are texts whose tokens stand along the steps: of CTC and of a transducer.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/text_codec.h"
#include "kernels/product.h"
#include "nn/head.h"
#include "nn/text_search.h"

namespace recur {

// The text that each record of a batch has in a field; valid until the tape is cleared.
std::span<const std::span<const int>> targets_of(const Run& run, const Batch& batch, std::size_t field);

// Whether one path is enough: no other is asked for, and nothing but the network says what is good.
inline bool is_greedy(const PredictOptions& options) { return options.decode.beam == 1 && options.scorer == nullptr; }

// The texts of a sequence, best first, from what was said of its steps, [steps, columns], which it may change; and
// where the tokens of one stand, by what it has left there. Neither throws.
using TextSearch = std::function<std::vector<ScoredText>(Matrix own)>;
using TextPlaces = std::function<std::vector<TokenPlace>(ConstMatrix own, std::span<const int> tokens)>;

// Of each sequence of a batch, from what is said of all steps, [total, columns]. Throws Error where a score is not
// finite.
void predict_texts(const Steps& steps, ConstMatrix said, const TextCodec& codec, const PredictOptions& options,
                   std::span<Prediction> predictions, const TextSearch& search, const TextPlaces& places);

}  // namespace recur
