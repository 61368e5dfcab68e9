// What a tagger reads of words, and that neither threads nor company change its tags.
#include <gtest/gtest.h>

#include <cmath>

#include "support/records.h"

namespace recur::tagger_words_test {
namespace {

constexpr const char* kSentences =
    "ab\tB-X\nba\tI-X\nab\tO\n\n"
    "c  x  O\nab x B-Y\n\n\n"
    "abc B-X\n";

struct Kind {
  const char* name;
  bool crf;
  const char* letters;
};

TagOptions small(const Kind& kind) {
  TagOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 2, .bidirectional = true};
  o.words.min_count = 1;
  o.embedding = 2;
  o.crf = kind.crf;
  o.letter_cell = kind.letters;
  o.letter_hidden = 2;
  o.letter_embedding = 2;
  return o;
}

class TaggerKinds : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(All, TaggerKinds,
                         testing::Values(Kind{"crf_lstm", true, "lstm"}, Kind{"crf_none", true, "none"},
                                         Kind{"softmax_lstm", false, "lstm"}, Kind{"softmax_tdnn", false, "tdnn"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(TaggerKinds, TheNumberOfThreadsChangesNoBit) {
  TagOptions options = small(GetParam());
  options.network.hidden = options.letter_hidden = 33;
  options.embedding = 19;
  std::string sentences;
  for (int i = 0; i < 40; ++i) {
    for (int word = 0; word <= i % 11; ++word) {
      sentences += std::string(static_cast<std::size_t>(i * word % 7 + 1), static_cast<char>('a' + word)) + "\t" +
                   "XYZ"[(i + word) % 3] + "\n";
    }
    sentences += "\n";
  }
  RecordsCase c(options, sentences);
  expect_same_on_any_threads(c.mean_loss(), c.values());
}

TEST_P(TaggerKinds, TagsAlikeInAnyCompany) {
  const RecordsCase c(small(GetParam()), kSentences, 2);
  const std::string first = "ab\nba\nnew\n", second = "c\nabc\nab\nab\nab\n";
  const std::vector<std::string> together = c.predict("\n" + first + "\n\n" + second);
  std::vector<std::string> apart = {""};
  for (const std::string& line : c.predict(first)) apart.push_back(line);
  apart.insert(apart.end(), {"", ""});
  for (const std::string& line : c.predict(second)) apart.push_back(line);
  EXPECT_EQ(together, apart);
  EXPECT_EQ(together.size(), 11U);
}

TEST(TaggerWords, ReadsLettersInBothDirectionsOrOverAWindow) {
  const auto letters = [](const char* cell) {
    const RecordsCase c(small({"", true, cell}), kSentences);
    const auto stacks = c.network->stacks();
    EXPECT_EQ(stacks.at(1).first, "letters");
    return stacks.at(1).second->directions();
  };
  EXPECT_EQ(letters("lstm"), 2U);
  EXPECT_EQ(letters("gru"), 2U);
  EXPECT_EQ(letters("tdnn"), 1U);
  EXPECT_EQ(RecordsCase(small({"", true, "none"}), kSentences).network->stacks().size(), 1U);
}

// The words are all unknown; with letters they are not all alike.
TEST(TaggerWords, UnknownWordsDifferByTheirLetters) {
  const auto scores = [](const char* letters, const std::string& word) {
    RecordsCase c(small({"", false, letters}), kSentences);
    c.records = c.read(word + " O\n");
    return c.loss({0}).nats;
  };
  EXPECT_EQ(scores("none", "cab"), scores("none", "bac"));
  EXPECT_NE(scores("lstm", "cab"), scores("lstm", "bac"));
  EXPECT_NE(scores("tdnn", "cab"), scores("tdnn", "bac"));
  EXPECT_NE(scores("lstm", "cab"), scores("lstm", "CAB"));  // of which no letter is known
}

TEST(TaggerWords, LooksWordsUpInLowerCaseAndReadsLettersAsTheyAre) {
  const auto score = [](const char* letters, const std::string& word) {
    TagOptions o = small({"", false, letters});
    o.words.lowercase = true;
    RecordsCase c(o, std::string(kSentences) + "\nAB O\n");
    c.records = c.read(word + " O\n");
    return c.loss({0}).nats;
  };
  EXPECT_EQ(score("none", "AB"), score("none", "ab"));
  EXPECT_NE(score("lstm", "AB"), score("lstm", "ab"));
}

TEST(TaggerWords, ColumnsAreTheFirstAndTheLast) {
  const RecordsCase c(small({"", true, "none"}), kSentences);
  const Records& records = *c.records;
  EXPECT_EQ(c.column(0).distinct, (std::vector<std::string>{"ab", "ba", "c", "abc"}));
  EXPECT_EQ(records.lengths, (std::vector<std::uint32_t>{3, 2, 1}));
  // In order: B-X B-Y I-X O
  EXPECT_EQ(std::vector<int>(c.column(1).ids[1].begin(), c.column(1).ids[1].end()), (std::vector<int>{3, 1}));
}

TEST(TaggerWords, CountsWhatIsCutOrDropped) {
  const RecordsCase c(small({"", true, "none"}), kSentences);
  const InputFile file(c.folder.write("d", kSentences));
  ReadOptions options;
  options.length = {2, false};
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->cut, 1U);
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->lengths, (std::vector<std::uint32_t>{2, 2, 1}));
  options.length.drop = true;
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->dropped, 1U);
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->lengths, (std::vector<std::uint32_t>{2, 1}));
  // Nothing is lost where there is a line of output for each word.
  options.answers = false;
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->lengths, (std::vector<std::uint32_t>{2, 1, 2, 1}));
}

