// Word vectors: how they are trained from a text (Mikolov et al. 2013, "Efficient estimation of word representations in
// vector space" and "Distributed representations of words and phrases"; with n-grams of letters Bojanowski et al.
// 2017). recur/word_vectors.h has what comes out.
//
//   recur::EmbedJob job{.data = "books.txt", .model = "books.safetensors"};
//   const recur::WordVectors vectors = recur::WordVectors::train(job);
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/types/choices.h"
#include "recur/types/options.h"
#include "recur/types/text.h"
#include "recur/types/training.h"

namespace recur {

// skip_gram  each word of the window predicts the word in its middle
// cbow       all words of the window together do
enum class EmbedMethod { skip_gram, cbow };
template <>
inline constexpr auto choices<EmbedMethod> =
    std::array{Named{EmbedMethod::skip_gram, "skip-gram"}, Named{EmbedMethod::cbow, "cbow"}};

// negative      the word is told from some that are drawn from the text's words to the power of 0.75
// hierarchical  it is found in a binary tree in which frequent words stand near the root (Huffman 1952)
enum class EmbedLoss { negative, hierarchical };
template <>
inline constexpr auto choices<EmbedLoss> =
    std::array{Named{EmbedLoss::negative, "negative"}, Named{EmbedLoss::hierarchical, "hierarchical"}};

struct EmbedOptions {
  EmbedMethod method = EmbedMethod::skip_gram;
  EmbedLoss loss = EmbedLoss::negative;
  std::size_t embedding = 100;  // width of a vector
  std::size_t window = 5;       // words on either side at most; how many is drawn for each word
  std::size_t negatives = 5;    // drawn for each word that is predicted
  // Of a word whose share f of the text is larger, some are left out: sqrt(s / f) + s / f of them stay; 0: all do.
  double subsample = 1e-4;
  // A vector is made of those of the word's n-grams of so many letters, and its own; 0: of its own alone.
  std::size_t letters_from = 0, letters_to = 6;
  TokenizerKind tokenizer = TokenizerKind::token;  // or word
  TokenizerOptions words{.min_count = 5, .lowercase = true};
  std::uint64_t epochs = 5;
  float learning_rate = 0.05F;  // falls to 0 in a straight line
  double time_limit = 0;        // be done after so many seconds; 0: no limit
  std::uint64_t seed = 1;
  bool exact = false;  // the same bits whatever the number of threads is: by training on one
};
void list_options(OptionList& list, EmbedOptions& options);

// A whole training: from a text to a file of word vectors.
struct EmbedJob {
  std::string data;                         // - is standard input
  std::string model = "model.safetensors";  // or .vec, .txt: text; .bin: word2vec's binary format
  EmbedOptions options = {};
};
void list_options(OptionList& list, EmbedJob& job);

// What there is to say before training begins.
struct EmbedSummary {
  std::uint64_t words = 0;     // of the text, that have a vector
  std::uint64_t rare = 0;      // of the text, that have none
  std::size_t vocabulary = 0;  // different words that have one
  std::size_t ngrams = 0;      // different n-grams of their letters
};

// What came out besides the vectors.
struct EmbedResult {
  StopReason reason = StopReason::finished;
  double loss = 0;           // nats a prediction, of the last epoch that was trained
  std::uint64_t epochs = 0;  // that were begun
  std::uint64_t words = 0;   // read in all of them
  double seconds = 0;
  double words_per_second = 0;  // of the training alone
};

}  // namespace recur
