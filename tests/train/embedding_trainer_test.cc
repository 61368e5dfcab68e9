#include "train/embedding_trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/philox.h"
#include "base/threads.h"
#include "data/text_file.h"
#include "infer/word_search.h"
#include "support/error_of.h"

namespace recur::embedding_trainer_test {
namespace {

// Lines "NUMBER fruit-or-animal verb"; words of one of six kinds stand in the same places.
std::string toy_text(std::size_t lines) {
  constexpr const char* kThings[] = {"apples", "pears", "plums", "cats", "dogs", "cows"};
  constexpr const char* kVerbs[] = {"ripen", "fall", "rot", "run", "sleep", "eat"};
  constexpr const char* kPlaces[] = {"orchard", "basket", "tree", "stable", "meadow", "barn"};
  RandomWords random(Random(7, RandomPurpose::test), 0);
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    const std::size_t kind = random.below(2) * 3;
    const auto one_of = [&](const char* const* words) { return words[kind + random.below(3)]; };
    text += std::string("the ") + one_of(kThings) + " " + one_of(kVerbs) + " in the " + one_of(kPlaces) + "\n";
  }
  return text;
}

EmbedOptions small() {
  EmbedOptions o;
  o.embedding = 20;
  o.window = 4;
  o.subsample = 0.02;
  o.words.min_count = 1;
  o.epochs = 8;
  return o;
}

struct Trained {
  EmbeddingTable table;
  EmbedResult result;
};

Trained train(const EmbeddingText& text, const EmbedOptions& options, std::size_t threads) {
  const std::size_t before = thread_count();
  set_thread_count(threads);
  EmbeddingTrainer trainer(text, options);
  Trained trained{{}, trainer.train({})};
  set_thread_count(before);
  trained.table = trainer.table();
  return trained;
}

// Of each thing the two nearest are those of its kind: the share of which that is true.
double share_of_kind(const EmbeddingTable& table) {
  const WordSearch search(table);
  const std::vector<std::vector<std::string>> kinds = {{"apples", "pears", "plums"},
                                                       {"cats", "dogs", "cows"},
                                                       {"orchard", "basket", "tree"},
                                                       {"stable", "meadow", "barn"}};
  double right = 0, all = 0;
  const auto product = [&](const std::string& a, const std::string& b) {
    const auto x = search.direction(a), y = search.direction(b);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += double{x[i]} * double{y[i]};
    return sum;
  };
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    for (const std::string& word : kinds[k]) {
      for (const std::string& same : kinds[k]) {
        for (const std::string& other : kinds[k ^ 1U]) {
          if (same == word) continue;
          all += 1;
          right += product(word, same) > product(word, other) ? 1 : 0;
        }
      }
    }
  }
  return right / all;
}

TEST(EmbeddingTrainer, WordsThatCanTakeEachOthersPlaceBecomeNeighbours) {
  const TextFile file(toy_text(2000));
  const EmbeddingText text(file.path(), TokenizerKind::token, small().words);
  for (const EmbedMethod method : {EmbedMethod::skip_gram, EmbedMethod::cbow}) {
    for (const EmbedLoss loss : {EmbedLoss::negative, EmbedLoss::hierarchical}) {
      for (const std::size_t letters : {0, 3}) {
        EmbedOptions o = small();
        o.method = method;
        o.loss = loss;
        o.letters_from = letters;
        const Trained trained = train(text, o, 1);
        EXPECT_GE(share_of_kind(trained.table), 0.95)
            << to_string(method) << " " << to_string(loss) << " " << letters << " loss " << trained.result.loss;
        EXPECT_EQ(trained.result.words, 8 * text.words());
      }
    }
  }
}

TEST(EmbeddingTrainer, EightThreadsGiveVectorsOfEqualWorth) {
  const TextFile file(toy_text(10'000));
  const EmbeddingText text(file.path(), TokenizerKind::token, small().words);
  ASSERT_GT(text.slices(), 8U);
  const Trained one = train(text, small(), 1), eight = train(text, small(), 8);
  EXPECT_EQ(share_of_kind(one.table), 1);
  EXPECT_EQ(share_of_kind(eight.table), 1);
  EXPECT_NEAR(eight.result.loss, one.result.loss, 0.02 * one.result.loss);
  EXPECT_EQ(eight.result.words, one.result.words);
}

TEST(EmbeddingTrainer, OneThreadAndExactGiveTheSameBits) {
  const TextFile file(toy_text(6000));
  const EmbeddingText text(file.path(), TokenizerKind::token, small().words);
  EmbedOptions o = small();
  o.epochs = 2;
  const std::vector<float> once = train(text, o, 1).table.vectors;
  EXPECT_EQ(train(text, o, 1).table.vectors, once);
  o.exact = true;
  EXPECT_EQ(train(text, o, 4).table.vectors, once);
  o.seed = 2;
  EXPECT_NE(train(text, o, 4).table.vectors, once);
}

// Subsampling goes by the whole text's words: sqrt(t / f) + t / f of a word of the share f stay.
TEST(EmbeddingTrainer, KeepsTheShareThatThePaperSays) {
  EXPECT_EQ(EmbeddingTrainer::share_kept(10, 1000, 0), 1);
  EXPECT_EQ(EmbeddingTrainer::share_kept(1, 1'000'000, 1e-4), 1) << "a rare word stays";
  EXPECT_NEAR(EmbeddingTrainer::share_kept(10'000, 1'000'000, 1e-4), std::sqrt(0.01) + 0.01, 1e-12);
}

// Words that stand alone in their lines are never predicted: what their rows get, they get as negatives.
TEST(EmbeddingTrainer, DrawsNegativesAnewForEachTarget) {
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += "a b\n";
  for (int i = 0; i < 200; ++i) lines += "w" + std::to_string(i) + "\n";
  const TextFile file(lines);
  EmbedOptions o = small();
  o.subsample = 0;
  o.epochs = 1;
  const EmbeddingText text(file.path(), TokenizerKind::word, o.words);
  EmbeddingTrainer trainer(text, o);
  trainer.train({});
  int drawn = 0;
  for (std::size_t w = 2; w < 202; ++w) drawn += trainer.outputs().row(w)[0] != 0 ? 1 : 0;
  EXPECT_GT(drawn, 190) << "600 targets have 5 negatives each";
}

TEST(EmbeddingTrainer, StopsWhenAsked) {
  const TextFile file(toy_text(10'000));
  const EmbeddingText text(file.path(), TokenizerKind::token, small().words);
  EmbeddingTrainer trainer(text, small());
  TrainingHooks hooks;
  hooks.stop_requested = [] { return true; };
  const std::size_t before = thread_count();
  set_thread_count(1);
  const EmbedResult result = trainer.train(hooks);
  set_thread_count(before);
  EXPECT_EQ(result.reason, StopReason::interrupted);
  EXPECT_EQ(result.epochs, 1U);
  EXPECT_LT(result.words, text.words());
}

TEST(EmbeddingTrainer, TellsWhatReadingTheTextThrows) {
  auto file = std::make_unique<TextFile>(toy_text(10'000));
  const EmbeddingText text(file->path(), TokenizerKind::token, small().words);
  std::ofstream(file->path(), std::ios::trunc) << "cut";
  EmbeddingTrainer trainer(text, small());
  EXPECT_TRUE(contains(error_of([&] { trainer.train({}); }), "has been cut"));
}

}  // namespace
}  // namespace recur::embedding_trainer_test
