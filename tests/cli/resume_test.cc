// A training that is stopped and goes on ends in the same file, to the byte, as one that was never stopped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/texts.h"
#include "data/safetensors.h"
#include "support/saved_models.h"

namespace recur::resume_test {
namespace {

using nlohmann::json;

// Trains with `more`, and sends the signals as soon as the program is ready for them. Its log is a named pipe that
// nobody reads before, so that it is still at its first step then.
ProgramResult train_and_stop(const TempFolder& folder, const std::string& text, const std::string& model,
                             std::vector<std::string> more, const std::vector<int>& signals) {
  const std::string log = folder.file("log.pipe");
  ::mkfifo(log.c_str(), 0600);
  more.insert(more.end(), {"--log", log});
  ProgramOptions options;
  int reader = -1;
  options.watch = [&](pid_t program, const std::string& err) {
    if (reader >= 0 || err.find('\n') == std::string::npos) return;
    for (const int signal : signals) ::kill(program, signal);
    reader = ::open(log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  };
  const ProgramResult result = train(text, model, more, options);
  ::close(reader);
  ::unlink(log.c_str());
  return result;
}

// The best model so far is in its file alone.
TEST(Resume, NeedsTheBestModelSoFar) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  ASSERT_EQ(train(text, model).code, 0);
  std::filesystem::rename(model, folder.file("kept"));
  const ProgramResult gone = train(text, model, {"--resume", "--epochs", "3"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_NE(gone.err.find("m.safetensors: expected the best model so far, of epoch 2, got no such file; put it back"),
            std::string::npos)
      << gone.err;
  const std::string lines = folder.file("lines");
  ASSERT_EQ(
      run_program({"train", "lm", "--lines", "--data", text, "--hidden", "4", "--steps", "1", "--out", lines}).code, 0);
  std::filesystem::rename(lines, model);
  EXPECT_NE(train(text, model, {"--resume"}).err.find("got a model of the task lm of lines"), std::string::npos);
  std::filesystem::rename(folder.file("kept"), model);
  EXPECT_EQ(train(text, model, {"--resume", "--epochs", "3"}).code, 0);
}

TEST(Resume, KnowsWhichLanguageModelItIs) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  ASSERT_EQ(train(text, model).code, 0);
  const ProgramResult lines = run_program({"train", "lm", "--resume", "--lines", "--out", model});
  EXPECT_TRUE(lines.complains("which --resume knows; leave out --lines")) << lines.err;
}

TEST(Resume, AfterSignalsEndsInTheSameBytes) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::vector<std::string> more = {"--dropout", "0.1", "--warmup", "3", "--epochs", "3"};
  const std::string whole = folder.file("whole.safetensors"), parts = folder.file("parts.safetensors");
  ASSERT_EQ(train(text, whole, more).code, 0);

  const ProgramResult first = train_and_stop(folder, text, parts, more, {SIGINT});
  EXPECT_EQ(first.code, 130) << first.err;
  EXPECT_NE(first.err.find("parts.last.safetensors; go on with: recur train lm --resume --out " + parts),
            std::string::npos)
      << first.err;
  EXPECT_EQ(json::parse(first.out)["reason"], "interrupted");
  EXPECT_TRUE(json::parse(first.out)["model"].is_null());
  EXPECT_EQ(json::parse(first.out)["steps"], 1);

  std::vector<std::string> resumed = more;
  resumed.push_back("--resume");
  const ProgramResult second = train_and_stop(folder, text, parts, resumed, {SIGTERM});
  EXPECT_EQ(second.code, 143) << second.err;
  EXPECT_EQ(json::parse(second.out)["steps"], 2);

  const ProgramResult last = run_program({"train", "lm", "--resume", "--out", parts});
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(folder.read("whole.safetensors"), folder.read("parts.safetensors"));
}

TEST(Resume, WithMoreStepsEndsInTheSameBytes) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::vector<std::string> constant = {"--schedule", "constant", "--optimizer", "adamw", "--epochs", "3"};
  ASSERT_EQ(train(text, folder.file("whole.safetensors"), constant).code, 0);
  std::vector<std::string> part = constant;
  part.insert(part.end(), {"--steps", "7"});
  const std::string parts = folder.file("parts.safetensors");
  ASSERT_EQ(train(text, parts, part).code, 0);
  for (const char* steps : {"31", "50", "0"}) {
    const ProgramResult more = run_program({"train", "lm", "--resume", "--out", parts, "--steps", steps});
    ASSERT_EQ(more.code, 0) << more.err;
  }
  const json whole = json::parse(run_program({"eval", folder.file("whole.safetensors"), "--data", text}).out);
  EXPECT_EQ(json::parse(run_program({"eval", parts, "--data", text}).out), whole);
}

// Windows over the input, zoneout, learned states and masks: everything that is carried or drawn.
TEST(Resume, WithOptionsEndsInTheSameBytes) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::vector<std::vector<std::string>> options = {
      {"--cell", "qrnn", "--zoneout", "0.2", "--zoneout-cell", "0.1", "--learned-state"},
      {"--cell", "tdnn", "--embedding", "5", "--variational", "--dropout", "0.2", "--embedding-dropout", "0.1"},
      {"--cell", "gru", "--layer-norm", "--weight-drop", "0.3", "--state-dropout", "0.2", "--connection", "residual"}};
  for (std::vector<std::string> own : options) {
    SCOPED_TRACE(own[1]);
    const std::string whole = folder.file("whole.safetensors"), parts = folder.file("parts.safetensors");
    own.insert(own.end(), {"--schedule", "constant", "--epochs", "2"});
    ASSERT_EQ(train(text, whole, own).code, 0);
    own.insert(own.end(), {"--steps", "5"});
    ASSERT_EQ(train(text, parts, own).code, 0);
    ASSERT_EQ(run_program({"train", "lm", "--resume", "--out", parts, "--steps", "0"}).code, 0);
    const json expected = json::parse(run_program({"eval", whole, "--data", text}).out);
    EXPECT_EQ(json::parse(run_program({"eval", parts, "--data", text}).out), expected);
  }
}

