// What tasks that read text have in common.
#pragma once

#include <string>

#include "autograd/tape.h"
#include "data/text_codec.h"

namespace recur {

// For people: "10,034 words, embedding 128".
std::string describe(const TextCodec& codec, std::size_t embedding);

// Fills the rows of an embedding's table from a file of word vectors (data/word_vectors.h); words that it lacks keep
// what they have. Returns what there is to say of it: "glove.txt: vectors for 9512 of 10034 words". Throws Error as
// read_word_vectors() does, or when the file knows none of the words.
std::string load_word_vectors(const std::string& path, const TextCodec& codec, const Matrix& table);

}  // namespace recur
