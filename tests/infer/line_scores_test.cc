// What a language model of one text says of lines, against a plain loop over its logits.
#include "infer/line_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/temp_folder.h"
#include "support/language.h"
#include "support/streams.h"

namespace recur::line_scores_test {
namespace {

struct LineModel {
  explicit LineModel(const std::string& text, TokenizerKind kind) {
    const TempFolder folder;
    LanguageModelOptions options{{.layers = 2, .hidden = 8}};
    options.tokenizer = kind;
    options.embedding = 5;
    network = std::make_unique<Network>(learn_task(options, InputFile(folder.write("text", text)), nullptr));
    TrainingOptions training;
    training.initial_range = 0.5F;
    network->start(training);
  }
  std::vector<TextScore> scores(const std::vector<std::string>& lines, const PredictOptions& options = {}) const {
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back({{"text", line}});
    const auto read = read_lines(tokenizer_of(*network), RecordData(records), options);
    cut = read->cut;
    std::vector<TextScore> scores(lines.size());
    score_lines(*network, *read, options,
                [&](std::size_t line, Prediction&& score) { scores[line] = std::get<TextScore>(std::move(score)); });
    return scores;
  }
  // -log p of each token behind the first.
  std::vector<double> step_by_step(const std::vector<int>& tokens) const {
    LogitStream stream(*network);
    std::vector<double> nats;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      const std::span<const float> logits = stream.step(tokens[i]);
      double sum = 0;
      for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
      nats.push_back(std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(tokens[i + 1])]));
    }
    return nats;
  }
  int id(std::string_view token) const { return *tokenizer_of(*network).vocabulary().id(token); }

  std::unique_ptr<Network> network;
  mutable std::uint64_t cut = 0;
};

void expect_score(const TextScore& score, const std::vector<double>& nats, const std::vector<std::string>& tokens) {
  ASSERT_EQ(nats.size(), tokens.size());
  ASSERT_EQ(score.of.size(), tokens.size());
  double sum = 0;
  for (std::size_t i = 0; i < nats.size(); ++i) {
    EXPECT_EQ(score.of[i].token, tokens[i]) << i;
    EXPECT_NEAR(score.of[i].nats, nats[i], 1e-5) << i;
    sum += nats[i];
  }
  EXPECT_NEAR(score.nats, sum, 1e-5);
  EXPECT_EQ(score.tokens, tokens.size());
}

TEST(LineScores, AreThoseOfALineBetweenLineEnds) {
  const LineModel m("abcab\ncab\n", TokenizerKind::character);
  const int end = m.id("\n"), a = m.id("a"), b = m.id("b"), c = m.id("c");
  PredictOptions options;
  options.tokens = true;
  const auto scores = m.scores({"ab", "cabba", "b"}, options);
  expect_score(scores[0], m.step_by_step({end, a, b, end}), {"a", "b", "\n"});
  expect_score(scores[1], m.step_by_step({end, c, a, b, b, a, end}), {"c", "a", "b", "b", "a", "\n"});
  expect_score(scores[2], m.step_by_step({end, b, end}), {"b", "\n"});
  EXPECT_EQ(scores[1].unknown, 0U);
  EXPECT_TRUE(m.scores({"ab"})[0].of.empty());
}

TEST(LineScores, OfUnknownCharactersAreAsIfAllWereEquallyProbable) {
  const LineModel m("abcab\ncab\n", TokenizerKind::character);
  const int end = m.id("\n"), a = m.id("a"), b = m.id("b");
  PredictOptions options;
  options.tokens = true;
  const auto scores = m.scores({"xaybz", "xx"}, options);
  const std::vector<double> known = m.step_by_step({end, a, b, end});
  const double each = std::log(4.0);  // a, b, c and the line's end
  expect_score(scores[0], {each, known[0], each, known[1], each, known[2]},
               {"<unk>", "a", "<unk>", "b", "<unk>", "\n"});
  EXPECT_EQ(scores[0].unknown, 3U);
  expect_score(scores[1], {each, each, m.step_by_step({end, end})[0]}, {"<unk>", "<unk>", "\n"});
}

TEST(LineScores, OfWordsCountThoseThatAreUnknown) {
  const LineModel m("to be or <unk> to be\n", TokenizerKind::word);
  const int end = m.id("<eos>"), to = m.id("to"), unknown = m.id("<unk>");
  PredictOptions options;
  options.tokens = true;
  const TextScore score = m.scores({"to sleep"}, options)[0];
  expect_score(score, m.step_by_step({end, to, unknown, end}), {"to", "<unk>", "<eos>"});
  EXPECT_EQ(score.unknown, 1U);
}

TEST(LineScores, OfWhatWasCutHaveNoEnd) {
  const LineModel m("abcab\ncab\n", TokenizerKind::character);
  PredictOptions options;
  options.max_length = 3;
  options.tokens = true;
  const auto scores = m.scores({"abca", "abc"}, options);
  const int end = m.id("\n"), a = m.id("a"), b = m.id("b"), c = m.id("c");
  expect_score(scores[0], m.step_by_step({end, a, b, c}), {"a", "b", "c"});
  expect_score(scores[1], m.step_by_step({end, a, b, c, end}), {"a", "b", "c", "\n"});
  EXPECT_EQ(m.cut, 1U);
}

TEST(LineScores, OfAModelThatKnowsNoLineEndsBeginWithTheSecondToken) {
  const LineModel m("abcab", TokenizerKind::character);
  PredictOptions options;
  options.tokens = true;
  const auto scores = m.scores({"abx", "a"}, options);
  expect_score(scores[0], {m.step_by_step({m.id("a"), m.id("b")})[0], std::log(3.0)}, {"b", "<unk>"});
  EXPECT_EQ(scores[1].tokens, 0U);
}

}  // namespace
}  // namespace recur::line_scores_test
