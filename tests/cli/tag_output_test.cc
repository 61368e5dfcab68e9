// What taggers can be told beside their words and tags, and what predict and eval say of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/temp_folder.h"
#include "cli/metric_table.h"
#include "cli/run_program.h"

namespace recur::tag_output_test {
namespace {

using nlohmann::json;

constexpr const char* kData = "we PR O\neat VB B-VP\nold JJ B-NP\ncats NN I-NP\n\ncats NN B-NP\neat VB B-VP\n\n";

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Tagger {
  TempFolder folder;
  std::string data = folder.write("train.conll", kData);
  std::string model = folder.file("m.safetensors");

  ProgramResult train(const Arguments& more = {}) const {
    return run_program(with({"train", "tag", "--data", data, "--valid", data, "--out", model, "--hidden", "4",
                             "--embedding", "4", "--letter-cell", "none", "--epochs", "1", "--min-count", "1"},
                            more));
  }
  ProgramResult predict(const std::string& text, const Arguments& more = {}) const {
    return run_program(with({"predict", model, "--data", folder.write("new.conll", text)}, more));
  }
  ProgramResult eval(const Arguments& more = {}) const {
    return run_program(with({"eval", model, "--data", data}, more));
  }
};

TEST(TagOutput, HasProbabilitiesAndBestSequences) {
  const Tagger t;
  ASSERT_EQ(t.train({"--constrain"}).code, 0);
  const std::string plain = t.predict("we\neat\n\ncats\n").out;
  std::string stripped;
  for (const std::string& line : lines_in(t.predict("we\neat\n\ncats\n", {"--probabilities"}).out)) {
    const std::size_t last = line.rfind('\t');
    stripped += (line.empty() ? line : line.substr(0, last)) + "\n";
    if (line.empty()) continue;
    const double probability = std::stod(line.substr(last));
    EXPECT_TRUE(probability > 0 && probability <= 1) << line;
  }
  EXPECT_EQ(stripped, plain);
  const std::vector<std::string> best = lines_in(t.predict("we\neat\n\ncats\n", {"--n-best", "2"}).out);
  ASSERT_EQ(best.size(), 13U);  // two times (# and two words) with a gap, a gap, two times (# and a word) with a gap
  EXPECT_EQ(best[1] + "\n" + best[2] + "\n\n" + best[9] + "\n", plain);
  EXPECT_TRUE(best[0].starts_with("# 1\t-"));
  EXPECT_TRUE(best[4].starts_with("# 2\t-"));
}

// The best sequences are of sentences, not of their parts.
TEST(TagOutput, OfBestSequencesIsCutWhereItIsTooLong) {
  const Tagger t;
  ASSERT_EQ(t.train().code, 0);
  const Arguments few = {"--max-length", "2"};
  EXPECT_EQ(lines_in(t.predict("we\neat\ncats\n\ncats\n", few).out).size(), 5U) << "two parts and a sentence";
  const ProgramResult best = t.predict("we\neat\ncats\n\ncats\n", with(few, {"--n-best", "2"}));
  EXPECT_EQ(lines_in(best.out), lines_in(t.predict("we\neat\n\ncats\n", {"--n-best", "2"}).out));
  EXPECT_TRUE(best.complains("new.conll: 1 over --max-length were cut")) << best.err;
}

// Behind a sentence of a format without empty lines comes one, as behind those of CoNLL, and a record that is empty or
// cannot be read is an empty line more.
TEST(TagOutput, HasAnEmptyLineBehindEachSentence) {
  const Tagger t;
  ASSERT_EQ(t.train().code, 0);
  const std::string first = t.predict("we\neat\n").out, second = t.predict("old\ncats\n").out;
  const std::string expected = first + "\n" + second + "\n";
  EXPECT_EQ(t.predict("we\neat\n\nold\ncats\n\n").out, expected);
  const auto predict = [&](const std::string& name, const std::string& text, const Arguments& more = {}) {
    return run_program(with({"predict", t.model, "--data", t.folder.write(name, text)}, more)).out;
  };
  const std::string lines = "{\"words\": [\"we\", \"eat\"]}\n{\"words\": [\"old\", \"cats\"]}\n";
  EXPECT_EQ(predict("a.json", lines), expected);
  EXPECT_EQ(predict("a.txt", "we eat\nold cats\n", {"--format", "lines"}), expected);
  EXPECT_EQ(predict("a.csv", "words\nwe eat\nold cats\n"), expected);
  EXPECT_EQ(predict("b.json", "{\"words\": []}\n{\n" + lines, {"--skip-bad"}), "\n\n" + expected);
  const std::string best = predict("a.json", lines, {"--n-best", "2"});
  EXPECT_EQ(best, t.predict("we\neat\n\nold\ncats\n\n", {"--n-best", "2"}).out);
}

TEST(TagOutput, OfTagsThatTheModelLacksIsNotMeasured) {
  const Tagger t;
  ASSERT_EQ(t.train().code, 0);
  const ProgramResult evaluated =
      run_program({"eval", t.model, "--data", t.folder.write("other.conll", "we Q\neat R\n")});
  EXPECT_TRUE(evaluated.complains("other.conll: the model has none of its tags, the first of which is \"Q\"; expected"))
      << evaluated.err;
}

TEST(TagOutput, RefusesWhatMakesNoSense) {
  const Tagger t;
  ASSERT_EQ(t.train().code, 0);
  const std::pair<Arguments, const char*> cases[] = {
      {{"--n-best", "2", "--probabilities"}, "--probabilities: of the tags of one sequence; leave it out, or --n-best"},
      {{"--beam", "2"}, "--beam: only a model that writes texts has a use for it; this one's task is tag"},
      {{"--scores"}, "--scores: only a model that writes texts has a use for it; this one's task is tag"}};
  for (const auto& [flags, message] : cases) {
    const ProgramResult refused = t.predict("we\n", flags);
    EXPECT_EQ(refused.code, 2) << message;
    EXPECT_TRUE(refused.complains(message)) << refused.err;
  }
  const std::string labels = t.folder.write("c.tsv", "a\tx\nb\ty\n"), other = t.folder.file("c.safetensors");
  ASSERT_EQ(run_program({"train", "classify", "--data", labels, "--valid", labels, "--out", other, "--hidden", "2",
                         "--embedding", "2", "--epochs", "1"})
                .code,
            0);
  for (const Arguments& flags : {Arguments{"--probabilities"}, {"--n-best", "2"}}) {
    const ProgramResult refused = run_program(with({"predict", other, "--data", labels}, flags));
    EXPECT_EQ(refused.code, 2);
    EXPECT_TRUE(refused.complains(flags[0] + ": only a ")) << refused.err;
  }
}

TEST(TagOutput, IsOfTheSchemeThatItIsTold) {
  const Tagger t;
  const ProgramResult trained = t.train({"--scheme", "bioes", "--constrain", "--epochs", "60", "--lr", "0.05",
                                         "--dropout", "0", "--schedule", "constant"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(t.predict("we\neat\nold\ncats\n").out, "we\tO\neat\tS-VP\nold\tB-NP\ncats\tE-NP\n");
  const json metrics = json::parse(t.eval().out);
  EXPECT_EQ(metrics["f1"], 1);
  EXPECT_EQ(metrics["accuracy"], 1);
  EXPECT_EQ(metrics["per_type"]["NP"]["expected"], 2);
  const ProgramResult other = t.train({"--scheme", "bioes", "--columns", "tags=2"});
  EXPECT_TRUE(other.complains("train.conll: line 1: --scheme bioes: expected tags that mark chunks")) << other.err;
}

TEST(TagOutput, SaysHowManySentencesAreInAWrongOrder) {
  const Tagger t;
  const std::string data = t.folder.write("wrong.conll", std::string(kData) + "we PR O\ncats NN I-NP\n\n");
  const ProgramResult trained = t.train({"--data", data, "--constrain"});
  const char* message =
      "wrong.conll: 1 records teach nothing: \"I-NP\" after \"O\", which --constrain leaves out: the tags are bio\n";
  EXPECT_NE(trained.err.find(message), std::string::npos) << trained.err;
}

TEST(TagFeaturesProgram, ReadsThemInTrainingAndPrediction) {
  const Tagger t;
  ASSERT_EQ(t.train({"--features", "1", "--feature-embedding", "3"}).code, 0);
  EXPECT_EQ(t.predict("we PR\neat NEW\n").code, 0);
  const ProgramResult without = t.predict("we\n");
  EXPECT_EQ(without.code, 1);
  EXPECT_TRUE(without.complains("expected a word and its feature1")) << without.err;
  const std::string steps = t.folder.write("steps.json", "{\"sequence\": [[1], [2]], \"tags\": [\"a\", \"b\"]}\n");
  const ProgramResult numbers = t.train({"--data", steps, "--valid", steps, "--features", "1"});
  EXPECT_TRUE(numbers.complains(": is of texts, and ")) << numbers.err;
  EXPECT_TRUE(
      t.train({"--letter-hidden", "3"}).complains("--letter-hidden: only goes with another --letter-cell than none"));
}

// By conlleval's layout: precision, recall and F1 of one of two, one of three, and how many were found.
TEST(ChunkTable, LooksAsConllevalsDoes) {
  const auto rates = [](double precision, double recall, double f1) {
    return nlohmann::ordered_json{{"f1", f1}, {"precision", precision}, {"recall", recall}};
  };
  nlohmann::ordered_json metrics = rates(0.5, 1.0 / 3, 0.4);
  metrics["words"] = 12;
  metrics["accuracy"] = 0.75;
  EXPECT_EQ(metric_table(metrics), "");
  nlohmann::ordered_json np = rates(1, 0.5, 2.0 / 3), vp = rates(0, 0, 0);
  np.update({{"correct", 1}, {"predicted", 1}, {"expected", 2}});
  vp.update({{"correct", 0}, {"predicted", 1}, {"expected", 1}});
  metrics["per_type"] = {{"NP", np}, {"VP", vp}};
  EXPECT_EQ(metric_table(metrics),
            "processed 12 tokens with 3 phrases; found: 2 phrases; correct: 1.\n"
            "accuracy:  75.00%; precision:  50.00%; recall:  33.33%; FB1:  40.00\n"
            "               NP: precision: 100.00%; recall:  50.00%; FB1:  66.67  1\n"
            "               VP: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n");
}

}  // namespace
}  // namespace recur::tag_output_test
