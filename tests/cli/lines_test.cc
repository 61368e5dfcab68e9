// recur train lm --lines, and what sample, predict, eval, info and --resume do with its models.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/texts.h"

namespace recur::lines_test {
namespace {

using nlohmann::json;

struct Workplace {
  TempFolder folder;
  std::string data = folder.write("names.txt", "abcabc\nabcabc\nabcabc\ncdcd\n"), model = folder.file("m.safetensors");

  ProgramResult train(const Arguments& more = {}) const {
    Arguments arguments = {"train", "lm",   "--lines",  "--data",   data,      "--valid",   data,
                           "--out", model,  "--hidden", "12",       "--batch", "4",         "--embedding",
                           "6",     "--lr", "0.02",     "--layers", "1",       "--dropout", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
};

TEST(LinesCommand, TrainsSamplesScoresAndPredicts) {
  const Workplace w;
  const ProgramResult trained = w.train({"--epochs", "400"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  // What cannot be known is which of the two comes, three to one.
  EXPECT_NEAR(json::parse(trained.out)["best_loss"].get<double>(),
              4 * (0.75 * std::log(4 / 3.0) + 0.25 * std::log(4.0)) / (3 * 7 + 5), 0.02);
  EXPECT_EQ(run_program({"sample", w.model, "--temperature", "0"}).out, "abcabc\n");
  EXPECT_EQ(run_program({"sample", w.model, "--temperature", "0", "--prompt", "c"}).out, "cdcd\n");

  const std::string asked = w.folder.write("new.txt", "abcabc\n\nccX\n");
  const ProgramResult scores = run_program({"predict", w.model, "--data", asked});
  ASSERT_EQ(scores.code, 0) << scores.err;
  double right = 0, wrong = 0;
  std::size_t right_tokens = 0, wrong_tokens = 0;
  double right_perplexity = 0;
  ASSERT_EQ(std::sscanf(scores.out.c_str(), "%lf\t%zu\t%lf\t0\n\n%lf\t%zu\t%*f\t1\n", &right, &right_tokens,
                        &right_perplexity, &wrong, &wrong_tokens),
            5)
      << scores.out;
  EXPECT_EQ(right_tokens, 7U);
  EXPECT_EQ(wrong_tokens, 4U);
  EXPECT_NEAR(right_perplexity, std::exp(right / 7), 1e-5);
  EXPECT_LT(right, wrong);

  const ProgramResult evaluated = run_program({"eval", w.model, "--data", w.data});
  EXPECT_EQ(json::parse(evaluated.out)["records"], 4) << evaluated.out << evaluated.err;
  EXPECT_TRUE(run_program({"info", w.model}).out.starts_with("lm of lines, "));
  EXPECT_TRUE(run_program({"sample", w.model, "--condition", "a"}).complains("was not trained with"));
}

TEST(LinesCommand, WritesSeveralAndFinishesLines) {
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "100"}).code, 0);
  std::string one_by_one;
  for (const char* seed : {"3", "4", "5"}) one_by_one += run_program({"sample", w.model, "--seed", seed}).out;
  EXPECT_EQ(run_program({"sample", w.model, "--seed", "3", "--n", "3"}).out, one_by_one);
  ProgramOptions piped;
  piped.input = "c\nabc\n";
  const ProgramResult answers = run_program({"sample", w.model, "--interactive", "--temperature", "0"}, piped);
  EXPECT_EQ(answers.out, "dcd\nabc\n") << answers.err;
  EXPECT_TRUE(run_program({"predict", w.model, "--data", w.data, "--surprise"})
                  .complains("--surprise: nothing comes before a line of a model of lines"));
}

TEST(LinesCommand, GoesOnWithoutBeingToldItsKind) {
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  const ProgramResult resumed = run_program({"train", "lm", "--resume", "--out", w.model, "--epochs", "2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  const ProgramResult other = run_program({"train", "lm", "--conditioned", "--resume", "--out", w.model});
  EXPECT_TRUE(other.complains("a checkpoint of the task lm of lines, which --resume knows; leave out --conditioned"))
      << other.err;
}

TEST(LinesCommand, TiedWithoutAnEmbeddingIsAsWideAsTheLayers) {
  const Workplace w;
  const ProgramResult trained =
      run_program({"train",     "lm",       "--lines",     "--data",   w.data,       "--valid", w.data,      "--out",
                   w.model,     "--hidden", "10",          "--epochs", "1",          "--tied",  "--softmax", "sampled",
                   "--samples", "2",        "--tokenizer", "subword",  "--subwords", "20"});
  EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST(LinesMisuse, OfFlagsThatDoNotFit) {
  const Workplace w;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--conditioned"}, "--lines: does not go with --conditioned"},
      {{"--unroll", "9"}, "--unroll: does not go with --lines"},
      {{"--condition-size", "4"}, "--condition-size: does not go with --lines"},
      {{"--tied", "--embedding", "5"}, "--tied needs an embedding as wide as the output: --embedding 12"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.train(flags);
    EXPECT_NE(result.code, 0) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
}

}  // namespace
}  // namespace recur::lines_test
