// What language models of one text write and score: recur sample, predict, rescore, and train lm --sample-every.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/texts.h"

namespace recur::write_test {
namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

ProgramResult piped(const Arguments& arguments, const std::string& input) {
  ProgramOptions options;
  options.input = input;
  return run_program(arguments, options);
}

TEST(SampleCommand, WritesSeveralTextsWithFormFeedsBetween) {
  const TrainedModel m;
  const Arguments sample = {"sample", m.model, "--length", "30", "--prompt", "the"};
  std::string expected;
  for (const char* seed : {"4", "5", "6"}) {
    const std::string alone = run_program(with(sample, {"--seed", seed})).out;
    expected += (expected.empty() ? "" : "\f\n") + alone + (alone.ends_with('\n') ? "" : "\n");
  }
  const ProgramResult together = run_program(with(sample, {"--seed", "4", "--n", "3"}));
  EXPECT_EQ(together.out, expected) << together.err;
  EXPECT_EQ(run_program(with(sample, {"--seed", "4", "--n", "1"})).out, run_program(with(sample, {"--seed", "4"})).out);
}

// Where answers may have several lines, as when something else than a line ends them.
TEST(SampleCommand, AnswersOfSeveralLinesHaveFormFeedsBehindThem) {
  const TrainedModel m({"--epochs", "12", "--lr", "0.02"});
  const Arguments talk = {"sample", m.model, "--interactive", "--length", "40"};
  EXPECT_EQ(piped(talk, "the\nand\n").out.find('\f'), std::string::npos);
  const std::string stopped = piped(with(talk, {"--stop", "zz"}), "the\nand\n").out;
  EXPECT_TRUE(stopped.ends_with("\n\f\n")) << stopped;
  EXPECT_EQ(std::ranges::count(stopped, '\f'), 2);
}

TEST(SampleCommand, WarnsOfFormFeedsThatAModelWritesItself) {
  const TempFolder folder;
  std::string pages;
  for (int i = 0; i < 60; ++i) pages += "one\n\f\ntwo\n";
  const std::string model = folder.file("m.safetensors");
  ASSERT_EQ(train(folder.write("pages", pages), model).code, 0);
  const Arguments sample = {"sample", model, "--n", "2", "--length", "9"};
  EXPECT_TRUE(
      run_program(sample).complains("m.safetensors: writes form feeds of its own, besides those between texts"));
  const ProgramResult without = run_program(with(sample, {"--ban", "\\x0c"}));
  EXPECT_EQ(without.err, "");
  EXPECT_EQ(std::ranges::count(without.out, '\f'), 1);
}

TEST(SampleCommand, TalksALineAtATime) {
  const TrainedModel m({"--epochs", "12", "--lr", "0.02"});
  const Arguments how = {"--temperature", "0", "--length", "40"};
  const ProgramResult answers = piped(with({"sample", m.model, "--interactive"}, how), "the cat\nand\n\nthe");
  ASSERT_EQ(answers.code, 0) << answers.err;
  const std::vector<std::string> lines = lines_of(answers.out);
  ASSERT_EQ(lines.size(), 4U) << answers.out;
  // Each is what a prompt of all that both wrote gets.
  std::string whole;
  for (std::size_t i = 0; i < 4; ++i) {
    whole += std::array{"the cat", "and", "", "the"}[i];
    const Arguments alone = {"sample", m.model, "--stop", "\n", "--prompt", whole};
    const std::string both = run_program(with(alone, how)).out;
    EXPECT_EQ(whole + lines[i], both) << i;
    whole += lines[i] + (lines[i].size() < 40 ? "\n" : "");
  }
}

TEST(SampleCommand, AnswersLinesOnAfterOneThatItCannotRead) {
  const TrainedModel m;
  const Arguments talk = {"sample", m.model, "--interactive", "--length", "10"};
  const ProgramResult answers = piped(talk, "the\nX\nand\n");
  EXPECT_EQ(answers.code, 1);
  EXPECT_TRUE(answers.complains("prompt: the model never saw the character \"X\"")) << answers.err;
  const std::vector<std::string> lines = lines_of(answers.out), without = lines_of(piped(talk, "the\nand\n").out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], without[0]);
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[2], without[1]);
}

TEST(SampleCommand, ReadsAPromptAsItReadsFiles) {
  const TrainedModel m;
  const Arguments how = {"sample", m.model, "--prompt", "-", "--length", "10"};
  EXPECT_EQ(piped(how, "\xEF\xBB\xBFthe").out, piped(how, "the").out);
  EXPECT_EQ(piped(how, "the").code, 0);
}

