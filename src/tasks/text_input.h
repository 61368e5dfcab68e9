// What tasks that read text have in common.
#pragma once

#include <string>

#include "autograd/tape.h"
#include "data/text_codec.h"

namespace recur {

// For people: "10,034 words, embedding 128".
std::string describe(const TextCodec& codec, std::size_t embedding);

// Fills the rows of an embedding's table from a file of word vectors, word2vec's or GloVe's text; words that it lacks
// keep what they have. Throws Error naming file and line, or when it knows none of the words.
void load_word_vectors(const std::string& path, const TextCodec& codec, const Matrix& table);

}  // namespace recur
