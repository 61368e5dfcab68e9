// Every mistake is one line on standard error and the right exit code: 1 for what the program was given, 2 for how it
// was called.
#include <gtest/gtest.h>

#include <cmath>

#include "cli/texts.h"
#include "support/saved_models.h"

namespace recur::misuse_test {
namespace {

TEST(Misuse, HelpAndVersionAreResults) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{},
                                                  {"train"},
                                                  {"train", "lm"},
                                                  {"eval"},
                                                  {"sample"},
                                                  {"info"},
                                                  {"inspect"},
                                                  {"inspect", "gradients"},
                                                  {"inspect", "units"},
                                                  {"train", "embed"},
                                                  {"neighbours"},
                                                  {"analogy"},
                                                  {"cells"},
                                                  {"bench"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    const ProgramResult help = run_program(arguments);
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find("Usage: recur"), std::string::npos) << help.out;
  }
  EXPECT_TRUE(run_program({"--version"}).out.starts_with("recur "));
  // Of a switch that is on: so, and how it is turned off, once.
  const std::string tag = run_program({"train", "tag", "--help"}).out;
  EXPECT_NE(tag.find(" first [on; --bidirectional=false]\n"), std::string::npos) << tag;
  EXPECT_NE(tag.find("--crf=false: each for itself [on]\n"), std::string::npos) << tag;
}

TEST(Misuse, AFileHasANameAndIsGivenOnce) {
  const TempFolder folder;
  const std::string data = folder.write("t.txt", rhyme(3)), model = folder.file("m.safetensors");
  EXPECT_TRUE(
      run_program({"train", "lm", "--data", data, "--out", "-"}).complains("--out: a model is written to a file"));
  EXPECT_TRUE(train(data, model, {"--keep", "2", "--log", folder.file("m.epoch-1.safetensors")})
                  .complains("m.epoch-1.safetensors is the name of a model that --keep writes"));
  EXPECT_TRUE(run_program({"train", "lm", "--data", data, "--out", ""})
                  .complains("--out: expected the name of a file, got nothing"));
  EXPECT_TRUE(run_program({"eval", "", "--data", data}).complains("MODEL: expected the name of a file, got nothing"));
  EXPECT_TRUE(train(data, model, {"--config", data, "--config", model})
                  .complains("--config: takes one file, got \"" + data + "\" and \"" + model + "\""));
  for (const std::string& log : {model, folder.file("m.last.safetensors"), folder.path() + "/./m.safetensors"}) {
    EXPECT_TRUE(train(data, model, {"--log", log}).complains("--log")) << log;
  }
  EXPECT_TRUE(run_program({"predict", model, "--dat", data}).complains("unknown option \"--dat\""));
}

TEST(Misuse, WithoutACommandTheProgramExplainsItself) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"train"}, {"inspect"}}) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("Usage: recur"), std::string::npos);
  }
  EXPECT_NE(run_program({"train"}).err.find("\n  lm "), std::string::npos);
}

TEST(Misuse, OfCommandsAndFlags) {
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const Case cases[] = {
      {{"foo"}, "unknown command \"foo\"; expected one of train, eval"},
      {{"--foo"}, "unknown option \"--foo\""},
      {{"train", "foo"}, "unknown command \"foo\"; expected one of lm"},
      {{"train", "lm"}, "--data FILE is required; see recur train lm --help"},
      {{"train", "lm", "--data"}, "--data: expected a value, got none"},
      {{"train", "lm", "--data", "x", "--hiden", "3"}, "unknown option \"--hiden\""},
      {{"train", "lm", "--data", "x", "more\nlines"}, "unexpected argument \"more\\nlines\""},
      {{"train", "lm", "--tied=maybe"}, "--tied: expected no value, or true or false"},
      {{"eval"}, "MODEL is required; see recur eval --help"},
      {{"eval", "x"}, "--data is required"},
      {{"sample"}, "MODEL is required"},
      {{"info"}, "MODEL is required"},
      {{"cells", "lstm"}, "unexpected argument \"lstm\""},
      {{"eval", "train"}, "--data is required"},
      {{"bench", "train", "nonsense"},
       "KIND: expected one of peak, train, infer, stream, ragged, lm, got \"nonsense\""},
      {{"sample", "x", "--top-k", "-1"}, "--top-k: expected a whole number"},
      {{"sample", "x", "--top-p", "0"}, "--top-p: expected a number above 0"},
      {{"sample", "x", "--temperature", "-1"}, "--temperature: expected a number of at least 0"},
  };
  for (const Case& c : cases) {
    const ProgramResult result = run_program(c.arguments);
    EXPECT_EQ(result.code, 2) << c.message;
    EXPECT_EQ(result.out, "") << c.message;
    EXPECT_TRUE(result.complains(c.message)) << "expected " << c.message << ", got " << result.err;
  }
}