TEST(TaggerWords, CountsTheLongSentencesOfItsPartOnly) {
  const RecordsCase c(small({"", true, "none"}), kSentences);
  std::string sentences;
  for (int i = 0; i < 40; ++i) sentences += "a O\nb O\nc O\n\n";
  const InputFile file(c.folder.write("d", sentences));
  ReadOptions options;
  options.length.most = 2;
  options.held_out.assign(40, false);
  options.held_out[3] = options.held_out[30] = true;
  options.part = RecordPart::training;
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->cut, 38U);
  options.part = RecordPart::held_out;
  EXPECT_EQ(read_records(c.network->fields(), {file, {}}, options)->cut, 2U);
}

TEST(TaggerWords, IsWrongAboutTagsThatItDoesNotKnow) {
  RecordsCase c(small({"", true, "none"}), kSentences);
  c.records = c.read("ab B-Z\nba I-Z\nab O\n");
  const auto metrics = c.metrics(*c.records);
  EXPECT_EQ(metrics["unknown_tags"], 2);
  EXPECT_LE(metrics["accuracy"], 1.0 / 3);
  EXPECT_EQ(metrics["f1"], 0);
  EXPECT_EQ(metrics["recall"], 0);
}

// The loss of a sentence of which some tags are unknown is that of all tags that these may be.
TEST_P(TaggerKinds, LosesWithoutTagsThatItDoesNotKnow) {
  RecordsCase c(small(GetParam()), kSentences, 2);
  const auto loss = [&](const std::string& text) {
    const auto records = c.read(text + "\nab O\n");  // data of unknown tags alone are refused
    Tape tape(false);
    return c.loss_on(tape, *records, {0}, Noise::silent());
  };
  double probability = 0, second = 0;
  for (const std::string first : {"B-X", "B-Y", "I-X", "O"}) {
    probability += std::exp(-loss("ab " + first + "\nba O\n").nats);
    for (const std::string last : {"B-X", "B-Y", "I-X", "O"}) {
      if (last == "O") continue;
      second += std::exp(-loss("ab " + first + "\nba " + last + "\n").nats);
    }
  }
  EXPECT_NEAR(probability + second, 1, 1e-5);
  const LossSum known = loss("ab NEW\nba O\n");
  EXPECT_NEAR(std::exp(-known.nats), probability, 1e-5);
  EXPECT_EQ(known.predictions, 1U);
  EXPECT_EQ(loss("ab NEW\nba NEW\n").predictions, 0U);
  EXPECT_EQ(loss("ab NEW\nba NEW\n").nats, 0);
}

// A chunk of a type that the model does not know is one that it should have found.
TEST(TaggerWords, UnknownChunksCountInRecall) {
  RecordsCase c(small({"", true, "none"}), kSentences, 2);
  std::string predicted;
  for (const std::string& line : c.predict("ab\nba\nc\nabc\nab\n")) predicted += line + "\n";
  const auto score = [&](const std::string& text) {
    const auto records = c.read(text);
    return c.metrics(*records);
  };
  ASSERT_EQ(score(predicted)["recall"], 1) << predicted;
  EXPECT_LT(score(predicted + "\nab B-Z\n")["recall"], 1) << predicted;
}

}  // namespace
}  // namespace recur::tagger_words_test
