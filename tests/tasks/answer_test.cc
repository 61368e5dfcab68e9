// Networks that answer questions: what is known of a record before its text is read.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/label_field.h"
#include "recur/types/error.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::answer_test {
namespace {

AnswerOptions small(AnswerKind kind = AnswerKind::read) {
  AnswerOptions o;
  o.kind = kind;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.embedding = 2;
  return o;
}

// Questions that are longest where the stories are shortest.
constexpr const char* kStories =
    "{\"story\": \"ann is in the hall . bob went out\", \"question\": \"where is ann\", \"answer\": \"hall\"}\n"
    "{\"story\": \"ann ate\", \"question\": \"who ate it all up again\", \"answer\": \"ann\"}\n"
    "{\"story\": \"bob ran home\", \"question\": \"who\", \"answer\": \"bob\"}\n"
    "{\"story\": \"bob is here\", \"question\": \"is bob here\", \"answer\": \"hall\"}\n";
constexpr const char* kCandidates =
    "who ate\tann ate the cake all alone\t1\nwho ate\tbob ran\t0\nwhere is he\the is here\t1\nwhere is he\tno\t0\n";

TEST(Answers, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  for (const bool bidirectional : {true, false}) {
    for (const bool match : {true, false}) {
      AnswerOptions options = small();
      options.network.bidirectional = bidirectional;
      options.match = match;
      RecordsCase c(options, kStories);
      expect_gradients(c.mean_loss(), c.values(), 1e-3);
    }
  }
}

// Of question and story only each second step reaches the second layer.
TEST(Answers, GradientsAgreeWithDifferencesWhereStepsAreLeftOut) {
  const WithThreads one(1);
  AnswerOptions options = small();
  options.network.layers = 2;
  options.network.every = 2;
  RecordsCase c(options, kStories);
  expect_gradients(c.mean_loss(), c.values(), 1e-3);
}

TEST(Answers, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  for (const AnswerKind kind : {AnswerKind::read, AnswerKind::choose}) {
    const RecordsCase c(small(kind), kind == AnswerKind::read ? kStories : kCandidates);
    double alone = 0;
    for (const std::size_t record : c.batch) alone += c.loss({record}).nats;
    EXPECT_NEAR(c.loss(c.batch).nats, alone, 1e-5);
  }
}

// Question and story share words: one table, one vocabulary.
TEST(Answers, QuestionAndStoryShareTheirWords) {
  const RecordsCase c(small(), kStories);
  std::size_t tables = 0;
  for (const auto& declared : c.network->parameters().declarations())
    tables += declared.name.ends_with("embedding.weight");
  EXPECT_EQ(tables, 1U);
  EXPECT_EQ(c.network->fields()[0]->vocabulary(), c.network->fields()[1]->vocabulary());
  // Words of the questions are not unknown.
  EXPECT_EQ(c.column(1).missing, 0U);
}

// What a match says is all that this network is told of the words.
TEST(Answers, MatchesAreSeen) {
  AnswerOptions options = small();
  options.match = true;
  const RecordsCase c(options, kStories);
  Tape tape(false);
  const auto input = make_input(MatchSpec{"story", "question"}, c.network->fields(), {}, c.network->parameters(), "");
  const std::vector<std::size_t> which = {0, 3};
  const Batch batch = make_batch(c.network->fields(), *c.records, which);
  const Sequence x = input->read({tape, c.network->parameters(), Noise::silent()}, batch);
  // Time by time: ann/bob, is/is, in/here, the, hall, ...
  const float* got = tape.value(x.values).data;
  EXPECT_EQ(std::vector<float>(got, got + 9), (std::vector<float>{1, 1, 1, 1, 0, 1, 0, 0, 0}));
}

TEST(Answers, CandidatesAreRankedByQuestion) {
  const RecordsCase c(small(AnswerKind::choose), kCandidates);
  const auto metrics = c.metrics(*c.records);
  EXPECT_EQ(metrics["questions"], 2);
  EXPECT_EQ(metrics["without_right"], 0);
  EXPECT_GE(metrics["map"], 0.5);
  EXPECT_EQ(c.metrics(*c.read("who ate\tbob ran\t0\nwho ate\tno\t0\nwhere is he\the is here\t1\n"))["without_right"],
            1);
}

// What is right is one of the labels, whatever their order; labels that the model lacks are counted.
TEST(Answers, TheRightLabelIsKnownByItsName) {
  const RecordsCase c(small(AnswerKind::choose),
                      "who ate\tann ate it\tright\nwho ate\tbob ran\twrong\nwhere\tno\twrong\n");
  const auto metrics = c.metrics(*c.records);
  EXPECT_EQ(metrics["questions"], 1);
  EXPECT_EQ(metrics["without_right"], 1);
  EXPECT_EQ(metrics["right_label"], "right");
  EXPECT_FALSE(metrics.contains("unknown_labels"));
  EXPECT_EQ(c.metrics(*c.read("who ate\tann ate it\tright\nwho ate\tbob ran\tmaybe\n"))["unknown_labels"], 1);
  EXPECT_TRUE(c.network->fields().back()->describe().ends_with("\"right\" is right"));
}

// In files from before it was written the right label is the last.
TEST(Answers, TheRightLabelOfOlderModelsStays) {
  const FieldSpec spec{"right", LabelSpec{true}, true};
  nlohmann::json configuration = {{"rights", {"right", "wrong"}}};
  EXPECT_EQ(LabelField::read(spec, configuration).right, "wrong");
  const LabelField field(spec, LabelField::Learned{{"right", "wrong"}, "right"});
  field.write(configuration);
  EXPECT_EQ(LabelField::read(spec, configuration).right, "right");
  configuration["right_label"] = "maybe";
  EXPECT_THROW(LabelField::read(spec, configuration), Error);
}

TEST(Answers, OfMoreThanTwoLabelsAreNoChoice) {
  EXPECT_THROW(RecordsCase(small(AnswerKind::choose), "a\tb\t1\na\tc\t0\na\td\t2\n").metrics({}), Error);
}

}  // namespace
}  // namespace recur::answer_test
