// --skip-bad of recur predict and recur eval.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/reviews.h"
#include "cli/texts.h"
#include "recur/model.h"

namespace recur::skip_bad_test {
namespace {

std::ptrdiff_t lines_in(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST(SkipBadCommand, NamesBadLinesAndGoesOn) {
  const Reviews reviews;
  const std::string data = reviews.folder.write("new.txt", "fine\na \xFF\n\ngrey night\nb \xFF\n");
  const ProgramResult stopped = run_program({"predict", reviews.model, "--data", data});
  EXPECT_EQ(stopped.code, 1);
  EXPECT_TRUE(stopped.complains("new.txt: line 2: expected UTF-8")) << stopped.err;
  const ProgramResult predicted = run_program({"predict", reviews.model, "--data", data, "--skip-bad"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_TRUE(predicted.out.starts_with("up\t")) << predicted.out;
  EXPECT_NE(predicted.out.find("\n\n\ndown\t"), std::string::npos) << predicted.out;
  EXPECT_EQ(lines_in(predicted.out), 5) << predicted.out;
  EXPECT_EQ(lines_in(predicted.err), 3) << predicted.err;
  EXPECT_NE(predicted.err.find("new.txt: line 2: expected UTF-8"), std::string::npos) << predicted.err;
  EXPECT_NE(predicted.err.find("new.txt: line 5: expected UTF-8"), std::string::npos) << predicted.err;
  EXPECT_TRUE(predicted.err.ends_with("new.txt: skipped: 2\n")) << predicted.err;
}

TEST(SkipBadCommand, IsAFunctionInAProgram) {
  const Reviews reviews;
  const Model model = Model::load(reviews.model);
  std::vector<std::string> problems;
  PredictOptions options;
  options.skip_bad = [&](const Error& problem) { problems.emplace_back(problem.what()); };
  std::vector<bool> answered;
  const auto use = [&](const Prediction* p, std::size_t) { answered.push_back(p != nullptr); };
  const std::string data = reviews.folder.write("new.txt", "fine\na \xFF\ngrey\n");
  const Predicted predicted = model.predict(data, use, options);
  EXPECT_EQ(predicted.records, 2U);
  EXPECT_EQ(predicted.skipped, 1U);
  EXPECT_EQ(answered, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(problems, std::vector<std::string>{data + ": line 2: expected UTF-8, got 0xFF at byte 2 of the line"});
  // In memory there is no place for one that has no prediction; but an evaluation has none for each.
  const std::vector<Record> records = {{{"label", "up"}, {"text", "fine"}}, {{"text", "grey"}}};
  EXPECT_THROW(model.predict(records, options), Error);
  EXPECT_EQ(model.evaluate(records, options).skipped, 1U);
  EXPECT_EQ(problems.back(), "record 1: expected a label as \"label\", got nothing");
}

TEST(SkipBadCommand, LeavesBadRecordsOutOfAnEvaluation) {
  const Reviews reviews;
  const std::string good = reviews.folder.write("good.tsv", "up\tfine day\ndown\tgrey night\n");
  const std::string data = reviews.folder.write("new.tsv", "up\tfine day\nno label\ndown\tgrey night\n");
  EXPECT_TRUE(run_program({"eval", reviews.model, "--data", data}).complains("new.tsv: line 2: expected label<TAB>"));
  const ProgramResult evaluated = run_program({"eval", reviews.model, "--data", data, "--skip-bad"});
  EXPECT_EQ(evaluated.out, run_program({"eval", reviews.model, "--data", good}).out);
  EXPECT_TRUE(evaluated.err.ends_with("new.tsv: skipped: 1\n")) << evaluated.err;
}

TEST(SkipBadCommand, IsForLinesOfALanguageModelAndNotForItsText) {
  const TrainedModel m;
  const std::string data = m.folder.write("new.txt", "the \xFF\nthe cat\n");
  const ProgramResult predicted = run_program({"predict", m.model, "--data", data, "--skip-bad"});
  EXPECT_EQ(predicted.code, 0);
  EXPECT_TRUE(predicted.out.starts_with("\n")) << predicted.out;
  EXPECT_EQ(lines_in(predicted.out), 2) << predicted.out;
  EXPECT_TRUE(run_program({"eval", m.model, "--data", m.text, "--skip-bad"}).complains("--skip-bad: a language model"));
  EXPECT_TRUE(run_program({"predict", m.model, "--data", m.text, "--surprise", "--skip-bad"})
                  .complains("--skip-bad: --surprise has no use for it"));
}

// Of one text there are no columns, and no records that could be cut.
TEST(TextMisuse, OfFlagsAboutRecords) {
  const TrainedModel m;
  for (const Arguments& flag : {Arguments{"--format", "csv"}, {"--columns", "text=2"}, {"--max-length", "5"}}) {
    EXPECT_TRUE(run_program(with({"eval", m.model, "--data", m.text}, flag))
                    .complains(flag[0] + ": a text is read as it stands; leave it out"));
    if (flag[0] == "--max-length") continue;
    EXPECT_TRUE(run_program(with({"predict", m.model, "--data", m.text, "--surprise"}, flag))
                    .complains(flag[0] + ": a text is read as it stands; leave it out"));
  }
}

// Targets that are to be scored must be there.
TEST(SkipBadCommand, OfScoresKeepsTheirLines) {
  const TempFolder folder;
  std::string pairs;
  for (int i = 0; i < 20; ++i) pairs += i % 2 == 0 ? "a b\tx y\n" : "b a\ty x\n";
  const std::string data = folder.write("pairs.tsv", pairs), model = folder.file("m.safetensors");
  const ProgramResult trained = run_program({"train", "translate", "--data", data, "--valid", data, "--out", model,
                                             "--hidden", "4", "--embedding", "4", "--epochs", "1", "--batch", "4"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string some = folder.write("some.tsv", "a b\tx y\na\n\nb\ty\n");
  const ProgramResult scored = run_program({"predict", model, "--data", some, "--score", "--skip-bad"});
  EXPECT_EQ(scored.code, 0) << scored.err;
  EXPECT_NE(scored.out.find("\n\n\n"), std::string::npos) << scored.out;
  EXPECT_EQ(lines_in(scored.out), 4) << scored.out;
  EXPECT_TRUE(scored.err.ends_with("some.tsv: skipped: 1\n")) << scored.err;
  EXPECT_TRUE(run_program({"eval", model, "--data", some, "--skip-bad", "--reference", some})
                  .complains("--skip-bad: --reference and --baseline want every record"));
}

}  // namespace
}  // namespace recur::skip_bad_test
