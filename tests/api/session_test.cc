#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "recur/recur.h"

namespace recur {
namespace {

template <class Model>
concept GivesSession = requires(Model model) {
  std::forward<Model>(model).session();
};
static_assert(GivesSession<LanguageModel&> && GivesSession<const LanguageModel&>);
static_assert(!GivesSession<LanguageModel> && !GivesSession<const LanguageModel>, "the session would dangle");
template <class Given>
concept GivesSpans = requires(Given session) {
  std::forward<Given>(session).step(0);
}
|| requires(Given session) { std::forward<Given>(session).state(0, 0); };
static_assert(GivesSpans<Session&>);
static_assert(!GivesSpans<Session>, "the numbers would dangle");
static_assert(std::is_same_v<decltype(std::declval<LanguageModel>().options()), LanguageModelOptions>);
static_assert(std::is_same_v<decltype(std::declval<SequenceModel>().options()), SequenceModelOptions>);

constexpr std::size_t kVocabulary = 11;

std::vector<float> run(Session& session, std::span<const int> tokens) {
  std::vector<float> all;
  for (const int token : tokens) {
    const std::span<const float> logits = session.step(token);
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

// Of what a stack carries: several states, windows of inputs, states that are learned, connections.
class SavedSession : public testing::TestWithParam<LanguageModelOptions> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, SavedSession,
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

TEST_P(SavedSession, RepeatsTheSameBits) {
  const LanguageModel model = LanguageModel::untrained(GetParam(), kVocabulary);
  const std::vector<int> first = {1, 2, 3, 4, 5}, rest = {6, 1, 10, 0, 3, 3}, other = {9, 8, 7};
  Session session = model.session();
  const SessionState fresh = session.save();
  run(session, first);
  const SessionState saved = session.save();
  const std::vector<float> expected = run(session, rest);

  run(session, other);
  session.restore(saved);
  EXPECT_EQ(run(session, rest), expected);
  session.restore(saved);  // it has not changed
  EXPECT_EQ(run(session, rest), expected);

  const SessionState copy = saved;
  Session another = model.session();
  run(another, other);
  another.restore(copy);
  EXPECT_EQ(run(another, rest), expected);

  const std::vector<float> from_the_start = run(session, first);
  session.restore(fresh);
  run(session, first);
  EXPECT_EQ(run(session, rest), expected);
  EXPECT_NE(from_the_start, expected);
}

TEST(Session, StatesOfOtherModelsAreRefused) {
  const LanguageModel model = LanguageModel::untrained({{.layers = 2, .hidden = 4}}, kVocabulary);
  const auto refuses = [&](const SessionState& state) {
    Session session = model.session();
    EXPECT_THROW(session.restore(state), Error);
  };
  refuses({});
  // Each has as many numbers in all as the model's.
  for (const LanguageModelOptions& options : {LanguageModelOptions{{.layers = 1, .hidden = 8}},
                                              LanguageModelOptions{{.cell = "gru", .layers = 4, .hidden = 4}},
                                              LanguageModelOptions{{.cell = "gru", .layers = 2, .hidden = 8}}}) {
    const LanguageModel other = LanguageModel::untrained(options, kVocabulary);
    refuses(other.session().save());
  }
  const LanguageModel larger = LanguageModel::untrained({{.layers = 2, .hidden = 4}}, kVocabulary + 1);
  refuses(larger.session().save());
}

TEST(Session, AStateOfTheSameModelLoadedAgainIsTaken) {
  const LanguageModelOptions options{{.layers = 2, .hidden = 4}};
  const LanguageModel one = LanguageModel::untrained(options, kVocabulary);
  const LanguageModel same = LanguageModel::untrained(options, kVocabulary);
  const std::vector<int> tokens = {1, 2, 3};
  Session session = one.session(), again = same.session();
  run(session, tokens);
  again.restore(session.save());
  EXPECT_EQ(run(again, tokens), run(session, tokens));
}

TEST(Session, AMovedModelKeepsItsSessions) {
  LanguageModel model = LanguageModel::untrained({{.layers = 1, .hidden = 4}}, kVocabulary);
  Session session = model.session();
  const std::vector<int> tokens = {1, 2, 3};
  const std::vector<float> expected = run(session, tokens);
  const LanguageModel moved = std::move(model);
  session.reset();
  EXPECT_EQ(run(session, tokens), expected);
}

}  // namespace
}  // namespace recur
