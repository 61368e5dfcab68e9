#include "data/batches.h"

#include <gtest/gtest.h>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::batches_test {
namespace {

using Ids = std::vector<int>;

// Token i of the corpus is i: the bytes 0, 1, 2, ...
class CountingCorpus {
 public:
  explicit CountingCorpus(int tokens)
      : file_(text_of(tokens)), corpus_(file_.path(), Tokenizer::build(InputFile(file_.path()), TokenizerKind::byte)) {}
  const Corpus& operator*() const { return corpus_; }
  const std::string& path() const { return file_.path(); }

 private:
  static std::string text_of(int tokens) {
    std::string text;
    for (int i = 0; i < tokens; ++i) text += static_cast<char>(i);
    return text;
  }
  TextFile file_;
  Corpus corpus_;
};

struct Window {
  Ids inputs, targets;
  bool operator==(const Window&) const = default;
};

std::vector<Window> rest_of(StreamBatches& batches, std::size_t batch, std::size_t unroll) {
  std::vector<Window> windows;
  Ids inputs(batch * unroll), targets(batch * unroll);
  for (std::size_t steps = 0; batches.next(inputs, targets, steps);) {
    const auto count = static_cast<std::ptrdiff_t>(steps * batch);
    windows.push_back({{inputs.begin(), inputs.begin() + count}, {targets.begin(), targets.begin() + count}});
  }
  return windows;
}

TEST(StreamBatches, CutsStreamsIntoTimeMajorWindows) {
  const CountingCorpus corpus(20);
  StreamBatches batches(*corpus, 3, 20, 3, 2);  // 17 tokens: streams 3..7, 8..12, 13..17; 18 and 19 are left out
  EXPECT_EQ(batches.windows(), 2u);
  EXPECT_EQ(batches.targets(), 12u);
  EXPECT_EQ(rest_of(batches, 3, 2), (std::vector<Window>{{{3, 8, 13, 4, 9, 14}, {4, 9, 14, 5, 10, 15}},
                                                         {{5, 10, 15, 6, 11, 16}, {6, 11, 16, 7, 12, 17}}}));
}

TEST(StreamBatches, TheLastWindowMayBeShorter) {
  const CountingCorpus corpus(6);
  StreamBatches batches(*corpus, 0, 6, 1, 3);
  EXPECT_EQ(batches.windows(), 2u);
  EXPECT_EQ(rest_of(batches, 1, 3), (std::vector<Window>{{{0, 1, 2}, {1, 2, 3}}, {{3, 4}, {4, 5}}}));
  StreamBatches wide(*corpus, 0, 6, 1, 100);
  EXPECT_EQ(rest_of(wide, 1, 100), (std::vector<Window>{{{0, 1, 2, 3, 4}, {1, 2, 3, 4, 5}}}));
  StreamBatches shortest(*corpus, 4, 6, 1, 1);
  EXPECT_EQ(rest_of(shortest, 1, 1), (std::vector<Window>{{{4}, {5}}}));
}

TEST(StreamBatches, GoesOnFromEveryWindow) {
  const CountingCorpus corpus(100);
  StreamBatches batches(*corpus, 1, 100, 4, 5);
  const std::vector<Window> all = rest_of(batches, 4, 5);
  EXPECT_EQ(all.size(), batches.windows());
  EXPECT_EQ(batches.position(), batches.windows());
  for (std::size_t window = 0; window <= all.size(); ++window) {
    StreamBatches resumed(*corpus, 1, 100, 4, 5);
    resumed.seek(window);
    EXPECT_EQ(resumed.position(), window);
    EXPECT_EQ(rest_of(resumed, 4, 5),
              std::vector<Window>(all.begin() + static_cast<std::ptrdiff_t>(window), all.end()));
  }
  batches.rewind();
  EXPECT_EQ(rest_of(batches, 4, 5), all);
}

TEST(StreamBatches, StopsAtTheEndOfTheEpoch) {
  const CountingCorpus corpus(3);
  StreamBatches batches(*corpus, 0, 3, 1, 2);
  Ids inputs(2), targets(2);
  std::size_t steps = 7;
  EXPECT_TRUE(batches.next(inputs, targets, steps));
  EXPECT_FALSE(batches.next(inputs, targets, steps));
  EXPECT_FALSE(batches.next(inputs, targets, steps));
  EXPECT_EQ(steps, 0u);
}

TEST(StreamBatches, SaysWhereATextIsLongButUnknown) {
  const TextFile file("abababab");
  const Corpus corpus(file.path(), Tokenizer(TokenizerKind::character, Vocabulary({"c", "d"})));
  EXPECT_EQ(error_of([&] { StreamBatches(corpus, 0, 0, 1, 5); }),
            file.path() + ": the model knows 0 of its tokens, and 8 it does not; expected at least 2 that it knows");
}

TEST(StreamBatches, RefusesATextThatIsTooShort) {
  const CountingCorpus corpus(19);
  EXPECT_EQ(error_of([&] { StreamBatches(*corpus, 0, 19, 10, 5); }),
            corpus.path() +
                ": expected at least 20 tokens (2 for each of 10 streams), got 19; lower --batch or give more text");
  EXPECT_EQ(error_of([&] { StreamBatches(*corpus, 0, 18, 9, 5); }), "");
  EXPECT_EQ(error_of([&] { StreamBatches(*corpus, 0, 1, 1, 5); }),
            corpus.path() + ": expected at least 2 tokens, one to predict from the other, got 1; give more text");
  EXPECT_TRUE(contains(error_of([&] { StreamBatches(*corpus, 0, 19, 0, 5); }), "--batch: expected at least 1"));
  EXPECT_TRUE(contains(error_of([&] { StreamBatches(*corpus, 0, 19, 1, 0); }), "--unroll: expected at least 1"));
}

}  // namespace
}  // namespace recur::batches_test
