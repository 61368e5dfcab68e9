// recur eval --dynamic and --cache.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "recur/model.h"
#include "support/error_of.h"
#include "support/saved_models.h"

namespace recur::adaptation_test {
namespace {

using nlohmann::json;

double perplexity(const ProgramResult& result) {
  EXPECT_EQ(result.code, 0) << result.err;
  return json::parse(result.out)["perplexity"];
}

TEST(EvalAdaptation, LearnsFromTheTextAndLeavesTheModel) {
  const TrainedModel m({"--epochs", "1"});
  const std::string before = m.folder.read("model.safetensors");
  const Arguments eval = {"eval", m.model, "--data", m.text};
  const double plain = perplexity(run_program(eval));
  EXPECT_EQ(run_program(with(eval, {"--dynamic", "0"})).out, run_program(eval).out);
  EXPECT_LT(perplexity(run_program(with(eval, {"--dynamic", "0.1"}))), 0.95 * plain);
  EXPECT_LT(perplexity(run_program(with(eval, {"--cache", "100", "--cache-flatness", "3"}))), 0.95 * plain);
  EXPECT_EQ(m.folder.read("model.safetensors"), before);
}

TEST(EvalAdaptation, IsRefusedWhereItIsOfNoUse) {
  const TrainedModel m;
  save_task(m.folder, saved_tasks().front());
  const Arguments words = {"eval", m.folder.file("words"), "--data", m.folder.file("words.data")};
  for (const char* flag : {"--dynamic", "--cache", "--cache-share"}) {
    const ProgramResult refused = run_program(with(words, {flag, "0"}));
    EXPECT_TRUE(refused.complains(std::string(flag) + ": only a language model of one text has a use for it; this "
                                                      "model's task is classify"))
        << refused.err;
  }
  const Arguments eval = {"eval", m.model, "--data", m.text};
  EXPECT_TRUE(
      run_program(with(eval, {"--dynamic-decay", "0.1"})).complains("--dynamic-decay: only goes with --dynamic"));
  EXPECT_TRUE(run_program(with(eval, {"--cache-flatness", "1"})).complains("--cache-flatness: only goes with --cache"));
  EXPECT_TRUE(run_program(with(eval, {"--cache-share", "1"})).complains("--cache-share: expected a number from 0"));
  EXPECT_TRUE(
      run_program(with(eval, {"--dynamic", "1e30"})).complains("--dynamic: the loss has grown beyond all numbers"));
}

TEST(EvalAdaptation, AProgramIsToldTheSame) {
  const TempFolder folder;
  save_task(folder, saved_tasks().front());
  const Model model = Model::load(folder.file("words"));
  EXPECT_EQ(error_of([&] { model.evaluate(folder.file("words.data"), {.adaptation = {.rate = 1}}); }),
            "--dynamic: only a language model of one text has a use for it; this one's task is classify");
}

}  // namespace
}  // namespace recur::adaptation_test