TEST(SampleCommand, RefusesWhatDoesNotGoTogether) {
  const TrainedModel m;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--interactive", "--prompt", "a"}, "--prompt: does not go with --interactive"},
      {{"--interactive", "--n", "2"}, "--n: does not go with --interactive"},
      {{"--repetition-window", "5"}, "--repetition-window: only goes with --repetition-penalty"},
      {{"--repetition-penalty", "0.5"}, "--repetition-penalty: expected a number from 1 to 100"},
      {{"--min-p", "1.5"}, "--min-p: expected a number from 0 to 1"},
      {{"--ban", "the"}, "--ban: expected a token of the model's vocabulary, got \"the\""},
      {{"--only", "X"}, "--only: expected a token of the model's vocabulary, got \"X\""},
      {{"--stop", ""}, "--stop: expected a text, got an empty one"},
      {{"--n", "0"}, "--n: expected"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = run_program(with({"sample", m.model}, flags));
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
}

TEST(SampleCommand, TakesAllThatChoosesTokens) {
  const TrainedModel m;
  const ProgramResult only =
      run_program({"sample", m.model, "--only", "t", "--only", "a", "--ban", "a", "--length", "20", "--min-p", "0.1",
                   "--repetition-penalty", "1.3", "--repetition-window", "4"});
  EXPECT_EQ(only.out, std::string(20, 't')) << only.err;
  // Spelled as predict --tokens and messages do.
  EXPECT_EQ(run_program({"sample", m.model, "--only", "\\x0a", "--length", "3"}).out, "\n\n\n");
}

TEST(TrainSamples, ShowTheModelAndChangeNothing) {
  const TrainedModel plain;
  const TempFolder folder;
  const std::string model = folder.file("m.safetensors"), log = folder.file("log");
  const ProgramResult shown = train(plain.text, model, {"--sample-every", "7", "--log", log, "--seed", "1"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_EQ(folder.read("m.safetensors"), plain.folder.read("model.safetensors"));
  const std::uint64_t steps = json::parse(shown.out)["steps"];
  std::vector<std::uint64_t> sampled;
  for (const std::string& line : lines_of(folder.read("log"))) {
    const json entry = json::parse(line);
    if (!entry.contains("sample")) continue;
    sampled.push_back(entry["step"]);
    EXPECT_EQ(entry["sample"].get<std::string>().size(), 200U);
    EXPECT_NE(shown.err.find("step " + std::to_string(sampled.back()) + " writes:\n  "), std::string::npos);
  }
  ASSERT_EQ(sampled.size(), steps / 7);
  for (std::size_t i = 0; i < sampled.size(); ++i) EXPECT_EQ(sampled[i], 7 * (i + 1));
}

TEST(TrainSamples, AreForEachLabelInTurn) {
  const TempFolder folder;
  const std::string data = folder.write("t.tsv", "jig\tabcabc\nreel\tcdcd\njig\tabc\nreel\tcd\n");
  const ProgramResult shown =
      run_program({"train", "lm", "--conditioned", "--data", data, "--valid", data, "--out", folder.file("m"),
                   "--hidden", "6", "--batch", "1", "--epochs", "1", "--sample-every", "1"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  for (const char* line : {"step 1 writes for \"jig\":", "step 2 writes for \"reel\":", "step 3 writes for \"jig\":"}) {
    EXPECT_NE(shown.err.find(line), std::string::npos) << shown.err;
  }
}

// -log probability, tokens, perplexity, unknown.
struct Scored {
  double nats = 0, perplexity = 0;
  std::size_t tokens = 0, unknown = 0;
};
Scored scored(const std::string& line) {
  Scored s;
  EXPECT_EQ(std::sscanf(line.c_str(), "%lf\t%zu\t%lf\t%zu", &s.nats, &s.tokens, &s.perplexity, &s.unknown), 4) << line;
  return s;
}

TEST(PredictCommand, ScoresLinesOfALanguageModelEachForItself) {
  const TrainedModel m({"--epochs", "6", "--lr", "0.02"});
  const ProgramResult three = piped({"predict", m.model, "--data", "-"}, "the cat sat\n\ncat X\n");
  ASSERT_EQ(three.code, 0) << three.err;
  const std::vector<std::string> lines = lines_of(three.out);
  ASSERT_EQ(lines.size(), 3U) << three.out;
  EXPECT_EQ(lines[1], "");
  const Scored first = scored(lines[0]), last = scored(lines[2]);
  EXPECT_EQ(first.tokens, 12U);
  EXPECT_EQ(first.unknown, 0U);
  EXPECT_NEAR(first.perplexity, std::exp(first.nats / 12), 1e-4 * first.perplexity);
  EXPECT_EQ(last.unknown, 1U);
  EXPECT_EQ(lines_of(piped({"predict", m.model, "--data", "-"}, "cat X\n").out)[0], lines[2]);

  const ProgramResult each = piped({"predict", m.model, "--data", "-", "--tokens"}, "at\n\ncat\n");
  std::vector<std::string> tokens;
  double sum = 0;
  for (const std::string& line : lines_of(each.out)) {
    tokens.push_back(line.substr(0, line.find('\t')));
    if (tokens.size() <= 3) sum += std::stod(line.substr(line.find('\t') + 1));
  }
  EXPECT_EQ(tokens, (std::vector<std::string>{"a", "t", "\\x0a", "", "", "c", "a", "t", "\\x0a", ""})) << each.out;
  EXPECT_NEAR(sum, scored(piped({"predict", m.model, "--data", "-"}, "at\n").out).nats, 5e-6);

  // After what stood before, a line is another.
  const ProgramResult running = piped({"predict", m.model, "--data", "-", "--surprise"}, "the cat sat\ncat\n");
  EXPECT_EQ(running.code, 0) << running.err;
  EXPECT_EQ(lines_of(running.out).size(), 2U) << running.out;
}

// What a model has never seen is surprising, too; lines are those of the file.
TEST(PredictCommand, SurprisesCountWhatTheModelDoesNotKnow) {
  const TrainedModel m({"--epochs", "6", "--lr", "0.02"});
  const ProgramResult odd = piped({"predict", m.model, "--data", "-", "--surprise"}, "\nthe cat\nXXXXXX\n\nthe rat\n");
  const std::vector<std::string> lines = lines_of(odd.out);
  ASSERT_EQ(lines.size(), 5U) << odd.out;
  EXPECT_EQ(lines[0], "0.000000\t0");  // nothing comes before it
  EXPECT_TRUE(lines[1].ends_with("\t8"));
  EXPECT_TRUE(lines[2].ends_with("\t7"));
  EXPECT_TRUE(lines[3].ends_with("\t1"));
  EXPECT_GT(std::stod(lines[2]), std::stod(lines[1]));
  EXPECT_TRUE(odd.complains("standard input: 6 tokens that the model has never seen count as if all tokens were"))
      << odd.err;
  EXPECT_EQ(lines_of(piped({"predict", m.model, "--data", "-", "--surprise"}, "XYZ\nX").out).size(), 2U);
}

TEST(PredictCommand, SurprisesOfAWordThatIsSpelledLikeALineEndEndNoLine) {
  const TrainedModel m({"--tokenizer", "word"});
  const ProgramResult lines = piped({"predict", m.model, "--data", "-", "--surprise"}, "the <eos> cat\nthe rat\n");
  ASSERT_EQ(lines_of(lines.out).size(), 2U) << lines.out;
  EXPECT_TRUE(lines_of(lines.out)[0].ends_with("\t3")) << lines.out;  // nothing comes before the first word
}

TEST(PredictCommand, SurprisesOfATextWithoutLinesHaveThoseOfTheFile) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", alphabet(4)), model = folder.file("m.safetensors");
  ASSERT_EQ(train(text, model).code, 0);
  const ProgramResult lines = piped({"predict", model, "--data", "-", "--surprise"}, "0123\n012\n\n01");
  EXPECT_EQ(lines_of(lines.out).size(), 4U) << lines.out;
}

// A text is read in predictions as in training: carriage returns, braces, bytes and all.
TEST(PredictCommand, ReadsLinesOfATextAsTheyStand) {
  const TempFolder folder;
  std::string crlf, log;
  for (int i = 0; i < 40; ++i) {
    crlf += "the cat sat\r\n";
    log += "{\"text\": \"ab\"}\n";
  }
  const std::string windows = folder.file("w.safetensors"), logs = folder.file("j.safetensors");
  ASSERT_EQ(train(folder.write("crlf.txt", crlf), windows, {"--epochs", "8", "--lr", "0.05"}).code, 0);
  const std::string line = lines_of(piped({"predict", windows, "--data", "-"}, "the cat sat\r\n").out).at(0);
  EXPECT_EQ(scored(line).tokens, 13U);
  EXPECT_EQ(scored(line).unknown, 0U);
  EXPECT_LT(scored(line).nats, scored(piped({"predict", windows, "--data", "-"}, "the cat sat\n").out).nats);
  ASSERT_EQ(train(folder.write("log.jsonl", log), logs, {"--epochs", "1"}).code, 0);
  EXPECT_EQ(scored(run_program({"predict", logs, "--data", folder.file("log.jsonl")}).out).tokens, 15U);
  EXPECT_EQ(scored(piped({"predict", logs, "--data", "-"}, "{\"text\": \"ab\"}\n").out).tokens, 15U);
  EXPECT_EQ(scored(piped({"predict", logs, "--data", "-", "--format", "json"}, "{\"text\": \"ab\"}\n").out).tokens, 3U);
}

TEST(PredictCommand, ReadsBytesThatTrainingRead) {
  const TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 80; ++i) {
    bytes += "a\xFF\xFE b\n";
  }
  const std::string model = folder.file("b.safetensors");
  ASSERT_EQ(train(folder.write("bytes", bytes), model, {"--tokenizer", "byte", "--epochs", "1"}).code, 0);
  EXPECT_EQ(scored(piped({"predict", model, "--data", "-"}, "a\xFF\xFE b\n").out).unknown, 0U);
  const ProgramResult talk = piped({"sample", model, "--interactive", "--length", "3"}, "a\xFF\n");
  EXPECT_EQ(talk.code, 0) << talk.err;
}

TEST(PredictCommand, ReadsControlCharactersThatTrainingRead) {
  const TempFolder folder;
  const std::string line("some words a\0b\n", 15), model = folder.file("m.safetensors");
  std::string text;
  for (int i = 0; i < 40; ++i) text += line;
  ASSERT_EQ(train(folder.write("control", text), model, {"--epochs", "1"}).code, 0);
  EXPECT_EQ(scored(piped({"predict", model, "--data", "-"}, line).out).tokens, 15U);
  EXPECT_EQ(scored(run_program({"predict", model, "--data", folder.file("control")}).out).tokens, 15U);
}

TEST(RescoreCommand, FindsAWeightAndUsesIt) {
  const TrainedModel m({"--epochs", "12", "--lr", "0.02"});
  const TempFolder folder;
  const std::string lists = folder.write(
      "n.tsv", "1\t-1\ttac eht no tas\n1\t-1.1\tthe cat sat on mat 1\n3\t-2\tand the rat ran by\n3\t-2.5\tyb nar\n");
  const std::string wanted = folder.write("w.tsv", "eins\tthe cat sat on mat 1\nzwei\t?\ndrei\tand the rat ran by\n");
  const ProgramResult tuned =
      run_program({"rescore", m.model, "--data", lists, "--tune", wanted, "--measure", "exact"});
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  EXPECT_NE(tuned.err.find("best of 1,225 pairs: --weight "), std::string::npos) << tuned.err;
  EXPECT_NE(tuned.err.find("exact 100.00 (without: 50.00)"), std::string::npos) << tuned.err;
  std::string weight = tuned.err.substr(tuned.err.find("--weight ") + 9);
  weight = weight.substr(0, weight.find(' '));
  std::string bonus = tuned.err.substr(tuned.err.find("--length-bonus ") + 15);
  bonus = bonus.substr(0, bonus.find(':'));
  const ProgramResult again =
      run_program({"rescore", m.model, "--data", lists, "--weight", weight, "--length-bonus", bonus});
  EXPECT_EQ(again.out, tuned.out) << again.err;
  const std::vector<std::string> lines = lines_of(again.out);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[0].starts_with("1\t") && lines[0].ends_with("\tthe cat sat on mat 1")) << again.out;
  EXPECT_TRUE(lines[2].starts_with("3\t") && lines[2].ends_with("\tand the rat ran by")) << again.out;

  const std::string strange = folder.write("s.tsv", "1\t-1\tXY\n");
  EXPECT_TRUE(run_program({"rescore", m.model, "--data", strange, "--weight", "1"})
                  .complains("the model does not know 2 of the 3 tokens"));
}

TEST(RescoreCommand, RefusesWhatMakesNoSense) {
  const TrainedModel m;
  const TempFolder folder;
  const std::string lists = folder.write("n.tsv", "1\t-1\ta\n"), wanted = folder.write("w.txt", "a\n");
  const std::pair<Arguments, const char*> cases[] = {
      {{}, "--weight: expected a number, or --tune REFERENCES"},
      {{"--tune", wanted, "--weight", "1"}, "--tune: finds --weight and --length-bonus"},
      {{"--weight", "1", "--measure", "wer"}, "--measure: only goes with --tune"},
      {{"--weight", "-1"}, "--weight: expected a number"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = run_program(with({"rescore", m.model, "--data", lists}, flags));
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
}

}  // namespace
}  // namespace recur::write_test
