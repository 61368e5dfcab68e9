// Means of parameters: in training, of its last epochs' models, and of model files.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "data/safetensors.h"
#include "support/saved_models.h"

namespace recur::average_test {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

// Every tensor's values by name.
std::map<std::string, std::vector<float>> tensors_of(const std::string& path) {
  const SafetensorsFile file(path);
  std::map<std::string, std::vector<float>> all;
  for (const TensorView& tensor : file.tensors()) {
    const std::span<const float> values = file.floats(tensor.name, tensor.shape);
    all[tensor.name].assign(values.begin(), values.end());
  }
  return all;
}

// A rate so high that some epochs are worse than those before.
std::vector<Arguments> averages() {
  return {{"--average", "ema", "--average-decay", "0.9"},
          {"--average", "swa", "--average-from", "2"},
          {"--average", "asgd", "--average-patience", "0", "--optimizer", "sgd", "--lr", "30"}};
}

TEST(TrainAverage, ResumedEndsInTheSameBits) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  for (Arguments own : averages()) {
    SCOPED_TRACE(own[1]);
    own = with({"--schedule", "constant", "--epochs", "6"}, own);
    ASSERT_EQ(train(text, folder.file("whole.safetensors"), own).code, 0);
    const std::string parts = folder.file("parts.safetensors");
    ASSERT_EQ(train(text, parts, with(own, {"--steps", "2"})).code, 0);
    for (const char* steps : {"13", "31", "50", "0"}) {
      const ProgramResult more = run_program({"train", "lm", "--resume", "--out", parts, "--steps", steps});
      ASSERT_EQ(more.code, 0) << more.err;
    }
    const auto whole = tensors_of(folder.file("whole.last.safetensors"));
    EXPECT_TRUE(whole.contains("average"));
    EXPECT_TRUE(tensors_of(folder.file("parts.last.safetensors")) == whole);
  }
}

// Training itself goes on without it.
TEST(TrainAverage, IsTheModelAndNotWhatIsTrained) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40));
  ASSERT_EQ(train(text, folder.file("plain.safetensors")).code, 0);
  ASSERT_EQ(train(text, folder.file("mean.safetensors"), averages().front()).code, 0);
  auto plain = tensors_of(folder.file("plain.last.safetensors")),
       mean = tensors_of(folder.file("mean.last.safetensors"));
  const std::vector<float> average = mean["average"];
  mean.erase("average");
  EXPECT_TRUE(mean == plain);
  std::size_t same = 0;
  for (const auto& [name, values] : tensors_of(folder.file("mean.safetensors"))) {
    if (name.find("bias") == name.npos) continue;  // as it lies in memory
    same += static_cast<std::size_t>(std::search(average.begin(), average.end(), values.begin(), values.end()) !=
                                     average.end());
    EXPECT_FALSE(values == plain[name]) << name;
  }
  EXPECT_EQ(same, 5U);  // of two layers two each, and of the output layer
}

TEST(TrainAverage, GoesOnFromCheckpointsOfBefore) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  ASSERT_EQ(train(text, model).code, 0);
  EditedFile old(folder.file("m.last.safetensors"));
  for (const char* name : {"average", "average-decay", "average-from", "average-patience", "keep"}) {
    EXPECT_EQ(old.parts["training"]["job"].erase(name), 1U) << name;
  }
  old.write(folder.file("m.last.safetensors"));
  const Arguments again = {"train", "lm", "--resume", "--out", model, "--epochs"};
  const ProgramResult plain = run_program(with(again, {"3"}));
  EXPECT_EQ(plain.code, 0) << plain.err;
  const ProgramResult averaged = run_program(with(again, {"4", "--average", "ema"}));
  EXPECT_EQ(averaged.code, 0) << averaged.err;
  EXPECT_NE(averaged.err.find("--average ema (it was none)"), std::string::npos) << averaged.err;
  EXPECT_TRUE(tensors_of(folder.file("m.last.safetensors")).contains("average"));
}

TEST(TrainKeep, LeavesTheLastEpochs) {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  const Names others = {"m.epoch-x.safetensors", "m.epoch-07.safetensors", "m.epoch-7.txt", "n.epoch-7.safetensors"};
  for (const std::string& name : others) folder.write(name, "");
  folder.write("m.epoch-1.safetensors", "");
  folder.write("m.epoch-12.safetensors", "");  // of a longer training before
  ASSERT_EQ(train(text, model, {"--epochs", "5", "--keep", "2"}).code, 0);
  Names expected = {"text.txt", "m.safetensors", "m.last.safetensors", "m.epoch-4.safetensors",
                    "m.epoch-5.safetensors"};
  expected.insert(others.begin(), others.end());
  EXPECT_EQ(folder.list(), expected);
  auto last = tensors_of(folder.file("m.last.safetensors"));
  for (const auto& [name, values] : tensors_of(folder.file("m.epoch-5.safetensors"))) EXPECT_TRUE(values == last[name]);
  const json about = json::parse(run_program({"info", folder.file("m.epoch-4.safetensors"), "--json"}).out);
  EXPECT_EQ(about["provenance"]["epoch"], 4);
}

