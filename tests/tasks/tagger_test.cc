// A tagger's loss and gradients, and what it learns.

#include <gtest/gtest.h>

#include "recur/model.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::tagger_test {
namespace {

constexpr const char* kSentences = "the O\nold B-x\ncats I-x\n\nthe O\ncat B-x\n\nold B-x\n";

struct Variant {
  bool crf;
  const char* letter_cell;
};

TagOptions small(const Variant& variant) {
  TagOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.words.min_count = 1;
  o.embedding = 2;
  o.letter_cell = variant.letter_cell;
  o.letter_hidden = 2;
  o.letter_embedding = 2;
  o.crf = variant.crf;
  return o;
}

class Taggers : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Taggers,
                         testing::Values(Variant{true, "lstm"}, Variant{true, "none"}, Variant{false, "tdnn"},
                                         Variant{false, "none"}),
                         [](const auto& test) {
                           const std::string letters = test.param.letter_cell;
                           return std::string(test.param.crf ? "crf_" : "each_") +
                                  (letters == "tdnn" ? "window" : letters);
                         });

TEST_P(Taggers, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  RecordsCase t(small(GetParam()), kSentences);
  // Where the largest output of a window changes, a difference means nothing: a small step meets fewer such places.
  const float step = std::string(GetParam().letter_cell) == "tdnn" ? 0x1p-11F : 0x1p-7F;
  expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, step);
}

// The mean is over the tags that are known.
TEST_P(Taggers, GradientsOfUnknownTagsAgreeWithDifferences) {
  const WithThreads one(1);
  RecordsCase t(small(GetParam()), kSentences);
  t.records = t.read("the ?\ncat O\nsat ?\n\na ?\n\n");
  t.batch = t.longest_records();
  ASSERT_EQ(t.loss(t.batch).predictions, 1U);
  const float step = std::string(GetParam().letter_cell) == "tdnn" ? 0x1p-11F : 0x1p-7F;
  expect_gradients(t.mean_loss(), t.values(), 1e-3, 1, step);
}

TEST_P(Taggers, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  RecordsCase t(small(GetParam()), kSentences);
  double alone = 0;
  for (const std::size_t record : t.batch) alone += t.loss({record}).nats;
  EXPECT_NEAR(t.loss(t.batch).nats, alone, 1e-5);
}

// Data that changed since a training began.
TEST_P(Taggers, LearnsChunks) {
  const TempFolder folder;
  std::string data;
  for (int i = 0; i < 30; ++i) {
    data +=
        "a O\nred B-thing\nhouse I-thing\nis O\nhere O\n\nmy O\ncat B-thing\nsaw O\nan O\nold B-thing\ndog I-thing\n\n";
  }
  Job job;
  job.data = folder.write("data", data);
  job.model = folder.file("m.safetensors");
  TagOptions options = small(GetParam());
  options.network.hidden = 8;
  options.embedding = 6;
  job.task = options;
  job.training.epochs = 15;
  job.training.batch = 8;
  job.training.schedule.learning_rate = 0.02F;
  TrainingResult result;
  const Model model = Model::train(job, {}, {}, &result);
  EXPECT_EQ(std::string(result.measure), "f1");
  EXPECT_EQ(result.best_measure, 1.0);
  std::string out = predicted_lines(model, folder.write("new", "\nmy\nred\tNN\tX\ndog\n\n\nis\n"));
  EXPECT_EQ(out, "\nmy\tO\nred\tB-thing\ndog\tI-thing\n\n\nis\tO\n");
  PredictOptions parts;
  parts.max_length = 2;  // longer sentences are tagged in parts
  out = predicted_lines(model, folder.write("new", "my\nred\ndog\n\nis\n"), parts);
  EXPECT_EQ(std::ranges::count(out, '\n'), 5);
  EXPECT_TRUE(out.ends_with("\n\nis\tO\n")) << out;
}

TEST(Tagger, IsWrongAboutTagsThatItNeverSaw) {
  RecordsCase t(small({true, "none"}), kSentences);
  const auto metrics = t.metrics(*t.read("the O\ncat B-new\n"));
  EXPECT_EQ(metrics["unknown_tags"], 1);
  EXPECT_LE(metrics["accuracy"], 0.5);
}

}  // namespace
}  // namespace recur::tagger_test
