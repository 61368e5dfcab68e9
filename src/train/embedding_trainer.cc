#include "train/embedding_trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/philox.h"
#include "base/threads.h"
#include "kernels/logistic_step.h"
#include "train/embedding_worker.h"

namespace recur {
namespace {

constexpr double kNoisePower = 0.75;
constexpr double kSecondsBetweenReports = 1;

LetterRange letters_of(const EmbedOptions& o) { return {o.letters_from, o.letters_to}; }

std::vector<std::uint32_t> thresholds(const EmbeddingText& text, double subsample) {
  std::vector<std::uint32_t> thresholds;
  for (const std::uint64_t count : text.counts()) {
    const double share = EmbeddingTrainer::share_kept(count, text.words(), subsample);
    thresholds.push_back(static_cast<std::uint32_t>(std::min(share * 0x1p32, 0x1p32 - 1)));
  }
  return thresholds;
}

}  // namespace

RowTable::RowTable(std::size_t rows, std::size_t width)
    : stride_(padded_row(width)), memory_(rows * stride_ * sizeof(float)) {}

double EmbeddingTrainer::share_kept(std::uint64_t count, std::uint64_t words, double subsample) {
  if (subsample == 0) return 1;
  const double ratio = subsample * static_cast<double>(words) / static_cast<double>(count);
  return std::min(1.0, std::sqrt(ratio) + ratio);
}

EmbeddingTrainer::EmbeddingTrainer(const EmbeddingText& text, const EmbedOptions& options)
    : text_(text),
      options_(options),
      rows_(text.vocabulary(), letters_of(options)),
      keep_(thresholds(text, options.subsample)),
      inputs_(rows_.count(), options.embedding),
      outputs_(rows_.words(), options.embedding) {
  if (options.loss == EmbedLoss::negative) {
    sampler_ = std::make_unique<const WordSampler>(text.counts(), kNoisePower);
  } else {
    tree_ = std::make_unique<const WordTree>(text.counts());
  }
  initialise();
}

// Inputs are uniform in +-0.5 / width, as in word2vec; outputs are zero.
void EmbeddingTrainer::initialise() {
  const std::size_t width = options_.embedding, stride = inputs_.stride();
  const float range = 1 / static_cast<float>(width);
  std::fill_n(outputs_.data(), rows_.words() * stride, 0.0F);
  std::fill_n(inputs_.data(), rows_.count() * stride, 0.0F);
  RandomWords random(Random(options_.seed, RandomPurpose::initialise), 0);
  for (std::size_t i = 0; i < rows_.count(); ++i) {
    for (std::size_t k = 0; k < width; ++k) inputs_.row(i)[k] = (random.uniform() - 0.5F) * range;
  }
}

EmbedResult EmbeddingTrainer::train(const TrainingHooks& hooks) {
  hooks_ = &hooks;
  begin_ = std::chrono::steady_clock::now();
  const EmbeddingTables tables{&rows_, sampler_.get(), tree_.get(), keep_.data(), inputs_.data(), outputs_.data()};
  std::vector<std::unique_ptr<EmbeddingWorker>> workers;
  for (std::size_t i = 0; i < (options_.exact ? 1 : thread_count()); ++i) {
    workers.push_back(std::make_unique<EmbeddingWorker>(options_, tables, inputs_.stride()));
  }
  EmbedResult result;
  for (std::uint64_t epoch = 0; epoch < options_.epochs && !stop_; ++epoch) {
    words_before_ += std::exchange(totals_, {}).words;
    reported_ = {};
    const auto work = [&](std::size_t slice, std::size_t worker) {
      if (stop_) return;
      train_slice(epoch, slice, *workers[worker]);
      // The calling thread is worker 0.
      if (worker == 0 && !stop_) look_up(epoch, text_.share_before(slice + 1));
    };
    if (options_.exact) {
      const FlushDenormals flush;
      for (std::size_t slice = 0; slice < text_.slices(); ++slice) work(slice, 0);
    } else {
      parallel_for(text_.slices(), work);
    }
    if (error_) std::rethrow_exception(error_);
    if (!stop_) report(epoch, 1);
    ++result.epochs;
  }
  result.reason = reason_;
  result.words = words_before_ + totals_.words;
  result.loss = totals_.mean();
  result.seconds = seconds();
  result.words_per_second = static_cast<double>(result.words) /
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  return result;
}

double EmbeddingTrainer::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - hooks_->start).count();
}

