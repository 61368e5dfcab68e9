#include "train/embedding_worker.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

// Of the rows of an input.
float scale_of(std::span<const int> rows) { return 1 / std::sqrt(static_cast<float>(rows.size())); }

}  // namespace

EmbeddingWorker::EmbeddingWorker(const EmbedOptions& options, const EmbeddingTables& tables, std::size_t stride)
    : options_(options), tables_(tables), stride_(stride), random_(Random(0, RandomPurpose::embed), 0), step_(stride) {}

EmbeddingTotals EmbeddingWorker::train(float first_rate, float last_rate, RandomWords random) {
  random_ = random;
  totals_ = {};
  sentence_.clear();
  for (std::size_t i = 0; i < slice_.ids.size(); ++i) {
    const int id = slice_.ids[i];
    if (id == EmbeddingText::kSentenceEnd) {
      const float done = static_cast<float>(i) / static_cast<float>(slice_.ids.size());
      train_sentence(first_rate + (last_rate - first_rate) * done);
      sentence_.clear();
    } else {
      ++totals_.words;
      if (random_.next() <= tables_.keep[id]) sentence_.push_back(id);
    }
  }
  return totals_;
}

void EmbeddingWorker::train_sentence(float rate) {
  for (std::size_t middle = 0; middle < sentence_.size(); ++middle) {
    const std::size_t reach = 1 + random_.below(options_.window);
    const std::size_t first = middle - std::min(middle, reach);
    const std::size_t last = std::min(middle + reach + 1, sentence_.size());
    if (last - first > 1) train_window(middle, first, last, rate);
  }
}

// The words of the window are [first, last) of the sentence, without the one in the middle.
void EmbeddingWorker::train_window(std::size_t middle, std::size_t first, std::size_t last, float rate) {
  step_.targets().clear();
  if (options_.method == EmbedMethod::cbow) {
    predict_middle_together(middle, first, last, rate);
  } else if (tables_.rows->ngrams() > 0) {
    predict_others(middle, first, last, rate);
  } else {
    predict_middle_apart(middle, first, last, rate);
  }
}

void EmbeddingWorker::predict_middle_apart(std::size_t middle, std::size_t first, std::size_t last, float rate) {
  const std::size_t count = last - first - 1;
  float* const x = step_.inputs(count);
  const auto rows_of = [&](std::size_t i) { return tables_.rows->of(sentence_[first + i + (first + i >= middle)]); };
  for (std::size_t i = 0; i < count; ++i) sum_rows(tables_.inputs, stride_, rows_of(i), 1, x + i * stride_);
  add_targets(sentence_[middle]);
  totals_.loss += step_.run(tables_.outputs, rate);
  totals_.predictions += count;
  for (std::size_t i = 0; i < count; ++i) {
    add_to_rows(tables_.inputs, stride_, rows_of(i), 1, step_.changes() + i * stride_);
  }
}

void EmbeddingWorker::predict_middle_together(std::size_t middle, std::size_t first, std::size_t last, float rate) {
  rows_.clear();
  for (std::size_t i = first; i < last; ++i) {
    if (i == middle) continue;
    const std::span<const int> rows = tables_.rows->of(sentence_[i]);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
  }
  add_targets(sentence_[middle]);
  train_one_input(1, rate);
}

void EmbeddingWorker::predict_others(std::size_t middle, std::size_t first, std::size_t last, float rate) {
  const std::span<const int> rows = tables_.rows->of(sentence_[middle]);
  rows_.assign(rows.begin(), rows.end());
  for (std::size_t i = first; i < last; ++i) {
    if (i != middle) add_targets(sentence_[i]);
  }
  train_one_input(last - first - 1, rate);
}

// The input is made of rows_.
void EmbeddingWorker::train_one_input(std::size_t predictions, float rate) {
  sum_rows(tables_.inputs, stride_, rows_, scale_of(rows_), step_.inputs(1));
  totals_.loss += step_.run(tables_.outputs, rate);
  totals_.predictions += predictions;
  add_to_rows(tables_.inputs, stride_, rows_, scale_of(rows_), step_.changes());
}

void EmbeddingWorker::add_targets(int word) {
  std::vector<LogisticStep::Target>& targets = step_.targets();
  if (tables_.tree != nullptr) {
    for (const WordTree::Turn& turn : tables_.tree->way_to(word)) targets.push_back({turn.node, turn.label});
    return;
  }
  targets.push_back({word, 1});
  for (std::size_t i = 0; i < options_.negatives; ++i) {
    const int other = tables_.negatives->draw_other(word, [this] { return random_.next(); });
    targets.push_back({other, 0});
  }
}

}  // namespace recur