TEST(Misuse, OfValues) {
  const std::vector<std::string> cases[] = {
      {"--hidden", "abc"},
      {"--hidden", "0"},
      {"--hidden", "-3"},
      {"--hidden", "3.5"},
      {"--hidden", ""},
      {"--hidden", "99999999999999999999999"},
      {"--layers", "0"},
      {"--batch", "0"},
      {"--unroll", "1e9"},
      {"--embedding", "-1"},
      {"--dropout", "1"},
      {"--dropout", "nan"},
      {"--lr", "0"},
      {"--lr", "inf"},
      {"--lr", "1e99"},
      {"--lr", "0,1"},
      {"--momentum", "1"},
      {"--rmsprop-decay", "-0.1"},
      {"--beta1", "1"},
      {"--beta2", "2"},
      {"--epsilon", "0"},
      {"--weight-decay", "-1"},
      {"--lr-decay", "0"},
      {"--lr-final", "1.1"},
      {"--warmup", "x"},
      {"--clip", "0"},
      {"--init-range", "-1"},
      {"--seed", "-1"},
      {"--threads", "0"},
      {"--time-limit", "10x"},
      {"--time-limit", "m"},
      {"--time-limit", "-5"},
      {"--cell", "lstn"},
      {"--optimizer", "Adam"},
      {"--schedule", "linear"},
      {"--clip-by", "both"},
      {"--tokenizer", "character"},
      {"--min-count", "x"},
  };
  for (const std::vector<std::string>& c : cases) {
    const ProgramResult result = run_program({"train", "lm", "--data", "none", c[0], c[1]});
    EXPECT_EQ(result.code, 2) << c[0] << " " << c[1];
    EXPECT_TRUE(result.complains(c[0] + ": expected ")) << c[0] << " " << c[1] << ": " << result.err;
  }
}

TEST(Misuse, OfFlagsThatNeedAnother) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::pair<Arguments, std::string> cases[] = {
      {{"--momentum", "0.5"}, "--optimizer sgd"},
      {{"--rmsprop-decay", "0.5"}, "--optimizer rmsprop"},
      {{"--optimizer", "sgd", "--beta1", "0.5"}, "--optimizer adam or adamw"},
      {{"--optimizer", "sgd", "--epsilon", "0.5"}, "--optimizer rmsprop or adagrad or adam or adamw"},
      {{"--schedule", "cosine", "--lr-decay", "0.5"}, "--schedule step"},
      {{"--schedule", "constant", "--lr-final", "0.5"}, "--schedule cosine"},
      {{"--clip-by", "none", "--clip", "2"}, "--clip-by norm or value"},
      {{"--average-decay", "0.5"}, "--average ema"},
      {{"--average", "ema", "--average-from", "2"}, "--average swa"},
      {{"--average-patience", "2"}, "--average asgd"},
      {{"--samples", "5"}, "--softmax sampled"},
      {{"--subwords", "50"}, "--tokenizer subword"},
  };
  for (const auto& [flags, need] : cases) {
    const std::string& flag = flags[flags.size() - 2];
    const ProgramResult refused = train(text, folder.file("m"), flags);
    EXPECT_EQ(refused.code, 2) << flag;
    EXPECT_TRUE(refused.complains(flag + ": only goes with " + need)) << flag << ": " << refused.err;
  }
  // Those of a preset may stay beside another choice.
  const ProgramResult preset = train(text, folder.file("m"),
                                     {"--preset", "zaremba-2014-small", "--schedule", "constant", "--hidden", "4",
                                      "--embedding", "4", "--epochs", "0"});
  EXPECT_EQ(preset.code, 0) << preset.err;
}