TEST(Resume, SecondSignalEndsAtOnce) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const ProgramResult result = train_and_stop(folder, text, folder.file("m"), {}, {SIGINT, SIGTERM});
  EXPECT_TRUE(result.code == 130 || result.code == 143) << result.code;
  EXPECT_EQ(result.out, "");
}

// A terminal that is closed may send SIGHUP twice; the training saves all the same.
TEST(Resume, AfterTheTerminalWasClosed) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::string whole = folder.file("whole.safetensors"), parts = folder.file("parts.safetensors");
  ASSERT_EQ(train(text, whole).code, 0);
  const ProgramResult result = train_and_stop(folder, text, parts, {}, {SIGHUP, SIGHUP});
  EXPECT_EQ(result.code, 129) << result.err;
  EXPECT_NE(result.err.find("SIGHUP: stopped after step 1"), std::string::npos) << result.err;
  ASSERT_EQ(run_program({"train", "lm", "--resume", "--out", parts}).code, 0);
  EXPECT_EQ(folder.read("whole.safetensors"), folder.read("parts.safetensors"));
}

TEST(Resume, WhatNohupIgnoresStaysIgnored) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  std::signal(SIGHUP, SIG_IGN);
  const ProgramResult result = train_and_stop(folder, text, folder.file("m.safetensors"), {}, {SIGHUP});
  std::signal(SIGHUP, SIG_DFL);
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST(Resume, TheHintIsACommandForAShell) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  const ProgramResult result = train_and_stop(folder, text, folder.file("it's my model.safetensors"), {}, {SIGINT});
  EXPECT_NE(result.err.find("--resume --out '" + folder.file("it'\\''s my model.safetensors") + "'\n"),
            std::string::npos)
      << result.err;
}

