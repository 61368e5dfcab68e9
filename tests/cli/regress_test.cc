// recur train regress: numbers of texts and of sequences, and of each of their steps.
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/texts.h"

namespace recur::regress_test {
namespace {

using nlohmann::json;

struct Workplace {
  TempFolder folder;
  std::string model = folder.file("m.safetensors");

  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    Arguments arguments = {"train",    "regress", "--data",  data, "--valid",  data, "--out", model,
                           "--hidden", "12",      "--batch", "10", "--epochs", "40", "--lr",  "0.02"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  double error(const std::string& data) const {
    const ProgramResult result = run_program({"eval", model, "--data", data});
    return json::parse(result.out)["root_mean_square_error"];
  }
};

TEST(RegressCommand, ANumberThatNobodyKnowsIsLeftOut) {
  const Workplace w;
  const std::string known = "{\"sequence\": [[1], [2]], \"value\": 3}\n{\"sequence\": [[2], [2]], \"value\": 4}\n";
  const std::string data = w.folder.write("a.jsonl", known + "{\"sequence\": [[2], [5]], \"value\": null}\n");
  const ProgramResult trained = w.train(data, {"--epochs", "1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  const std::string large = w.folder.write("l.jsonl", "{\"sequence\": [[1], [2]], \"value\": 1e39}\n");
  EXPECT_TRUE(w.train(large).complains("got \"1e+39\", which is too large")) << w.train(large).err;
}

TEST(RegressCommand, ANumberMayHaveAPlusSign) {
  const Workplace w;
  const std::string with_sign = w.folder.write("a.csv", "text,value\nup,+1.5\ndown,-1\n");
  const ProgramResult trained = w.train(with_sign, {"--epochs", "1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  const ProgramResult two = w.train(w.folder.write("b.csv", "text,value\nup,+-1.5\ndown,-1\n"), {"--epochs", "1"});
  EXPECT_TRUE(two.complains("got \"+-1.5\"")) << two.err;
}

// Its mean, rounded, is not what it holds.
TEST(RegressCommand, AColumnThatNeverChangesSaysNothing) {
  const Workplace w;
  std::string plain, filled;
  for (int i = 0; i < 50; ++i) {
    plain += fmt::format("{{\"sequence\": [[7, {0}]], \"value\": {0}}}\n", i % 5);
    filled += fmt::format("{{\"sequence\": [[9.96921e36, {0}]], \"value\": {0}}}\n", i % 5);
  }
  std::string answers[2];
  for (const std::string& text : {plain, filled}) {
    const std::string data = w.folder.write("a.jsonl", text);
    ASSERT_EQ(w.train(data, {"--epochs", "2"}).code, 0);
    answers[text == plain ? 0 : 1] = run_program({"predict", w.model, "--data", data}).out;
  }
  EXPECT_EQ(answers[0], answers[1]);
}

// What is printed is what eval measures.
TEST(RegressCommand, OfLargeNumbersIsPrintedAsItIsMeasured) {
  const Workplace w;
  const std::string data = w.folder.write("large.jsonl",
                                          "{\"sequence\": [[1], [2]], \"value\": 1600000012.5}\n"
                                          "{\"sequence\": [[2], [1]], \"value\": 1600000034.25}\n");
  ASSERT_EQ(w.train(data, {"--epochs", "200"}).code, 0);
  const double limit = w.error(data) + 0.001;
  EXPECT_LT(limit, 1);
  double first = 0, second = 0;
  const ProgramResult predicted = run_program({"predict", w.model, "--data", data});
  ASSERT_EQ(std::sscanf(predicted.out.c_str(), "%lf\n%lf\n", &first, &second), 2) << predicted.out;
  EXPECT_NEAR(first, 1600000012.5, 2 * limit);
  EXPECT_NEAR(second, 1600000034.25, 2 * limit);
}

TEST(RegressCommand, OfSequences) {
  const Workplace w;
  std::string lines;
  for (int i = 0; i < 60; ++i) {
    json record = {{"sequence", json::array()}, {"value", 0}};
    int sum = 0;
    for (int k = 0; k < 3 + i % 3; ++k) {
      record["sequence"].push_back({i * (k + 3) % 7, k});
      sum += i * (k + 3) % 7;
    }
    record["value"] = 10 * sum;
    lines += record.dump() + "\n";
  }
  const std::string data = w.folder.write("sums.jsonl", lines);
  const ProgramResult trained = w.train(data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_LT(w.error(data), 20);
  const ProgramResult predicted =
      run_program({"predict", w.model, "--data", w.folder.write("new.jsonl", "{\"sequence\": [[1, 0], [2, 1]]}\n")});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(std::count(predicted.out.begin(), predicted.out.end(), '\n'), 1);
}

TEST(RegressCommand, OfEachStepWhereSomeAreUnknown) {
  const Workplace w;
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += "{\"sequence\": [0, 1, 0, 1], \"value\": [[5], [null], [5], [7]]}\n";
  const std::string data = w.folder.write("steps.jsonl", lines);
  const ProgramResult trained = w.train(data, {"--each-step"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_LT(w.error(data), 0.2);
}

TEST(RegressCommand, OfTexts) {
  const Workplace w;
  std::string lines;
  for (int i = 0; i < 30; ++i) lines += i % 2 == 0 ? "good plot\t4\n" : "bad plot\t1\n";
  const std::string data = w.folder.write("stars.tsv", lines);
  const ProgramResult trained = w.train(data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_LT(w.error(data), 0.3);
}

TEST(RegressMisuse, OfWhatIsNoNumber) {
  const Workplace w;
  EXPECT_TRUE(w.train(w.folder.write("a.tsv", "good\tfour\n")).complains("a.tsv: line 1: "));
  EXPECT_TRUE(w.train(w.folder.write("b.jsonl", "{\"text\": \"x\", \"value\": [[1, 2], [3, 4]]}\n"))
                  .complains("expected one vector of numbers as \"value\", got 2"));
  EXPECT_TRUE(w.train(w.folder.write("c.csv", "text,value\nso so,1\nso,\n"))
                  .complains("c.csv: line 3: the value is empty; expected a number, or NA where nobody knows it"));
}

TEST(RegressMisuse, OfAPoolingOfEachStep) {
  const Workplace w;
  const std::string data = w.folder.write("a.jsonl", "{\"sequence\": [[1], [2]], \"value\": [[1], [2]]}\n");
  EXPECT_TRUE(
      w.train(data, {"--each-step", "--pooling", "max"}).complains("--pooling: only goes with --each-step=false"));
}

}  // namespace
}  // namespace recur::regress_test