TEST(Misuse, OfFlagsOfOtherTasksThatNeedAnother) {
  const TempFolder folder;
  const std::string data = folder.write("pairs.tsv", "a b c\ta\nb c d\tb\n");
  const std::vector<std::string> cases[] = {
      {"classify", "--layers", "1", "--every", "2", "--layers 2 or more"},
      {"classify", "--tokenizer", "subword", "--lowercase", "--tokenizer word or token or char"},
      {"translate", "--target-tokenizer", "subword", "--target-lowercase", "--target-tokenizer word or token or char"},
      {"summarize", "--summary-tokenizer", "subword", "--summary-lowercase",
       "--summary-tokenizer word or token or char"},
  };
  for (const std::vector<std::string>& c : cases) {
    Arguments command = {"train", c.front(), "--data", data, "--out", folder.file("m")};
    command.insert(command.end(), c.begin() + 1, c.end() - 1);
    const ProgramResult refused = run_program(command);
    const std::string flag = c[c.size() - 2] == "2" ? "--every" : c[c.size() - 2];
    EXPECT_EQ(refused.code, 2) << flag;
    EXPECT_TRUE(refused.complains(flag + ": only goes with " + c.back())) << flag << ": " << refused.err;
  }
}

TEST(Misuse, OfValuesThatDoNotFitTogether) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const ProgramResult tied = train(text, folder.file("m"), {"--tied", "--embedding", "5"});
  EXPECT_EQ(tied.code, 2);
  EXPECT_TRUE(tied.complains("--tied needs an embedding")) << tied.err;
  const ProgramResult words = train(text, folder.file("m"), {"--min-count", "3"});
  EXPECT_EQ(words.code, 2);
  EXPECT_TRUE(words.complains("--min-count")) << words.err;
}

TEST(Misuse, OfTexts) {
  const TempFolder folder;
  const std::string model = folder.file("m.safetensors");
  struct Case {
    std::string data;
    const char* message;
  };
  const Case cases[] = {
      {folder.file("none.txt"), "none.txt: cannot open"},
      {folder.path(), "not a regular file"},
      {folder.write("empty.txt", ""), "empty.txt is empty"},
      {folder.write("one.txt", "a"), "one.txt: "},
      {folder.write("two.txt", "ab"), "two.txt: "},
      {folder.write("short.txt", "abcabcabc"), "short.txt: "},
      {folder.write("binary.txt", rhyme(40) + "\xff\xfe" + std::string(3, '\0')), "--tokenizer byte"},
      {folder.write("new\nline.txt", ""), "new\\x0aline.txt is empty"},
  };
  for (const Case& c : cases) {
    const ProgramResult result = train(c.data, model);
    EXPECT_EQ(result.code, 1) << c.data;
    EXPECT_EQ(result.out, "") << c.data;
    EXPECT_TRUE(result.complains(c.message)) << c.data << ": " << result.err;
  }
  EXPECT_FALSE(folder.list().contains("m.safetensors"));
  EXPECT_EQ(train(folder.file("binary.txt"), model, {"--tokenizer", "byte"}).code, 0);
}

TEST(Misuse, OfModelFiles) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  struct Case {
    std::string model;
    const char* message;
  };
  const Case cases[] = {
      {text, "text.txt: not a valid model file"},
      {folder.file("none"), "none: cannot open"},
      {folder.path(), "not a regular file"},
      {folder.write("empty", ""), "empty: "},
  };
  for (const Case& c : cases) {
    for (const ProgramResult& result : {run_program({"info", c.model}), run_program({"eval", c.model, "--data", text}),
                                        run_program({"sample", c.model})}) {
      EXPECT_EQ(result.code, 1) << c.model;
      EXPECT_TRUE(result.complains(c.message)) << c.model << ": " << result.err;
    }
  }
}

TEST(Misuse, PromptWithAnUnseenCharacterNamesIt) {
  const TrainedModel m;
  const ProgramResult sample = run_program({"sample", m.model, "--prompt", "the caté"});
  EXPECT_EQ(sample.code, 1);
  EXPECT_EQ(sample.out, "");
  EXPECT_TRUE(sample.complains("\"é\" (U+00E9)")) << sample.err;
}

