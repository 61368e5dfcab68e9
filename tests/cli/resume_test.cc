// A training that is stopped and goes on ends in the same file, to the byte, as one that was never stopped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "support/saved_models.h"

namespace recur {
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

TEST(Resume, RefusesWhatDoesNotFit) {
  const TrainedModel m;
  const ProgramResult none = run_program({"train", "lm", "--resume", "--out", m.folder.file("none")});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(none.complains("none.last.safetensors: cannot open")) << none.err;

  const ProgramResult other = run_program({"train", "lm", "--resume", "--out", m.model, "--hidden", "9"});
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(other.complains("--hidden was 8, now 9")) << other.err;

  m.folder.write("text.txt", rhyme(41));
  const ProgramResult data = run_program({"train", "lm", "--resume", "--out", m.model, "--epochs", "3"});
  EXPECT_EQ(data.code, 1);
  EXPECT_TRUE(data.complains("the data has changed")) << data.err;
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
}  // namespace recur
