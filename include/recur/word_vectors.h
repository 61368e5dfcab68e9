// WordVectors: a vector for each word of a vocabulary, and what it says of words.
//
//   const auto vectors = recur::WordVectors::load("books.safetensors");
//   for (const recur::Neighbour& n : vectors.neighbours("whale", 5)) std::cout << n.word << "\n";
//
// Immutable and a handle: copies share one table. Any number of threads may use one at once. Everything throws
// recur::Error on a user's mistake: a word that has no vector is named, with one that has and is spelled most like it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recur/types/embedding.h"
#include "recur/types/training.h"

namespace recur {

struct Neighbour {
  std::string word;
  float similarity = 0;  // the cosine of the angle between two vectors, from -1 to 1
};

struct EmbeddingTable;  // data/word_vectors.h

class WordVectors {
 public:
  // Trains and writes job.model, also when hooks ask to stop. Several threads train the same vectors and do not wait
  // for each other (Recht et al. 2011): then two runs differ. One thread, or options.exact, gives the same bits again.
  // Calls begin() when the words are counted. Throws Error where the text has fewer than two different words that are
  // frequent enough, or is not UTF-8, and where an option makes no sense.
  static WordVectors train(const EmbedJob& job, const TrainingHooks& hooks = {},
                           const std::function<void(const EmbedSummary&)>& begin = {}, EmbedResult* result = nullptr);
  // A file of `recur train embed`, or one in the text or binary format of word2vec, GloVe or fastText's .vec.
  static WordVectors load(const std::string& path);

  // Whether a file holds word vectors, not a network, as its ending (.vec, .txt, .bin) and first line say, or what
  // a model file tells.
  static bool is_in(const std::string& path);

  // By the ending of the path: .vec and .txt are text, .bin is word2vec's binary format, .safetensors is recur's, which
  // alone keeps the vectors of n-grams, how often words were counted, and where they come from. Throws Error for
  // another.
  void save(const std::string& path) const;

  std::size_t size() const;   // words
  std::size_t width() const;  // of a vector
  // In the order of the file, which is that of their frequency where recur wrote it; i in [0, size()).
  const std::string& word(std::size_t i) const&;
  const std::string& word(std::size_t i) && = delete;  // it would be one of a table that is gone

  // Whether the vocabulary has the word, as it stands or else in lower case.
  bool has(std::string_view word) const;
  // The vector of a word: the vocabulary's, or else, where the file has n-grams of letters, made of those, of length 1.
  std::vector<float> vector(std::string_view word) const;
  double similarity(std::string_view a, std::string_view b) const;
  // The `count` words most similar to one, the most similar first, without it.
  std::vector<Neighbour> neighbours(std::string_view word, std::size_t count) const;
  // a is to b as c is to ...: the words most similar to b - a + c, each of length 1, without these three.
  std::vector<Neighbour> analogy(std::string_view a, std::string_view b, std::string_view c, std::size_t count) const;

  // How well similarities agree with people's, or analogies with what was expected, as a JSON object. The file has
  // lines "word word score" or "a b c d", d being what is expected, under lines ": section". A line with a word that
  // has no vector is left out and not counted as covered. Throws Error naming file and line.
  std::string evaluate(const std::string& path) const;
  // What was wrong with lines of the file, which were skipped, for messages: "skipped 2, the first is line 7: ..".
  // Empty where nothing was.
  const std::string& skipped() const&;
  const std::string& skipped() && = delete;
  // A JSON object: words, width, options, where it comes from.
  std::string describe() const;

 private:
  struct Contents;
  WordVectors(std::string name, EmbeddingTable table);

  std::shared_ptr<const Contents> contents_;
};

}  // namespace recur
