#include "recur/stream.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "recur/recur.h"
#include "support/cells.h"
#include "support/settings.h"
#include "support/streams.h"

namespace recur::stream_test {
namespace {

template <class Given>
concept GivesSpans = requires(Given stream) {
  std::forward<Given>(stream).state(0, 0);
};
static_assert(GivesSpans<Stream&>);
static_assert(!GivesSpans<Stream>, "the numbers would dangle");
static_assert(std::is_copy_constructible_v<Stream> && std::is_copy_assignable_v<Stream>);
static_assert(std::is_nothrow_move_constructible_v<Stream> && std::is_nothrow_move_assignable_v<Stream>);
static_assert(std::is_same_v<decltype(std::declval<Model>().options()), TaskOptions>);

constexpr std::size_t kVocabulary = 11;

// Of what a stack carries: several states, windows of inputs, states that are learned, connections.
class Snapshot : public testing::TestWithParam<LanguageModelOptions> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, Snapshot,
    testing::Values(LanguageModelOptions{{.cell = "lstm", .layers = 3, .hidden = 9}, 4},
                    LanguageModelOptions{{.cell = "slstm", .layers = 2, .hidden = 20}},
                    LanguageModelOptions{{.cell = "lstm-projection", .layers = 2, .hidden = 9, .projection = 5}},
                    LanguageModelOptions{{.cell = "qrnn", .layers = 2, .hidden = 9, .window = 3}},
                    LanguageModelOptions{{.cell = "tdnn", .layers = 2, .hidden = 9, .window = 4}, 4},
                    LanguageModelOptions{{.cell = "gru",
                                          .layers = 2,
                                          .hidden = 9,
                                          .connection = Connection::highway,
                                          .layer_norm = true,
                                          .learned_state = true,
                                          .state_clip = 0.5F}}));

TEST_P(Snapshot, RepeatsTheSameBits) {
  const Model model = Model::untrained(GetParam(), kVocabulary);
  const std::vector<int> first = {1, 2, 3, 4, 5}, rest = {6, 1, 10, 0, 3, 3}, other = {9, 8, 7};
  for (const bool realtime : {false, true}) {
    Stream stream = model.stream({.realtime = realtime});
    const Stream fresh = stream;
    run(stream, first);
    const Stream snapshot = stream;
    const std::vector<float> expected = run(stream, rest);

    run(stream, other);
    stream = snapshot;
    EXPECT_EQ(run(stream, rest), expected);
    stream = snapshot;  // it has not changed
    EXPECT_EQ(run(stream, rest), expected);

    Stream another = model.stream();
    run(another, other);
    another = snapshot;
    EXPECT_EQ(run(another, rest), expected);

    const std::vector<float> from_the_start = run(stream, first);
    EXPECT_NE(from_the_start, expected);
    for (const bool reset : {false, true}) {
      reset ? stream.reset() : static_cast<void>(stream = fresh);
      run(stream, first);
      EXPECT_EQ(run(stream, rest), expected);
    }
  }
}

TEST(Stream, CopiesAreIndependent) {
  const Model model = Model::untrained({{.layers = 2, .hidden = 8}}, kVocabulary);
  const std::vector<int> tokens = {1, 2, 3};
  Stream a = model.stream();
  run(a, tokens);
  Stream b = a;
  b.state(1, 0)[0] = 5;
  EXPECT_NE(a.state(1, 0)[0], 5);
  const float before = a.state(0, 0)[0];
  step(b, 4);
  EXPECT_EQ(a.state(0, 0)[0], before);
}

// Its weights are the model's.
TEST(Stream, OutlivesItsModel) {
  const std::vector<int> tokens = {1, 2, 3};
  std::optional<Model> model = Model::untrained({{.layers = 1, .hidden = 40}, 7}, kVocabulary);
  Stream stream = model->stream();
  const std::vector<float> expected = run(stream, tokens);
  Model moved = std::move(*model);
  model.reset();
  stream.reset();
  EXPECT_EQ(run(stream, tokens), expected);
  moved = Model::untrained({{.layers = 1, .hidden = 40}, 7}, kVocabulary);
  stream.reset();
  EXPECT_EQ(run(stream, tokens), expected);
  Stream other = std::move(stream);
  stream = other;  // what was moved from may be assigned to
  EXPECT_EQ(run(stream, tokens), run(other, tokens));
}

TEST(Stream, RefusesWithoutAStep) {
  const Model model = Model::untrained({{.layers = 2, .hidden = 4}}, kVocabulary);
  Stream stream = model.stream(), same = stream, other = stream;
  std::vector<float> logits(kVocabulary), both(2 * kVocabulary);
  EXPECT_EQ(stream.vocabulary(), kVocabulary);
  for (const int token : {-1, static_cast<int>(kVocabulary)}) EXPECT_THROW(stream.step(token, logits), Error);
  EXPECT_THROW(stream.step(1, std::span(logits).first(kVocabulary - 1)), Error);
  EXPECT_THROW(stream.state(2, 0), Error);
  EXPECT_THROW(stream.state(0, 2), Error);

  const Model twin = Model::untrained({{.layers = 2, .hidden = 4}}, kVocabulary);
  Stream foreign = twin.stream();
  const auto together = [&](std::vector<Stream*> streams, std::vector<int> tokens, std::span<float> room) {
    step_together(streams, tokens, room);
  };
  EXPECT_THROW(together({&stream, &other}, {1, static_cast<int>(kVocabulary)}, both), Error);
  EXPECT_THROW(together({&stream, &other}, {1}, both), Error);
  EXPECT_THROW(together({&stream, &other}, {1, 2}, logits), Error);
  EXPECT_THROW(together({&stream, &stream}, {1, 2}, both), Error);
  EXPECT_THROW(together({&stream, &foreign}, {1, 2}, both), Error);
  together({}, {}, {});
  EXPECT_EQ(step(stream, 3), step(same, 3));
}

// Alone, together, in a batch of others at each step, on threads or not.
void expect_same_bits_together(const LanguageModelOptions& options) {
  constexpr std::size_t kStreams = 7;
  const Model model = Model::untrained(options, kVocabulary);
  std::vector<Stream> alone(kStreams, model.stream()), batch = alone;
  std::vector<float> together(kStreams * kVocabulary);
  for (int t = 0; t < 5; ++t) {
    std::vector<Stream*> streams;
    std::vector<int> tokens;
    std::vector<float> expected;
    for (std::size_t i = 0; i < kStreams; ++i) {
      const std::size_t stream = (i * 3 + static_cast<std::size_t>(t)) % kStreams;
      if (stream == static_cast<std::size_t>(t)) continue;  // one is left out
      streams.push_back(&batch[stream]);
      tokens.push_back(static_cast<int>((stream * stream + static_cast<std::size_t>(t)) % kVocabulary));
      const std::vector<float> logits = step(alone[stream], tokens.back());
      expected.insert(expected.end(), logits.begin(), logits.end());
    }
    together.resize(expected.size());
    step_together(streams, tokens, together, static_cast<std::size_t>(t) % 3);
    ASSERT_EQ(together, expected) << "step " << t;
  }
}

class Together : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, Together, every_cell(), cell_test_name);

