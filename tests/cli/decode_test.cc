// What recur predict and eval do with decoders besides a plain search: ensembles, drawing, words that must come, scores
// of targets, several references.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::decode_test {
namespace {

using nlohmann::json;

constexpr const char* kPairs = "ab\tx y\nba\ty x\naab\tx x y\nb\ty\nabb\tx y y\nbab\ty x y\n";

struct Workplace {
  Workplace() {
    for (const char* seed : {"1", "2"}) {
      const ProgramResult trained = run_program({"train",
                                                 "translate",
                                                 "--data",
                                                 data,
                                                 "--valid",
                                                 data,
                                                 "--out",
                                                 model(seed),
                                                 "--seed",
                                                 seed,
                                                 "--hidden",
                                                 "6",
                                                 "--embedding",
                                                 "4",
                                                 "--epochs",
                                                 "3",
                                                 "--batch",
                                                 "2",
                                                 "--source-tokenizer",
                                                 "char"});
      EXPECT_EQ(trained.code, 0) << trained.err;
    }
  }
  std::string model(const std::string& seed) const { return folder.file(seed + ".safetensors"); }
  ProgramResult run(Arguments arguments, const Arguments& more) const {
    arguments.insert(arguments.begin() + 1, model("1"));
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult predict(const Arguments& more) const { return run({"predict", "--data", data}, more); }
  ProgramResult eval(const Arguments& more = {}) const { return run({"eval", "--data", data}, more); }

  TempFolder folder;
  std::string data = folder.write("pairs.tsv", kPairs);
};

Arguments lines_of(const std::string& text) {
  Arguments lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Numbers of a line's first columns.
std::vector<double> numbers_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<double> numbers;
  for (double number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

TEST(PredictWith, JoinsModels) {
  const Workplace w;
  const ProgramResult alone = w.predict({"--scores"});
  ASSERT_EQ(alone.code, 0) << alone.err;
  EXPECT_EQ(w.predict({"--scores", "--with", w.model("1")}).out, alone.out);
  const ProgramResult both = w.predict({"--scores", "--with", w.model("2")});
  EXPECT_EQ(both.code, 0) << both.err;
  EXPECT_NE(both.out, alone.out);
  const json joined = json::parse(w.eval({"--with", w.model("2"), "--with", w.model("2")}).out);
  // The logarithm of a mean is no less than the mean of logarithms.
  const double first = json::parse(w.eval().out)["nats_per_token"],
               second = json::parse(run_program({"eval", w.model("2"), "--data", w.data}).out)["nats_per_token"];
  EXPECT_LE(joined["nats_per_token"].get<double>(), (first + 2 * second) / 3);
}

TEST(PredictWith, RefusesOtherModels) {
  const Workplace w;
  const std::string texts = w.folder.write("d.tsv", "yes\ta b\nno\tc d\n"), other = w.folder.file("c.safetensors");
  ASSERT_EQ(run_program({"train", "classify", "--data", texts, "--valid", texts, "--out", other, "--hidden", "4",
                         "--embedding", "4", "--epochs", "1"})
                .code,
            0);
  const ProgramResult refused = w.predict({"--with", other});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(refused.complains("c.safetensors: its task is classify, the first one's translate")) << refused.err;
  EXPECT_EQ(refused.out, "");
}

TEST(PredictScore, IsThatOfTheTargets) {
  const Workplace w;
  const ProgramResult scored = w.predict({"--score"});
  ASSERT_EQ(scored.code, 0) << scored.err;
  double nats = 0, tokens = 0;
  for (const std::string& line : lines_of(scored.out)) {
    const std::vector<double> numbers = numbers_of(line);
    ASSERT_EQ(numbers.size(), 4U) << line;
    nats += numbers[0];
    tokens += numbers[1];
    EXPECT_NEAR(numbers[2], std::exp(numbers[0] / numbers[1]), 1e-5);
    EXPECT_EQ(numbers[3], 0);
  }
  EXPECT_EQ(tokens, 20);  // the ends among them
  EXPECT_NEAR(nats / tokens, json::parse(w.eval().out)["nats_per_token"].get<double>(), 1e-5);

  const std::string pairs = w.folder.write("other.tsv", "ab\tx q\n");
  const auto lines = [&](const Arguments& more) {
    Arguments flags = {"predict", w.model("1"), "--data", pairs, "--score"};
    flags.insert(flags.end(), more.begin(), more.end());
    return lines_of(run_program(flags).out);
  };
  EXPECT_TRUE(lines({})[0].ends_with("\t1")) << lines({})[0];
  const Arguments told = lines({"--tokens"});
  ASSERT_EQ(told.size(), 4U);
  EXPECT_TRUE(told[0].starts_with("x\t") && told[1].starts_with("<unk>\t") && told[2].starts_with("</s>\t"));
  EXPECT_EQ(told[3], "");
  for (const char* file : {"gaps.tsv", "gaps.jsonl"}) {
    const bool table = std::string(file).ends_with("tsv");
    const std::string one = table ? "ab\tx q\n" : "{\"source\": \"ab\", \"target\": \"x q\"}\n";
    const std::string gaps = w.folder.write(file, one + "\n" + one);
    const ProgramResult apart = run_program({"predict", w.model("1"), "--data", gaps, "--score"});
    EXPECT_EQ(apart.out, lines({})[0] + "\n\n" + lines({})[0] + "\n") << apart.err;
    EXPECT_EQ(run_program({"eval", w.model("1"), "--data", gaps}).code, 1);
  }
  const ProgramResult without =
      run_program({"predict", w.model("1"), "--data", w.folder.write("s", "ab\n"), "--score"});
  EXPECT_TRUE(without.complains("s: line 1: expected source<TAB>target")) << without.err;
}

TEST(PredictContain, OutputsHaveTheWords) {
  const Workplace w;
  const ProgramResult result = w.predict({"--contain", "y y", "--contain", "x"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Arguments lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 6U);
  for (const std::string& line : lines) {
    EXPECT_NE(line.find("y y"), std::string::npos) << line;
    EXPECT_NE(line.find('x'), std::string::npos) << line;
  }
  EXPECT_TRUE(w.predict({"--contain", "q"}).complains("--contain: \"q\" has a word that the model does not know"));
}

TEST(PredictSample, FollowsFromTheSeed) {
  const Workplace w;
  const Arguments draw = {"--sample", "--n-best", "4", "--temperature", "1.5"};
  const auto sample = [&](const Arguments& more) {
    Arguments flags = draw;
    flags.insert(flags.end(), more.begin(), more.end());
    const ProgramResult result = w.predict(flags);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };
  const std::string first = sample({"--seed", "3"});
  EXPECT_EQ(lines_of(first).size(), 24U);
  EXPECT_EQ(sample({"--seed", "3", "--threads", "2"}), first);
  EXPECT_NE(sample({"--seed", "4"}), first);
  EXPECT_EQ(w.predict({"--sample", "--top-k", "1"}).out, w.predict({"--beam", "1"}).out);
}

TEST(EvalReference, ComparesWithSeveral) {
  const Workplace w;
  const json alone = json::parse(w.eval({"--beam", "1"}).out);
  EXPECT_TRUE(alone["chrf"].is_number());
  // What the model writes is right, too: then all is.
  const std::string outputs = w.folder.write("outputs", w.predict({"--beam", "1"}).out);
  const ProgramResult result = w.eval({"--beam", "1", "--reference", outputs});
  ASSERT_EQ(result.code, 0) << result.err;
  const json metrics = json::parse(result.out);
  EXPECT_EQ(metrics["records"], 6);
  EXPECT_EQ(metrics["references"], 2);
  EXPECT_DOUBLE_EQ(metrics["chrf"].get<double>(), 100);
  EXPECT_NEAR(metrics["nats_per_token"].get<double>(), alone["nats_per_token"].get<double>(), 1e-5);
  // Empty lines are no references.
  const std::string none = w.folder.write("none", "\n\n\n\n\n\n");
  const json as_alone = json::parse(w.eval({"--beam", "1", "--reference", none}).out);
  EXPECT_EQ(as_alone["bleu"], alone["bleu"]);
  EXPECT_EQ(as_alone["chrf"], alone["chrf"]);
  // A source that is white space has an empty output, as in predict.
  const std::string blank = w.folder.write("blank.tsv", std::string(kPairs) + "\u00a0\tx y\n"),
                    seventh = w.folder.write("seventh", "\n\n\n\n\n\nx\n");
  const ProgramResult of_blank = run_program({"eval", w.model("1"), "--data", blank, "--reference", seventh});
  ASSERT_EQ(of_blank.code, 0) << of_blank.err;
  EXPECT_EQ(json::parse(of_blank.out)["records"], 7);
  const ProgramResult few = w.eval({"--reference", w.folder.write("few", "x\n")});
  EXPECT_EQ(few.code, 2);
  EXPECT_TRUE(few.complains("few has 1 lines, ")) << few.err;
}

TEST(DecodeMisuse, OfFlagsThatDoNotFit) {
  const Workplace w;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--sample", "--beam", "3"}, "--beam: outputs are drawn, not searched for"},
      {{"--sample", "--contain", "x"}, "--contain: outputs are drawn, not searched for"},
      {{"--sample", "--coverage-penalty", "1"}, "--coverage-penalty: outputs are drawn, not searched for"},
      {{"--temperature", "2"}, "--temperature: is about outputs that are drawn; give --sample, too"},
      {{"--seed", "2"}, "--seed: only a forecaster of distributions, or a decoder with --sample, has a use for it"},
      {{"--score", "--beam", "3"}, "--beam: --score has no use for it"},
      {{"--tokens"}, "--tokens: only a language model, or --score, has a use for it"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.predict(flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
}

}  // namespace
}  // namespace recur::decode_test
