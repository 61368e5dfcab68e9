// Trains word vectors: skip-gram and CBOW with negative sampling or hierarchical softmax (Mikolov et al. 2013), with
// n-grams of letters (Bojanowski et al. 2017).
//
// A text is gone through word by word, those left out that are too frequent (subsampling). For each word a window is
// drawn, of 1 to `window` words on either side. Inputs are vectors x, targets are vectors y of another table:
//   skip-gram             every word of the window is an input, the word in the middle is what it predicts
//   with n-grams          the word in the middle is the input, every word of the window is predicted
//   CBOW                  all words of the window together are one input, the word in the middle is predicted
// A word that is predicted has itself as a target (label 1) and `negatives` others (label 0), drawn anew each time and
// never itself; or the nodes on its way through the tree. All inputs of a window share these. The loss is that of
// kernels/logistic_step.h, and so is the step, with a rate that falls to 0 in a straight line over the training.
//
// An input of n rows (a word and its n-grams, the words of a window) is their sum over the root of n. So a step of the
// same rate changes it equally much whatever n is. Papers have the sum or the mean; the difference is a factor of the
// rows alone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/scratch.h"
#include "data/embedding_text.h"
#include "data/word_vectors.h"
#include "recur/types/embedding.h"
#include "train/embedding_worker.h"
#include "train/word_rows.h"
#include "train/word_sampler.h"
#include "train/word_tree.h"

namespace recur {

// A table of rows of padded_row(width) floats, aligned to 64 bytes.
class RowTable {
 public:
  RowTable(std::size_t rows, std::size_t width);
  float* data() const { return reinterpret_cast<float*>(memory_.data()); }
  float* row(std::size_t i) const { return data() + i * stride_; }
  std::size_t stride() const { return stride_; }

 private:
  std::size_t stride_;
  ScratchBlock memory_;
};

class EmbeddingTrainer {
 public:
  // `text` must outlive this.
  EmbeddingTrainer(const EmbeddingText& text, const EmbedOptions& options);

  std::size_t ngrams() const { return rows_.ngrams(); }
  // Trains from the start. Hooks are called on the calling thread. Throws what reading the text throws.
  EmbedResult train(const TrainingHooks& hooks);
  // What has been trained: a vector for each word, made of all its rows, and for each n-gram.
  EmbeddingTable table() const;

  // The table of the targets: a row for each word, or for each node of the tree.
  const RowTable& outputs() const { return outputs_; }

  // How likely a word that stands `count` times among `words` is to stay.
  static double share_kept(std::uint64_t count, std::uint64_t words, double subsample);

 private:
  void initialise();
  void train_slice(std::uint64_t epoch, std::size_t slice, EmbeddingWorker& worker);
  double seconds() const;
  double rate_at(double share) const;
  void stop(StopReason reason);
  void look_up(std::uint64_t epoch, double share);
  void report(std::uint64_t epoch, double share);

  const EmbeddingText& text_;
  EmbedOptions options_;
  WordRows rows_;
  std::unique_ptr<const WordSampler> sampler_;  // of negatives, or
  std::unique_ptr<const WordTree> tree_;
  std::vector<std::uint32_t> keep_;  // of each word: it stays where a random number of 32 bits is not larger
  RowTable inputs_, outputs_;

  const TrainingHooks* hooks_ = nullptr;
  std::chrono::steady_clock::time_point begin_;  // of the training alone
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;                   // of what follows
  EmbeddingTotals totals_, reported_;  // of this epoch; what of them was reported
  std::uint64_t words_before_ = 0;     // in the epochs before
  double last_report_ = 0;
  StopReason reason_ = StopReason::finished;
  std::exception_ptr error_;
};

}  // namespace recur
