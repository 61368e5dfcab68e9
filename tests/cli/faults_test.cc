// Trainings of every task whose disk is full, or that are killed, at every call that writes a file: the files that were
// there stay whole, a training goes on from them to the bytes of one that nothing happened to, and nothing is left
// over.
#include <gtest/gtest.h>

#include <csignal>
#include <ostream>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "cli/texts.h"
#include "recur/model.h"
#include "recur/types/error.h"

namespace recur::faults_test {
namespace {

struct FaultyTask {
  const char* name;
  Arguments arguments;  // of recur train, but for files
  std::string data;
};
void PrintTo(const FaultyTask& task, std::ostream* out) { *out << task.name; }

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<FaultyTask> tasks() {
  const Arguments tiny = {"--hidden", "3", "--epochs", "2"};
  return {
      {"lm", with({"lm", "--layers", "1", "--batch", "4", "--unroll", "20"}, tiny), rhyme(8)},
      {"conditioned", with({"lm", "--conditioned", "--embedding", "3"}, tiny),
       repeated("verse\tto be or not\nprose\tit was so\n", 20)},
      {"classify", with({"classify", "--embedding", "3"}, tiny), repeated("place\twhere is\nname\twho is it\n", 20)},
      {"tag", with({"tag", "--embedding", "3"}, tiny), repeated("the O\nold B-x\ncat I-x\n\nhere O\n\n", 20)},
      {"translate", with({"translate", "--embedding", "3"}, tiny), repeated("a b\tb a\nb c a\ta c b\n", 20)}};
}

// What a folder of a training has before, in and after a run.
class Workplace {
 public:
  explicit Workplace(const FaultyTask& task) : task_(task), data_(folder_.write("data", task.data)) {
    EXPECT_EQ(train({"--seed", "2"}).code, 0);
    old_model_ = folder_.read("m.safetensors");
    old_checkpoint_ = folder_.read("m.last.safetensors");
    EXPECT_EQ(train({}).code, 0);
    expected_ = folder_.read("m.safetensors");
    EXPECT_NE(expected_, old_model_);
  }

  // The files of another training lie there, and this one begins.
  ProgramResult train_with_fault(const std::string& fault) {
    folder_.write("m.safetensors", old_model_);
    folder_.write("m.last.safetensors", old_checkpoint_);
    return train({}, {"LD_PRELOAD=" + faults_library(), "RECUR_FAULT=" + fault});
  }
  void expect_whole_files() const {
    try {
      if (std::string_view(task_.name) == "lm") {
        Model::load(model_);
        read_job(model_);
      } else {
        Model::load(model_);
        read_job(model_);
      }
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  // Goes on from the checkpoint, or begins again where it is still the old one.
  void expect_same_end() {
    const bool begun = folder_.read("m.last.safetensors") != old_checkpoint_;
    const ProgramResult rest = begun ? train({"--resume"}) : train({});
    EXPECT_EQ(rest.code, 0) << rest.err;
    EXPECT_TRUE(folder_.read("m.safetensors") == expected_);
    EXPECT_EQ(folder_.list(), kFiles);
  }
  std::set<std::string> files() const { return folder_.list(); }

  const std::set<std::string> kFiles = {"data", "m.last.safetensors", "m.safetensors"};

 private:
  ProgramResult train(const Arguments& more, const std::vector<std::string>& environment = {}) const {
    return run_program(
        with(with(with({"train"}, task_.arguments), {"--data", data_, "--out", model_, "--threads", "1"}), more),
        {.input = {}, .environment = environment, .watch = {}});
  }

  const FaultyTask& task_;
  TempFolder folder_;
  std::string data_, model_ = folder_.file("m.safetensors"), old_model_, old_checkpoint_, expected_;
};

class Faults : public testing::TestWithParam<FaultyTask> {
 protected:
  void SetUp() override {
    if (faults_library().empty()) GTEST_SKIP() << "a sanitizer's runtime wants to be the first library";
  }
};

TEST_P(Faults, AFullDiskLeavesTheFilesWhole) {
  Workplace work(GetParam());
  for (int place = 1;; ++place) {
    SCOPED_TRACE(place);
    const ProgramResult result = work.train_with_fault("full:" + std::to_string(place));
    if (result.code == 0) {
      EXPECT_GT(place, 30);
      break;
    }
    EXPECT_EQ(result.code, 1);
    EXPECT_NE(result.err.find("safetensors: cannot "), std::string::npos) << result.err;
    EXPECT_TRUE(result.err.ends_with(": No space left on device\n")) << result.err;
    EXPECT_EQ(work.files(), work.kFiles);
    work.expect_whole_files();
    work.expect_same_end();
    if (HasFailure()) break;
  }
}

TEST_P(Faults, AKillLeavesTheFilesWhole) {
  Workplace work(GetParam());
  for (int place = 1;; ++place) {
    SCOPED_TRACE(place);
    const ProgramResult result = work.train_with_fault("kill:" + std::to_string(place));
    if (result.code == 0) {
      EXPECT_GT(place, 30);
      break;
    }
    EXPECT_EQ(result.code, 128 + SIGKILL);
    work.expect_whole_files();
    work.expect_same_end();
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, Faults, testing::ValuesIn(tasks()), [](const auto& task) { return task.param.name; });

}  // namespace
}  // namespace recur::faults_test