TEST_P(Together, EachHasTheBitsThatItHasAlone) {
  const WithThreads three(3);
  const std::size_t projection = cell().has_output_width() ? 5 : 0;
  LanguageModelOptions plain{{.cell = GetParam(), .layers = 3, .hidden = 18}};
  if (GetParam() == "ngram") plain.embedding = 18;
  LanguageModelOptions windows{{.cell = GetParam(), .layers = 2, .hidden = 9, .projection = projection, .window = 3}};
  windows.connection = Connection::residual;
  windows.learned_state = true;
  windows.state_clip = 0.25F;
  LanguageModelOptions highways{{.cell = GetParam(), .layers = 3, .hidden = 9, .window = 2}, 4};
  highways.connection = Connection::highway;
  highways.layer_norm = true;
  highways.zoneout = 0.125F;
  highways.zoneout_cell = cell().states > 1 ? 0.25F : 0;
  const LanguageModelOptions one{{.cell = GetParam(), .layers = 1, .hidden = 70}, 5};
  for (const LanguageModelOptions& options : {plain, windows, highways, one}) {
    SCOPED_TRACE(testing::Message() << options.layers << " layers of " << options.hidden);
    expect_same_bits_together(options);
  }
}

// Rows beyond one piece, threads that get some each, an output layer that is cut.
TEST(Together, ManyStreamsOfALargeModel) {
  constexpr std::size_t kStreams = 200, kWords = 2000;
  const WithThreads two(2);
  const Model model = Model::untrained({{.layers = 2, .hidden = 130}, 20}, kWords);
  std::vector<Stream> streams(kStreams, model.stream());
  std::vector<Stream*> all;
  std::vector<int> tokens;
  for (std::size_t i = 0; i < kStreams; ++i) {
    all.push_back(&streams[i]);
    tokens.push_back(static_cast<int>(i * 7 % kWords));
  }
  std::vector<float> logits(kStreams * kWords);
  for (int t = 0; t < 2; ++t) step_together(all, tokens, logits);
  for (std::size_t i = 0; i < kStreams; i += 37) {
    Stream alone = model.stream({.threads = 1 + i % 2});
    step(alone, tokens[i]);
    const std::vector<float> expected = step(alone, tokens[i]);
    EXPECT_TRUE(std::ranges::equal(expected, std::span(logits).subspan(i * kWords, kWords))) << i;
  }
}

}  // namespace
}  // namespace recur::stream_test
