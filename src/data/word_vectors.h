// Word vectors from a file, in the formats of word2vec (Mikolov et al. 2013), GloVe (Pennington, Socher & Manning 2014)
// and fastText's .vec (Bojanowski et al. 2017):
//   text     a line "word x1 x2 ..." for each word, and possibly a first line "count width";
//   binary   a line "count width", and for each word "word ", `width` floats in little-endian, and possibly a line end.
// And in a model file of recur train embed: the words are its entry kWordsEntry, the vectors its tensor kVectorsTensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/letter_ngrams.h"
#include "data/safetensors.h"

namespace recur {

inline constexpr const char *kWordsEntry = "words", *kVectorsTensor = "embedding.weight";

// A vector for each word, and where there are n-grams of letters, for each of those.
struct EmbeddingTable {
  std::vector<std::string> words;
  std::size_t width = 0;
  std::vector<float> vectors;         // [words, width]
  std::vector<std::uint64_t> counts;  // how often each word was seen; empty where nobody knows
  LetterRange letters;
  std::vector<std::uint64_t> ngrams;              // see letter_ngrams()
  std::vector<float> ngram_vectors;               // [ngrams, width]
  std::string options = "{}", provenance = "{}";  // JSON objects: how it was trained, where it comes from
  std::string skipped;                            // for messages: lines of its file that are none; empty: none are
};

struct WordVectorCounts {
  std::size_t filled = 0;     // rows
  std::uint64_t skipped = 0;  // lines or entries that hold no word and its vector
  std::string first_skipped;  // what is wrong with the first: "line 7: ..."
};

// For messages; empty where nothing was skipped.
std::string skipped_text(const WordVectorCounts& counts);

// Fills rows of `table` [n, width]: row_of(word), of a word in UTF-8, is its row in [0, n), or -1 if it is not wanted;
// of several vectors of a row the first counts. A word may hold blanks. Files of millions of words have some bad lines:
// they are skipped. Reads a file of any size in bounded memory. Throws Error naming file and line for vectors of
// another width, and where more lines are bad than good; naming the file for one without vectors, in another binary
// format, or that ends before its header says.
WordVectorCounts read_word_vectors(const std::string& path, std::size_t width,
                                   const std::function<int(std::string_view)>& row_of, std::span<float> table);

// All vectors of a file, of any width; of several of a word the first counts. Throws as above.
EmbeddingTable read_word_vectors(const std::string& path);
// The words of a file, each once. Throws as above.
std::vector<std::string> read_vector_words(const std::string& path);

// Whether a file looks like one in the safetensors format.
bool is_safetensors(const std::string& path);
// Whether a file begins as word vectors of the other formats do, and not as any text: with how many there are and their
// width, or with a line of which at least half are numbers, behind a word.
bool begins_as_vectors(const std::string& path);

struct ModelWords {
  std::vector<std::string> words;
  std::size_t width;  // of kVectorsTensor, [words, width]
};
// Of a model file of word vectors. Throws Error for a file that has no words, or not a vector for each.
ModelWords words_of(const SafetensorsFile& file);

}  // namespace recur
