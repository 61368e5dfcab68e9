// Tests of word vectors: people's judgements of similarity, and analogies.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "infer/word_search.h"

namespace recur {

// Reads lines "word word score", of blanks or tabs between: {"pairs": .., "covered": .., "spearman": ..}; or "a b c d"
// under lines ": section" (Mikolov et al. 2013): {"questions": .., "covered": .., "right": .., "accuracy": ..,
// "sections": [{"section": .., ...}]}, an answer being the nearest word to b - a + c without these three. A line is
// covered where the vocabulary has all its words. spearman and accuracy are null where that is none. Throws Error
// naming file and line of what is neither, or where the lines are of both kinds.
nlohmann::ordered_json run_word_tests(const WordSearch& vectors, const std::string& path);

// b - a + c, to be normalised by whoever wants cosines; without these three.
WordSearch::Query analogy_query(const WordSearch& vectors, std::string_view a, std::string_view b, std::string_view c);

}  // namespace recur