TEST(Resume, RefusesWhatDoesNotFit) {
  const TrainedModel m;
  const ProgramResult none = run_program({"train", "lm", "--resume", "--out", m.folder.file("none")});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(none.complains("none.last.safetensors: cannot open")) << none.err;

  const ProgramResult other = run_program({"train", "lm", "--resume", "--out", m.model, "--hidden", "9"});
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(other.complains("--hidden was 8, now 9")) << other.err;
}

// Which of its files was changed, by so little that all counts stay.
TEST(Resume, NamesTheFileThatWasChanged) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), valid = folder.write("valid.txt", rhyme(9));
  const std::string model = folder.file("m.safetensors");
  const Arguments again = {"train", "lm", "--resume", "--out", model, "--epochs", "3"};
  ASSERT_EQ(train(text, model, {"--valid", valid}).code, 0);
  for (const auto& [path, verses] : {std::pair{text, 40}, std::pair{valid, 9}}) {
    std::string other = rhyme(verses);
    std::swap(other[0], other[1]);
    const std::string name = path.substr(folder.path().size() + 1);
    folder.write(name, other);
    const ProgramResult refused = run_program(again);
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(refused.complains(path + ": the data has changed since " + folder.file("m.last.safetensors")))
        << refused.err;
    folder.write(name, rhyme(verses));
  }
  EXPECT_EQ(run_program(again).code, 0);
}

TEST(Resume, NamesChangedStandardInput) {
  const TempFolder folder;
  const std::string model = folder.file("m.safetensors");
  ASSERT_EQ(train("-", model, {}, {.input = rhyme(40), .watch = {}}).code, 0);
  const Arguments again = {"train", "lm", "--resume", "--out", model, "--epochs", "3"};
  std::string other = rhyme(40);
  std::swap(other[0], other[1]);
  const ProgramResult refused = run_program(again, {.input = other, .watch = {}});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.complains("standard input: the data has changed")) << refused.err;
  EXPECT_EQ(run_program(again, {.input = rhyme(40), .watch = {}}).code, 0);
}

TEST(Resume, NamesTheChangedFileOfRecords) {
  const TempFolder folder;
  std::string records;
  for (int i = 0; i < 15; ++i) records += "place\twhere is it\nperson\twho was it\n";
  const std::string data = folder.write("texts.tsv", records), model = folder.file("m.safetensors");
  const Arguments task = {"train", "classify", "--data", data, "--out", model, "--hidden", "6", "--epochs", "2"};
  ASSERT_EQ(run_program(task).code, 0);
  const Arguments again = {"train", "classify", "--resume", "--out", model, "--epochs", "3"};
  records[records.size() - 2] = 's';
  folder.write("texts.tsv", records);
  const ProgramResult refused = run_program(again);
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.complains(data + ": the data has changed")) << refused.err;
}

// A checkpoint of a recur that kept no hashes: the counts must do.
TEST(Resume, ChecksTheCountsWhereACheckpointHasNoHash) {
  const TrainedModel m;
  const std::string checkpoint = m.folder.file("m2.last.safetensors");
  {
    const SafetensorsFile file(m.folder.file("model.last.safetensors"));
    std::map<std::string, std::string> metadata = file.metadata();
    json training = json::parse(metadata["training"]);
    ASSERT_EQ(training["data"].erase("hash of the training file"), 1U);
    metadata["training"] = training.dump();
    write_safetensors(checkpoint, metadata, file.tensors());
  }
  std::filesystem::copy_file(m.model, m.folder.file("m2.safetensors"));
  const Arguments again = {"train", "lm", "--resume", "--out", m.folder.file("m2.safetensors"), "--epochs", "3"};
  m.folder.write("text.txt", rhyme(41));
  const ProgramResult refused = run_program(again);
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.complains("the data has changed: it was {\"tokens for training\":")) << refused.err;
  m.folder.write("text.txt", rhyme(40));
  EXPECT_EQ(run_program(again).code, 0);
  EXPECT_NE(SafetensorsFile(checkpoint).metadata().at("training").find("hash of the training file"), std::string::npos);
}

