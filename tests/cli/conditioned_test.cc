// recur train lm --conditioned, and what sample, predict, eval and info do with its models; every mistake names its
// file and line or flag.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/texts.h"

namespace recur::conditioned_test {
namespace {

using nlohmann::json;

std::string tunes() {
  std::string text;
  for (int i = 0; i < 8; ++i) text += "jig\tabcabc\nreel\tcdcd\n";
  return text;
}

struct Workplace {
  TempFolder folder;
  std::string data = folder.write("tunes.tsv", tunes()), model = folder.file("m.safetensors");

  // A tiny network; the last of a repeated flag counts.
  ProgramResult train(const Arguments& more = {}) const {
    Arguments arguments = {"train",     "lm",   "--conditioned", "--data",   data,      "--valid",  data,
                           "--out",     model,  "--hidden",      "12",       "--batch", "4",        "--embedding",
                           "6",         "--lr", "0.02",          "--epochs", "2",       "--layers", "1",
                           "--dropout", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult sample(const Arguments& more = {}) const {
    Arguments arguments = {"sample", model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult predict(const std::string& text, const Arguments& more = {}) const {
    Arguments arguments = {"predict", model, "--data", folder.write("new.tsv", text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult eval(const std::string& text) const {
    return run_program({"eval", model, "--data", folder.write("new.tsv", text)});
  }
};

TEST(ConditionedCommand, TrainsSamplesScoresAndPredicts) {
  const Workplace w;
  const ProgramResult trained = w.train({"--epochs", "40", "--feed-condition", "--condition-size", "3"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json result = json::parse(trained.out);
  EXPECT_LT(result["best_loss"], 0.1) << trained.err;
  EXPECT_NE(trained.err.find("nats a token"), std::string::npos) << trained.err;

  EXPECT_EQ(w.sample({"--condition", "jig", "--temperature", "0"}).out, "abcabc\n");
  EXPECT_EQ(w.sample({"--condition", "reel", "--temperature", "0"}).out, "cdcd\n");
  EXPECT_EQ(w.sample({"--condition", "reel", "--temperature", "0", "--length", "2"}).out, "cd\n");
  EXPECT_EQ(w.sample({"--condition", "jig", "--temperature", "0", "--prompt", "abca"}).out, "abcabc\n");
  EXPECT_EQ(w.sample({"--condition", "jig", "--temperature", "0", "--stop", "ca"}).out, "ab\n");
  ProgramOptions piped;
  piped.input = "abc\n";
  EXPECT_EQ(run_program({"sample", w.model, "--condition", "jig", "--temperature", "0", "--prompt", "-"}, piped).out,
            "abcabc\n");
  const Arguments hot = {"--condition", "jig", "--temperature", "3", "--seed", "5", "--top-k", "3", "--top-p", "0.9"};
  EXPECT_EQ(w.sample(hot).out, w.sample(hot).out);

  const ProgramResult scored = w.eval("jig\tabcabc\nreel\tcdcdx\n");
  ASSERT_EQ(scored.code, 0) << scored.err;
  const json metrics = json::parse(scored.out);
  EXPECT_EQ(metrics["records"], 2);
  EXPECT_EQ(metrics["tokens"], 13);
  EXPECT_EQ(metrics["unknown"], 1);
  for (const char* name : {"nats_per_token", "bits_per_token", "perplexity"}) {
    EXPECT_TRUE(metrics[name].is_number()) << name;
  }

  const ProgramResult predicted = w.predict("jig\tabcabc\n\nreel\tabcabc\n");
  double right = 0, wrong = 0;
  EXPECT_EQ(std::sscanf(predicted.out.c_str(), "%lf\t7\t%*f\t0\n\n%lf\t7\t%*f\t0\n", &right, &wrong), 2)
      << predicted.out;
  EXPECT_LT(right, wrong);

  const ProgramResult told = run_program({"info", w.model});
  EXPECT_TRUE(told.out.starts_with("conditioned lm, ")) << told.out;
  EXPECT_NE(told.out.find("\"jig\", \"reel\""), std::string::npos) << told.out;
}

TEST(ConditionedCommand, TellsTextsOfSeveralLinesApart) {
  const Workplace w;
  std::string records;
  for (int i = 0; i < 8; ++i) records += "jig,\"ab\nab\"\nreel,cd\n";
  const std::string data = w.folder.write("tunes.csv", "label,text\n" + records);
  ASSERT_EQ(w.train({"--data", data, "--valid", data, "--epochs", "40"}).code, 0);
  EXPECT_EQ(w.sample({"--condition", "jig", "--temperature", "0", "--n", "2"}).out, "ab\nab\n\f\nab\nab\n");
  EXPECT_EQ(w.sample({"--condition", "reel", "--temperature", "0", "--n", "2"}).out, "cd\n\f\ncd\n");
}

TEST(ConditionedCommand, KnowsEveryTokenizerOfRecords) {
  for (const char* tokenizer : {"char", "word", "token", "subword"}) {
    const Workplace w;
    const std::string data = w.folder.write("w.tsv", "a\tthe cat sat\nb\tA dog ran\n");
    Arguments arguments = {"--data", data, "--valid", data, "--tokenizer", tokenizer};
    if (tokenizer == std::string("subword")) arguments = with(arguments, {"--subwords", "24"});
    const ProgramResult trained = w.train(arguments);
    EXPECT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(w.sample({"--condition", "b", "--length", "30"}).code, 0);
  }
}

// The standard differs from that of a language model without conditions.
TEST(ConditionedCommand, HasAStandardOfItsOwn) {
  const Workplace w;
  const ProgramResult trained = run_program(
      {"train", "lm", "--conditioned", "--data", w.data, "--valid", w.data, "--out", w.model, "--epochs", "0"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json options = json::parse(run_program({"info", w.model, "--json"}).out)["model"];
  EXPECT_EQ(options["hidden"], 256);
  EXPECT_EQ(options["layers"], 2);
  EXPECT_EQ(options["embedding"], 64);
  EXPECT_EQ(options["condition-size"], 32);
  EXPECT_EQ(options["feed-condition"], false);
  EXPECT_NEAR(options["dropout"], 0.2, 1e-6);
}

TEST(ConditionedCommand, TakesFlagsFromAFile) {
  const Workplace w;
  const std::string config = w.folder.write("c.toml", "conditioned = true\ncondition-size = 5\nhidden = 7\n");
  const ProgramResult trained = run_program({"train", "lm", "--config", config, "--data", w.data, "--valid", w.data,
                                             "--out", w.model, "--epochs", "1", "--hidden", "9"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json options = json::parse(run_program({"info", w.model, "--json"}).out)["model"];
  EXPECT_EQ(options["condition-size"], 5);
  EXPECT_EQ(options["hidden"], 9);
}

// --resume finds out from the checkpoint what it was.
TEST(ConditionedCommand, ResumedIsAsUnbroken) {
  const Workplace whole, parts;
  const Arguments own = {"--dropout", "0.2", "--embedding-dropout", "0.1",      "--feed-condition",
                         "--layers",  "2",   "--schedule",          "constant", "--epochs",
                         "5"};
  ASSERT_EQ(whole.train(own).code, 0);
  Arguments broken = own;
  broken.insert(broken.end(), {"--steps", "10"});  // of 4 in an epoch
  ASSERT_EQ(parts.train(broken).code, 0);
  const ProgramResult rest = run_program({"train", "lm", "--resume", "--out", parts.model, "--steps", "0"});
  ASSERT_EQ(rest.code, 0) << rest.err;
  EXPECT_EQ(json::parse(rest.out)["steps"], 20);
  EXPECT_EQ(parts.eval(tunes()).out, whole.eval(tunes()).out);
  EXPECT_EQ(parts.predict(tunes()).out, whole.predict(tunes()).out);
}

TEST(ConditionedCommand, ThreadsDoNotChangeTheResult) {
  const Workplace w;
  for (const char* threads : {"1", "2", "3"}) {
    ASSERT_EQ(w.train({"--hidden", "33", "--dropout", "0.1", "--feed-condition", "--threads", threads, "--out",
                       w.folder.file(threads)})
                  .code,
              0);
  }
  EXPECT_EQ(w.folder.read("1"), w.folder.read("2"));
  EXPECT_EQ(w.folder.read("1"), w.folder.read("3"));
}

TEST(ConditionedCommand, CutsLongTextsAndSaysSo) {
  const Workplace w;
  const std::string letters(20'000, 'a');
  const std::string data = w.folder.write("long.tsv", "a\t" + letters + "\nb\tb\n");
  Arguments own = {"--data", data, "--valid", data, "--epochs", "1", "--max-length", "50"};
  const ProgramResult cut = w.train(own);
  EXPECT_EQ(cut.code, 0) << cut.err;
  EXPECT_NE(cut.err.find("long.tsv: 1 over --max-length were cut"), std::string::npos) << cut.err;
  const ProgramResult predicted = w.predict("a\t" + letters + "\n", {"--max-length", "70"});
  EXPECT_NE(predicted.out.find("\t70\t"), std::string::npos) << predicted.out;
  EXPECT_TRUE(predicted.complains("1 over --max-length were cut")) << predicted.err;
  own.push_back("--drop-long");
  const ProgramResult dropped = w.train(own);
  EXPECT_NE(dropped.err.find("1 over --max-length were left out"), std::string::npos) << dropped.err;
}

TEST(ConditionedMisuse, OfDataNamesFileAndLineAndWritesNothing) {
  const Workplace w;
  const std::pair<const char*, const char*> cases[] = {
      {"jig\ta\nabc\n", "bad.tsv: line 2: expected label<TAB>text, got no tab"},
      {"jig\ta\n\n", "bad.tsv: line 2: expected label<TAB>text, got an empty line"},
      {"jig\ta\n\tb\n", "bad.tsv: line 2: expected label<TAB>text, got an empty label"},
      {"jig\ta\nreel\t\n", "bad.tsv: line 2: the text is empty"},
      {"jig\ta\nreel\ta\xff\n", "bad.tsv: line 2: expected UTF-8, got 0xFF"},
      {"", "bad.tsv: no records"},
  };
  for (const auto& [text, message] : cases) {
    const std::string bad = w.folder.write("bad.tsv", text);
    for (const char* flag : {"--data", "--valid"}) {
      const ProgramResult result = w.train({flag, bad});
      EXPECT_EQ(result.code, 1) << message;
      EXPECT_EQ(result.out, "") << message;
      EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
    }
  }
  const std::string one = w.folder.write("bad.tsv", "jig\ta\njig\tb\n"), other = "jig\ta\nwaltz\tb\n";
  EXPECT_TRUE(w.train({"--data", one}).complains("all records have the label \"jig\""));
  EXPECT_TRUE(w.train({"--valid", w.folder.write("bad.tsv", other)})
                  .complains("bad.tsv: line 2: the model has no label \"waltz\"; expected one of \"jig\", \"reel\""));
  EXPECT_EQ(w.folder.list(), (std::set<std::string>{"bad.tsv", "tunes.tsv"}));

  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  EXPECT_TRUE(w.eval(other).complains("new.tsv: line 2: the model has no label \"waltz\""));
  EXPECT_TRUE(w.predict(other).complains("new.tsv: line 2: the model has no label \"waltz\""));
  EXPECT_TRUE(w.predict("abc\n").complains("new.tsv: line 1: expected label<TAB>text, got no tab"));
}

TEST(ConditionedMisuse, OfFlagsThatDoNotFit) {
  const Workplace w;
  const std::pair<Arguments, const char*> with[] = {
      {{"--lines"}, "--lines: does not go with --conditioned"},
      {{"--unroll", "9"}, "--unroll: does not go with --conditioned"},
      {{"--tokenizer", "byte"}, "--tokenizer: expected one of char, word, token, subword, got \"byte\""},
      {{"--learned-state"}, "--learned-state: "},
      {{"--feed-condition", "--embedding", "0"}, "--feed-condition: "},
      {{"--condition-size", "0"}, "--condition-size: expected"},
      {{"--bidirectional"}, "unknown option \"--bidirectional\""},
  };
  for (const auto& [flags, message] : with) {
    const ProgramResult result = w.train(flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
  const std::pair<Arguments, const char*> without[] = {
      {{"--condition-size", "8"}, "--condition-size: only goes with --conditioned"},
      {{"--feed-condition"}, "--feed-condition: only goes with --conditioned"},
      {{"--batch-tokens", "100"}, "--batch-tokens: only goes with --lines or --conditioned"},
      {{"--max-length", "100"}, "--max-length: only goes with --lines or --conditioned"},
      {{"--drop-long"}, "--drop-long: only goes with --lines or --conditioned"},
  };
  for (const auto& [flags, message] : without) {
    const ProgramResult result = train(w.data, w.model, flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
  EXPECT_EQ(w.folder.list(), (std::set<std::string>{"tunes.tsv"}));
  EXPECT_TRUE(run_program({"train", "lm", "--conditioned"}).complains("--data FILE is required"));
}

TEST(ConditionedMisuse, OfSampling) {
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  const std::pair<Arguments, const char*> cases[] = {
      {{}, "--condition: expected the label of what to write, one of \"jig\", \"reel\""},
      {{"--condition", "waltz"}, "--condition: the model has no label \"waltz\"; expected one of \"jig\", \"reel\""},
      {{"--condition", "jig", "--top-p", "2"}, "--top-p: expected"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.sample(flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
  const ProgramResult unknown = w.sample({"--condition", "jig", "--prompt", "abX"});
  EXPECT_EQ(unknown.out, "");
  EXPECT_TRUE(unknown.complains("prompt: the model never saw the char \"X\"")) << unknown.err;
}

TEST(ConditionedMisuse, OfModelsOfAnotherKind) {
  const Workplace w;
  const TrainedModel plain;
  const ProgramResult condition = run_program({"sample", plain.model, "--condition", "jig"});
  EXPECT_EQ(condition.code, 2);
  EXPECT_TRUE(condition.complains("--condition: " + plain.model + " was not trained with recur train lm --conditioned"))
      << condition.err;
  const ProgramResult resumed = run_program({"train", "lm", "--conditioned", "--resume", "--out", plain.model});
  EXPECT_TRUE(
      resumed.complains("a checkpoint of the task language model, which --resume knows; leave out --conditioned"))
      << resumed.err;

  ASSERT_EQ(w.train().code, 0);
  const ProgramResult classify = run_program({"train", "classify", "--resume", "--out", w.model});
  EXPECT_TRUE(classify.complains("a checkpoint of the task conditioned lm; resume with recur train lm"))
      << classify.err;
  EXPECT_TRUE(run_program({"train", "lm", "--resume", "--out", w.model, "--unroll", "9"})
                  .complains("--unroll: does not go with --conditioned"));
}

}  // namespace
}  // namespace recur::conditioned_test
