// One thread's part in the training of word vectors: it goes through a slice of the text. embedding_trainer.h says what
// is trained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/philox.h"
#include "data/embedding_text.h"
#include "kernels/logistic_step.h"
#include "recur/types/embedding.h"
#include "train/word_rows.h"
#include "train/word_sampler.h"
#include "train/word_tree.h"

namespace recur {

// The words of a Random, one after the other; computed 64 at a time.
class RandomWords {
 public:
  // From block `position` on.
  RandomWords(const Random& random, std::uint64_t position) : random_(random), position_(position) {}

  std::uint32_t next() {
    if (used_ == 4 * kBlocks) {
      random_.blocks(position_, words_);
      position_ += kBlocks;
      used_ = 0;
    }
    const std::uint32_t word = words_[used_ / kBlocks][used_ % kBlocks];
    ++used_;
    return word;
  }
  // In [0, 1), 24 bits.
  float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24F; }
  // In [0, count).
  std::size_t below(std::size_t count) { return static_cast<std::size_t>((std::uint64_t{next()} * count) >> 32); }

 private:
  static constexpr std::size_t kBlocks = 16;
  Random random_;
  std::uint64_t position_;
  std::uint32_t words_[4][kBlocks] = {};
  std::size_t used_ = 4 * kBlocks;
};

// What all threads share. Of `negatives` and `tree` one is null.
struct EmbeddingTables {
  const WordRows* rows;
  const WordSampler* negatives;
  const WordTree* tree;
  const std::uint32_t* keep;  // of each word: it stays where a random number of 32 bits is not larger
  float *inputs, *outputs;    // [rows->count(), stride] and [words, stride]
};

struct EmbeddingTotals {
  double loss = 0;                // nats of all predictions
  std::uint64_t predictions = 0;  // of a word by an input
  std::uint64_t words = 0;        // of the text

  double mean() const { return predictions == 0 ? 0 : loss / static_cast<double>(predictions); }
  EmbeddingTotals& operator+=(const EmbeddingTotals& o) {
    loss += o.loss;
    predictions += o.predictions;
    words += o.words;
    return *this;
  }
  friend EmbeddingTotals operator-(const EmbeddingTotals& a, const EmbeddingTotals& b) {
    return {a.loss - b.loss, a.predictions - b.predictions, a.words - b.words};
  }
};

class EmbeddingWorker {
 public:
  EmbeddingWorker(const EmbedOptions& options, const EmbeddingTables& tables, std::size_t stride);

  // The slice that train() trains on.
  EmbeddingText::Slice& slice() { return slice_; }
  // The rate goes from one to the other over the slice.
  EmbeddingTotals train(float first_rate, float last_rate, RandomWords random);

 private:
  void train_sentence(float rate);
  void train_window(std::size_t middle, std::size_t first, std::size_t last, float rate);
  void predict_middle_apart(std::size_t middle, std::size_t first, std::size_t last, float rate);
  void predict_middle_together(std::size_t middle, std::size_t first, std::size_t last, float rate);
  void predict_others(std::size_t middle, std::size_t first, std::size_t last, float rate);
  void add_targets(int word);
  void train_one_input(std::size_t predictions, float rate);

  const EmbedOptions& options_;
  const EmbeddingTables& tables_;
  std::size_t stride_;
  EmbeddingText::Slice slice_;
  RandomWords random_;
  LogisticStep step_;
  std::vector<int> sentence_;  // what is left of one
  std::vector<int> rows_;      // of one input
  EmbeddingTotals totals_;
};

}  // namespace recur