TEST(Resume, MayChangeRatesAndClipping) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  const std::string log = folder.file("log");
  const Arguments constant = {"--schedule", "constant", "--lr", "0.1", "--log", log};
  ASSERT_EQ(train(text, model, with(constant, {"--steps", "5"})).code, 0);
  Arguments again = {"train", "lm", "--resume", "--out", model, "--log", log, "--steps", "10"};
  const ProgramResult same = run_program(with(again, {"--lr", "0.1"}));
  ASSERT_EQ(same.code, 0) << same.err;
  EXPECT_EQ(same.err.find("from step"), std::string::npos) << same.err;

  again.back() = "15";
  const ProgramResult other = run_program(with(again, {"--lr", "0.01", "--clip", "0.5", "--clip-by", "value"}));
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_NE(other.err.find("from step 11 on: --clip-by value (it was norm), --clip 0.5 (it was 5), "
                           "--lr 0.01 (it was 0.1)\n"),
            std::string::npos)
      << other.err;
  again.back() = "20";
  ASSERT_EQ(run_program(again).code, 0);  // the change lasts
  EXPECT_TRUE(run_program(with(again, {"--lr-decay", "0.1"})).complains("--lr-decay: only goes with --schedule step"));
  EXPECT_TRUE(run_program(with(again, {"--max-length", "5"})).complains("--max-length: only goes with --lines"));

  std::istringstream lines(folder.read("log"));
  std::vector<json> rates;
  for (std::string line; std::getline(lines, line);) {
    const json report = json::parse(line);
    if (report.contains("changed")) {
      EXPECT_EQ(report, json::parse(R"({"step": 10, "changed": {"lr": {"before": 0.1, "now": 0.01},
          "clip": {"before": 5, "now": 0.5}, "clip-by": {"before": "norm", "now": "value"}}})"));
    }
    rates.push_back(report.value("learning_rate", json()));
  }
  EXPECT_EQ(rates, (std::vector<json>{0.1F, 0.1F, nullptr, 0.01F, 0.01F}));
}

// Sums over the lanes of other instructions have other bits: it is said, and is no error.
TEST(Resume, SaysThatVectorInstructionsDiffer) {
  const TrainedModel m;
  const std::string path = m.folder.file("model.last.safetensors");
  EditedFile file(path);
  file.parts["training"]["simd"] = "AVX-1024";
  file.write(path);
  const std::vector<std::string> resume = {"train", "lm", "--resume", "--out", m.model, "--epochs", "3"};
  const ProgramResult other = run_program(resume);
  EXPECT_EQ(other.code, 0);
  EXPECT_NE(other.err.find("recur: " + path + ": was trained with AVX-1024"), std::string::npos) << other.err;
  EXPECT_EQ(run_program(with(resume, {"--epochs", "4"})).err.find("was trained with"), std::string::npos);
}

TEST(Resume, SaysWhenNothingIsLeftToDo) {
  const TrainedModel m;
  const ProgramResult again = run_program({"train", "lm", "--resume", "--out", m.model});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("nothing was left to do"), std::string::npos) << again.err;
}

TEST(Threads, DoNotChangeTheResult) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  for (const char* threads : {"1", "2", "3"}) {
    ASSERT_EQ(train(text, folder.file(threads), {"--dropout", "0.1", "--hidden", "33", "--threads", threads}).code, 0);
  }
  EXPECT_EQ(folder.read("1"), folder.read("2"));
  EXPECT_EQ(folder.read("1"), folder.read("3"));
}

}  // namespace
}  // namespace recur::resume_test