TEST(Misuse, TheTextIsNeverWrittenOver) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const ProgramResult out = train(text, text);
  EXPECT_EQ(out.code, 2);
  EXPECT_TRUE(out.complains("--out: would write over the input")) << out.err;
  const ProgramResult log = train(text, folder.file("m"), {"--log", text});
  EXPECT_EQ(log.code, 2);
  EXPECT_TRUE(log.complains("--log: would write over the input")) << log.err;
  EXPECT_EQ(folder.read("text.txt"), rhyme(40));
}

TEST(Misuse, DivergenceNamesTheStepAndLeavesTheCheckpoint) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::string model = folder.file("m.safetensors");
  const ProgramResult result = train(text, model, {"--lr", "1e38", "--clip-by", "none", "--optimizer", "sgd"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("\nrecur: training diverged: the "), std::string::npos) << result.err;
  const ProgramResult again = run_program({"train", "lm", "--resume", "--out", model});
  EXPECT_EQ(again.code, 1) << again.err;
  EXPECT_NE(again.err.find("training diverged"), std::string::npos) << again.err;
}

TEST(Misuse, ATextOfOneCharacterIsNotScored) {
  const TrainedModel m;
  const std::string one = m.folder.write("one.txt", "c");
  const ProgramResult result = run_program({"eval", m.model, "--data", one});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(result.complains(one + ": expected at least 2 tokens, one to predict from the other, got 1; give more"))
      << result.err;
}

TEST(Misuse, OfFoldersForTheModel) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const ProgramResult result = train(text, folder.file("none/m.safetensors"));
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("none/m.last.safetensors: cannot create"), std::string::npos) << result.err;
  const ProgramResult log = train(text, folder.file("m.safetensors"), {"--log", folder.file("none/log")});
  EXPECT_EQ(log.code, 1);
  EXPECT_NE(log.err.find("none/log: cannot open"), std::string::npos) << log.err;
}

TEST(Misuse, OfStandardOutput) {
  const TrainedModel m;
  const std::vector<std::vector<std::string>> commands = {
      {"sample", m.model, "--length", "50"}, {"eval", m.model, "--data", m.text}, {"info", m.model}, {"--help"}};
  for (const auto& command : commands) {
    const ProgramResult closed = run_program(command, {.input = "", .output = ProgramOutput::closed_pipe, .watch = {}});
    EXPECT_EQ(closed.code, 0) << command[0];
    EXPECT_EQ(closed.err, "") << command[0];
    const ProgramResult full = run_program(command, {.input = "", .output = ProgramOutput::full_device, .watch = {}});
    EXPECT_EQ(full.code, 1) << command[0];
    EXPECT_TRUE(full.complains("standard output: No space left on device")) << command[0] << ": " << full.err;
  }
}

// A model of numbers that are none, and one whose results are none: one line, and no result beside it.
TEST(Misuse, ModelsWhoseNumbersAreNone) {
  const TrainedModel m;
  const std::vector<Arguments> commands = {{"eval", m.model, "--data", m.text},
                                           {"sample", m.model},
                                           {"inspect", "gradients", m.model, "--data", m.text},
                                           {"inspect", "units", m.model, "--data", m.text}};
  const auto expect_all = [&](float value, const std::string& message) {
    EditedFile file(m.model);
    for (float& weight : file.floats("output.weight")) weight = value;
    for (float& bias : file.floats("output.bias")) bias = value;
    file.write(m.model);
    for (const Arguments& command : commands) {
      if (command[1] == "units" && std::isfinite(value)) continue;  // does not look at the output
      const ProgramResult result = run_program(command);
      EXPECT_EQ(result.code, 1) << command[0];
      EXPECT_TRUE(result.complains(message)) << command[0] << ": " << result.err;
      const bool may_have_begun = command[0] == "sample" && std::isfinite(value);
      EXPECT_TRUE(may_have_begun || result.out.empty()) << command[0] << ": " << result.out;
    }
  };
  expect_all(std::nanf(""), m.model + ": tensor \"output.");
  expect_all(3e38F, "is not a finite number");
}

}  // namespace
}  // namespace recur::misuse_test