// However often it is killed, wherever: what is there in the end is what is there after a run that was not.
TEST(TrainKeep, LeavesNothingElseAfterItWasKilled) {
  const TempFolder folder, unbroken;
  const std::string text = folder.write("text.txt", rhyme(40)), model = folder.file("m.safetensors");
  unbroken.write("text.txt", rhyme(40));
  const Arguments own = {"--epochs", "6", "--keep", "2"};
  ASSERT_EQ(train(text, unbroken.file("m.safetensors"), own).code, 0);
  ProgramOptions killed;
  for (const char* epoch : {"epoch 2/6", "epoch 4/6", "epoch 5/6"}) {
    killed.watch = [&](pid_t program, const std::string& err) {
      if (err.find(epoch) != std::string::npos) ::kill(program, SIGKILL);
    };
    const bool begun = std::filesystem::exists(folder.file("m.last.safetensors"));
    train(text, model, begun ? with(own, {"--resume"}) : own, killed);
  }
  ASSERT_EQ(train(text, model, with(own, {"--resume"})).code, 0);
  Names expected = unbroken.list();
  expected.insert("text.txt");
  EXPECT_EQ(folder.list(), expected);
  for (const char* name : {"m.epoch-5.safetensors", "m.epoch-6.safetensors"}) {
    EXPECT_TRUE(tensors_of(folder.file(name)) == tensors_of(unbroken.file(name))) << name;
  }
}

class AverageCommand : public testing::Test {
 protected:
  ProgramResult average(Arguments models, const std::string& out) {
    return run_program(with(with({"average"}, std::move(models)), {"--out", folder.file(out)}));
  }
  TempFolder folder;
};

TEST_F(AverageCommand, IsTheMeanOfModels) {
  const std::string text = folder.write("text.txt", rhyme(40));
  ASSERT_EQ(train(text, folder.file("m.safetensors"), {"--epochs", "4", "--keep", "3"}).code, 0);
  Arguments models;
  for (const int epoch : {2, 3, 4}) models.push_back(folder.file("m.epoch-" + std::to_string(epoch) + ".safetensors"));
  ASSERT_EQ(average(models, "mean.safetensors").code, 0);
  auto second = tensors_of(models[0]), third = tensors_of(models[1]), fourth = tensors_of(models[2]);
  for (const auto& [name, values] : tensors_of(folder.file("mean.safetensors"))) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double sum = static_cast<double>(second[name][i]) + static_cast<double>(third[name][i]) +
                         static_cast<double>(fourth[name][i]);
      EXPECT_EQ(values[i], static_cast<float>(sum / 3)) << name;
    }
  }
  const json about = json::parse(run_program({"info", folder.file("mean.safetensors"), "--json"}).out);
  EXPECT_EQ(about["provenance"]["mean_of"], json(models));
  EXPECT_FALSE(about["provenance"].contains("epoch"));
  EXPECT_EQ(run_program({"eval", folder.file("mean.safetensors"), "--data", text}).code, 0);
  // Names of files are bytes.
  const std::string other = folder.file("caf\xE9.safetensors");
  std::filesystem::copy_file(models[0], other);
  EXPECT_EQ(average({other, models[1]}, "mean.safetensors").code, 0);
}

TEST_F(AverageCommand, SaysWhatDiffers) {
  const std::string text = folder.write("text.txt", rhyme(40));
  const std::string first = folder.file("first"), wide = folder.file("wide"), other = folder.file("other");
  ASSERT_EQ(train(text, first).code, 0);
  ASSERT_EQ(train(text, wide, {"--hidden", "9"}).code, 0);
  ASSERT_EQ(train(folder.write("other.txt", alphabet(9)), other).code, 0);
  save_task(folder, saved_tasks().front());
  EXPECT_TRUE(average({first, wide}, "out").complains(wide + ": its --hidden is 9, the first one's 8"));
  EXPECT_TRUE(
      average({first, other}, "out")
          .complains(other +
                     ": what it learned of the field \"text\" (9 chars) is not what the first one did (22 chars)"))
      << average({first, other}, "out").err;
  EXPECT_TRUE(average({first, folder.file("words")}, "out")
                  .complains("words: its task is classify, the first one's language model"));
  EXPECT_TRUE(average({first, folder.file("none")}, "out").complains("none: cannot open"));
  EXPECT_TRUE(average({first}, "out").complains("MODEL: expected two files or more, got 1"));
  EXPECT_TRUE(average({first, wide}, "wide").complains("--out: would write over the input"));
  EXPECT_FALSE(std::filesystem::exists(folder.file("out")));
}

}  // namespace
}  // namespace recur::average_test