// `share`: of all epochs. Under a time limit time may be further than the text.
double EmbeddingTrainer::rate_at(double share) const {
  constexpr double kLeast = 1e-4;
  if (options_.time_limit > 0) share = std::max(share, seconds() / options_.time_limit);
  return options_.learning_rate * std::max(1 - share, kLeast);
}

void EmbeddingTrainer::train_slice(std::uint64_t epoch, std::size_t slice, EmbeddingWorker& worker) {
  try {
    text_.read(slice, worker.slice());
    const auto rate = [&](double share) {
      return static_cast<float>(rate_at((static_cast<double>(epoch) + share) / static_cast<double>(options_.epochs)));
    };
    const Random random(options_.seed, RandomPurpose::embed, static_cast<std::uint32_t>(slice));
    const EmbeddingTotals totals = worker.train(rate(text_.share_before(slice)), rate(text_.share_before(slice + 1)),
                                                RandomWords(random, epoch << 40));
    const std::lock_guard lock(mutex_);
    totals_ += totals;
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
    stop_ = true;
  }
}

void EmbeddingTrainer::stop(StopReason reason) {
  reason_ = reason;
  stop_ = true;
}

// Whether it is time to stop, or to tell. `share`: of this epoch.
void EmbeddingTrainer::look_up(std::uint64_t epoch, double share) {
  try {
    if (hooks_->stop_requested && hooks_->stop_requested()) return stop(StopReason::interrupted);
    if (options_.time_limit > 0 && seconds() >= options_.time_limit) return stop(StopReason::time_limit);
    if (seconds() - last_report_ >= kSecondsBetweenReports) report(epoch, share);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    stop_ = true;
  }
}

void EmbeddingTrainer::report(std::uint64_t epoch, double share) {
  if (!hooks_->report) return;
  TrainingReport r;
  r.seconds = seconds();
  r.epoch = epoch + 1;
  r.epochs = options_.epochs;
  r.batches = text_.words();
  EmbeddingTotals since;
  {
    const std::lock_guard lock(mutex_);
    since = totals_ - reported_;
    reported_ = totals_;
    r.batch = totals_.words;
    r.predictions = words_before_ + totals_.words;
  }
  r.step = r.predictions;
  r.train_loss = since.mean();
  r.predictions_per_second = static_cast<double>(since.words) / (r.seconds - last_report_);
  const double done = (static_cast<double>(epoch) + share) / static_cast<double>(options_.epochs);
  r.learning_rate = rate_at(done);
  const double trained = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  r.seconds_left = trained * (1 - done) / done;
  if (options_.time_limit > 0) r.seconds_left = std::min(*r.seconds_left, options_.time_limit - r.seconds);
  last_report_ = r.seconds;
  hooks_->report(r);
}

EmbeddingTable EmbeddingTrainer::table() const {
  EmbeddingTable t;
  t.words = text_.vocabulary().tokens();
  t.counts = text_.counts();
  t.width = options_.embedding;
  t.letters = letters_of(options_);
  t.ngrams = rows_.hashes();
  std::vector<float> sum(inputs_.stride());
  const auto append = [&](const float* row, std::vector<float>& to) { to.insert(to.end(), row, row + t.width); };
  for (std::size_t w = 0; w < rows_.words(); ++w) {
    const std::span<const int> rows = rows_.of(static_cast<int>(w));
    sum_rows(inputs_.data(), inputs_.stride(), rows, 1 / std::sqrt(static_cast<float>(rows.size())), sum.data());
    append(sum.data(), t.vectors);
  }
  for (std::size_t i = rows_.words(); i < rows_.count(); ++i) append(inputs_.row(i), t.ngram_vectors);
  return t;
}

}  // namespace recur
