#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/texts.h"
#include "recur/benchmark.h"
#include "recur/types/error.h"

namespace recur::commands_test {
namespace {

using nlohmann::json;

TEST(Program, TrainsTellsEvaluatesAndSamples) {
  const TrainedModel m;
  ASSERT_EQ(m.training.code, 0) << m.training.err;
  const json result = json::parse(m.training.out);
  EXPECT_EQ(result["reason"], "finished");
  EXPECT_EQ(result["model"], m.model);
  EXPECT_GT(result["best_loss"], 0.0);
  EXPECT_GT(result["steps"], 0);
  EXPECT_NE(m.training.err.find("parameters"), std::string::npos) << m.training.err;
  EXPECT_NE(m.training.err.find("epoch 2/2"), std::string::npos) << m.training.err;

  const ProgramResult info = run_program({"info", m.model});
  EXPECT_EQ(info.code, 0);
  for (const char* part : {"lstm", "hidden      8", "rnn.weight_ih_l0", "c' = f c + i g", "text.txt"}) {
    EXPECT_NE(info.out.find(part), std::string::npos) << part << " is not in\n" << info.out;
  }
  EXPECT_EQ(json::parse(run_program({"info", "--json", m.model}).out)["model"]["hidden"], 8);

  const ProgramResult score = run_program({"eval", m.model, "--data", m.text});
  EXPECT_EQ(score.code, 0);
  const json metrics = json::parse(score.out);
  EXPECT_EQ(metrics["tokens"], rhyme(40).size() - 1);
  const double nats = metrics["nats_per_token"];
  EXPECT_NEAR(metrics["bits_per_token"], nats / std::log(2.0), 1e-9);
  EXPECT_NEAR(metrics["perplexity"], std::exp(nats), 1e-9);
  EXPECT_FALSE(metrics.contains("unseen"));

  const ProgramResult text = run_program({"sample", m.model, "--prompt", "the ", "--length", "30"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.err, "");
  EXPECT_EQ(text.out.size(), 34U);
  EXPECT_TRUE(text.out.starts_with("the "));
}

TEST(Program, CharRnnsNetworkHasItsNumberOfParameters) {
  const TempFolder folder;
  const std::string text = folder.write("65.txt", alphabet(65));
  const std::string model = folder.file("m.safetensors");
  const ProgramResult training = run_program({"train", "lm", "--data", text, "--epochs", "0", "--out", model});
  ASSERT_EQ(training.code, 0) << training.err;
  EXPECT_TRUE(json::parse(training.out)["best_loss"].is_null());
  const ProgramResult info = run_program({"info", model});
  EXPECT_NE(info.out.find("240,321 parameters"), std::string::npos) << info.out;
  EXPECT_NE(info.out.find("vocabulary  65 (char)"), std::string::npos) << info.out;
}

TEST(Program, ReadsTextFromStandardInput) {
  const TrainedModel m;
  const ProgramResult score = run_program({"eval", m.model, "--data", "-"}, {.input = rhyme(40), .watch = {}});
  EXPECT_EQ(score.out, run_program({"eval", m.model, "--data", m.text}).out) << score.err;
  const ProgramResult training = train("-", m.model, {}, {.input = rhyme(40), .watch = {}});
  EXPECT_EQ(training.code, 0) << training.err;
  EXPECT_EQ(run_program({"eval", m.model, "--data", m.text}).out, score.out);
}

TEST(Program, EvalCountsWhatTheModelHasNeverSeen) {
  const TrainedModel m;
  const std::string text = m.folder.write("other.txt", "the cat Q sat on the maZ");
  const ProgramResult score = run_program({"eval", m.model, "--data", text});
  EXPECT_EQ(json::parse(score.out)["unseen"], 2);
  EXPECT_TRUE(score.complains("other.txt: 2 ")) << score.err;
}

TEST(Program, WordsHaveAnEmbeddingAsWideAsTheHiddenStateUnlessToldOtherwise) {
  const auto input = [](const std::vector<std::string>& more) -> json {
    const TrainedModel m(more);
    EXPECT_EQ(m.training.code, 0) << m.training.err;
    return json::parse(run_program({"info", "--json", m.model}).out)["model"]["embedding"];
  };
  EXPECT_EQ(input({"--epochs", "0"}), 0);
  EXPECT_EQ(input({"--epochs", "0", "--tokenizer", "word"}), 8);
  EXPECT_EQ(input({"--epochs", "0", "--tokenizer", "word", "--embedding", "0"}), 0);
  EXPECT_EQ(input({"--epochs", "0", "--tied"}), 8);
}

TEST(Program, LogHasALineOfJsonForEveryReport) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::string model = folder.file("m.safetensors");
  const auto lines = [&folder] {
    std::vector<json> all;
    std::istringstream log(folder.read("log.jsonl"));
    for (std::string line; std::getline(log, line);) all.push_back(json::parse(line));
    return all;
  };
  folder.write("log.jsonl", "not a log\n");
  ASSERT_EQ(train(text, model, {"--log", folder.file("log.jsonl"), "--clip", "0.01"}).code, 0);
  const std::vector<json> first = lines();
  ASSERT_GE(first.size(), 2U);
  std::size_t epochs = 0;
  for (const json& line : first) {
    EXPECT_EQ(line.size(), 10U);
    for (const char* name : {"step", "epoch", "tokens", "train_loss", "gradient_norm", "clipped_share", "learning_rate",
                             "tokens_per_second", "seconds"}) {
      EXPECT_TRUE(line[name].is_number()) << name;
    }
    EXPECT_EQ(line["clipped_share"], 1.0);
    if (line["valid_loss"].is_number()) ++epochs;
  }
  EXPECT_EQ(epochs, 2U);
  ASSERT_EQ(train(text, model, {"--log", folder.file("log.jsonl"), "--clip", "0.01", "--resume", "--epochs", "3"}).code,
            0);
  EXPECT_GT(lines().size(), first.size());
  EXPECT_EQ(lines().back()["epoch"], 3);
}

TEST(Program, StopsAtTheTimeLimitAndWhenPatienceIsWornOut) {
  const TrainedModel limited({"--epochs", "100", "--time-limit", "0.000001s"});
  ASSERT_EQ(limited.training.code, 0) << limited.training.err;
  EXPECT_EQ(json::parse(limited.training.out)["reason"], "time_limit");
  EXPECT_EQ(json::parse(limited.training.out)["steps"], 1);
  EXPECT_EQ(json::parse(limited.training.out)["model"], limited.model);
  EXPECT_NE(limited.training.err.find("--time-limit left time to validate on "), std::string::npos)
      << limited.training.err;
  const TrainedModel worn_out({"--epochs", "100", "--patience", "2", "--lr", "1e-30"});
  ASSERT_EQ(worn_out.training.code, 0) << worn_out.training.err;
  EXPECT_EQ(json::parse(worn_out.training.out)["reason"], "patience");
  EXPECT_EQ(json::parse(worn_out.training.out)["epoch"], 1);
  EXPECT_NE(worn_out.training.err.find("epoch 3/100"), std::string::npos) << worn_out.training.err;
  EXPECT_EQ(worn_out.training.err.find("epoch 4/100"), std::string::npos) << worn_out.training.err;
}

TEST(Program, SampleIsTheSameForTheSameSeed) {
  const TrainedModel m;
  const auto text = [&m](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"sample", m.model, "--length", "60"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(text({"--seed", "7"}), text({"--seed", "7", "--threads", "1"}));
  EXPECT_NE(text({"--seed", "7"}), text({"--seed", "8"}));
  EXPECT_EQ(text({"--temperature", "0", "--seed", "7"}), text({"--temperature", "0", "--seed", "8"}));
  EXPECT_EQ(text({"--top-k", "1"}), text({"--temperature", "0"}));
  const std::string whole = text({"--prompt", "the "});
  EXPECT_EQ(text({"--prompt", "the ", "--stop", whole.substr(10, 3)}),
            whole.substr(0, whole.find(whole.substr(10, 3), 4)));
}

TEST(Program, InfoTellsOptionsAndKernels) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  ASSERT_EQ(
      train(text, model,
            {"--cell", "lstm-projection", "--projection", "6", "--layer-norm", "--zoneout", "0.1", "--epochs", "0"})
          .code,
      0);
  const ProgramResult info = run_program({"info", model});
  for (const char* part : {"projection  6", "layer-norm  true", "zoneout     0.1", "2 stages a step",
                           "one-hot input: a row of the weight", "layer normalisation", "rnn.weight_hr_l1"}) {
    EXPECT_NE(info.out.find(part), std::string::npos) << part << " is not in\n" << info.out;
  }
}

TEST(Program, TheNgramModelIsOneLayerOverAnEmbedding) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  const std::vector<std::string> arguments = {"train",    "lm", "--data",  text, "--out",    model, "--cell",   "ngram",
                                              "--hidden", "8",  "--batch", "4",  "--unroll", "10",  "--epochs", "1"};
  ASSERT_EQ(run_program(arguments).code, 0);
  const json about = json::parse(run_program({"info", model, "--json"}).out);
  EXPECT_EQ(about["model"]["layers"], 1);
  EXPECT_EQ(about["model"]["embedding"], about["model"]["hidden"]);
  const ProgramResult sample = run_program({"sample", model, "--length", "20"});
  EXPECT_EQ(sample.code, 0) << sample.err;
}

TEST(Program, CellsAreExplained) {
  const ProgramResult cells = run_program({"cells"});
  EXPECT_EQ(cells.code, 0);
  for (const char* part : {"elman", "lstm  1997", "gru", "h' = o tanh(c')"}) {
    EXPECT_NE(cells.out.find(part), std::string::npos) << part;
  }
}

TEST(Benchmark, MeasuresANetworkOfOnesOwn) {
  const ProgramResult bench = run_program(
      {"bench", "--cell", "sru", "--hidden", "8", "--batch", "2", "--unroll", "3", "--seconds", "0", "--threads", "1"});
  EXPECT_EQ(bench.code, 0) << bench.err;
  EXPECT_TRUE(bench.out.starts_with("recur lm_sru_V65_E65_H8_L2_B2_T3_adam 1 tok/s_med ")) << bench.out;
  EXPECT_NE(bench.out.find(" GF/s_med "), std::string::npos);
}

// LSTM 2 x 8 over a vocabulary of 5: recurrent products of both layers, the second one's input, the output layer.
TEST(Benchmark, CountsTheOperationsOfProducts) {
  EXPECT_EQ(product_operations({{.layers = 2, .hidden = 8}}, 5), 6 * (32 * 8 + 32 * 8 + 32 * 8 + 5 * 8));
  EXPECT_EQ(product_operations({{.cell = "mingru", .layers = 1, .hidden = 8}, 4}, 5), 6 * (16 * 4 + 5 * 8));
}

TEST(Benchmark, TimesEveryStep) {
  LanguageModelOptions network;
  network.hidden = 8;
  TrainingOptions training;
  training.batch = 2;
  training.unroll = 3;
  const std::vector<double> seconds = time_language_model_steps(network, 5, training, 0);
  EXPECT_EQ(seconds.size(), 5U);
  for (const double time : seconds) EXPECT_GT(time, 0);
  training.batch = 0;
  EXPECT_THROW(time_language_model_steps(network, 5, training, 0), Error);
}

}  // namespace
}  // namespace recur::commands_test
