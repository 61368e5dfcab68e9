// Checkpoints in which one thing is wrong: resuming refuses each in one line, whatever the build.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "recur/model.h"
#include "support/error_of.h"
#include "support/saved_models.h"
#include "support/settings.h"

namespace recur::damaged_checkpoint_test {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSteps = 3;

// Stops after kSteps steps, within the first epoch.
TrainingHooks stopping() {
  const auto asked = std::make_shared<std::uint64_t>(0);
  TrainingHooks hooks;
  hooks.stop_requested = [asked] { return ++*asked == kSteps; };
  return hooks;
}

TrainingOptions short_training() {
  TrainingOptions o;
  o.batch = 2;
  o.unroll = 4;
  o.epochs = 2;
  return o;
}

// A training that was stopped, and goes on from its checkpoint, which may have been changed.
class StoppedTraining {
 public:
  virtual ~StoppedTraining() = default;
  virtual TrainingResult resume(const TrainingHooks& hooks) = 0;

  const std::string& model() const { return model_; }
  std::string path() const { return checkpoint_path(model_); }
  // As it was.
  std::string file() const { return checkpoint_path(original_); }
  // Resumes the file as it is after a change; what goes wrong.
  std::string error_after(const std::function<void(EditedFile&)>& change) {
    EditedFile edited(file());
    change(edited);
    edited.write(path());
    return error_of([&] { resume({}); });
  }
  void expect_refused(const std::string& what, const std::function<void(EditedFile&)>& change) {
    const std::string error = error_after(change);
    EXPECT_TRUE(error.starts_with(path() + ": ")) << what << ": " << error;
  }
  void expect_refused_with(const char* part, const json& value) {
    expect_refused(std::string(part) + " = " + value.dump(),
                   [&](EditedFile& f) { f.parts["training"][json::json_pointer(part)] = value; });
  }

 protected:
  TempFolder folder_;
  std::string original_ = folder_.file("original.safetensors"), model_ = folder_.file("m.safetensors");
};

class StoppedLanguageModel : public StoppedTraining {
 public:
  explicit StoppedLanguageModel(const char* cell = "lstm", const Averaging& averaging = {}) {
    std::string text;
    for (int i = 0; i < 30; ++i) text += "abcde"[i * i % 5];
    job_.data = folder_.write("text", text);
    job_.validation = job_.data;
    job_.model = original_;
    job_.task = LanguageModelOptions{{.cell = cell, .layers = 1, .hidden = 3}};
    job_.training = short_training();
    job_.training.averaging = averaging;
    Model::train(job_, stopping());
    job_.model = model_;
    job_.resume = true;
  }
  TrainingResult resume(const TrainingHooks& hooks) override {
    TrainingResult result;
    Model::train(job_, hooks, {}, &result);
    return result;
  }
  Job job_;
};

class StoppedTask : public StoppedTraining {
 public:
  StoppedTask() {
    const SavedTask task = saved_tasks().front();
    std::string data;
    for (int i = 0; i < 4; ++i) data += task.data;
    job_.data = folder_.write("data", data);
    job_.validation = job_.data;
    job_.model = original_;
    job_.task = task.options;
    job_.training = short_training();
    Model::train(job_, stopping());
    job_.model = model_;
    job_.resume = true;
  }
  TrainingResult resume(const TrainingHooks& hooks) override {
    TrainingResult result;
    Model::train(job_, hooks, {}, &result);
    return result;
  }
  Job job_;
};

void expect_progress_is_checked(StoppedTraining& run) {
  ASSERT_EQ(run.error_after([](EditedFile&) {}), "");
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  for (const char* field : {"/progress/batch", "/progress/epoch", "/progress/step", "/optimizer_steps"}) {
    for (const json& bad : std::vector<json>{nullptr, -1, 0.5, "3", 1U, 4U, 1000U, 4'000'000'000U, most}) {
      run.expect_refused_with(field, bad);
    }
  }
  for (const json& bad : std::vector<json>{-1, 0.5, 1U, 2U, most}) run.expect_refused_with("/progress/best_epoch", bad);
  for (const json& bad : std::vector<json>{"x", 0.5}) {
    run.expect_refused_with("/progress/best_loss", bad);
    run.expect_refused_with("/progress/best_measure", bad);
  }
  for (const json& bad : std::vector<json>{nullptr, -1, "x"}) run.expect_refused_with("/progress/seconds", bad);
  for (const json& bad : std::vector<json>{nullptr, 0, 1.5, "x"}) run.expect_refused_with("/progress/best_share", bad);
  for (const json& bad : std::vector<json>{nullptr, -1, 0.5}) run.expect_refused_with("/progress/predictions", bad);
  for (const char* field : {"/job", "/data", "/progress", "/simd"}) {
    for (const json& bad : std::vector<json>{nullptr, 1, json::array(), json::object()}) {
      run.expect_refused_with(field, bad);
    }
  }
}

// What an older checkpoint lacks of its job is as it is by default.
void expect_fields_are_missed(StoppedTraining& run) {
  const EditedFile whole(run.file());
  for (const char* part : {"", "/progress"}) {
    const json::json_pointer place(part);
    for (const auto& [name, value] : whole.parts.at("training").at(place).items()) {
      if (name == "simd" || name == "best_share") continue;  // older checkpoints do not tell
      run.expect_refused("without " + name, [&](EditedFile& f) { f.parts["training"][place].erase(name); });
    }
  }
  const auto without = [&](const char* option) {
    return run.error_after([&](EditedFile& f) { f.parts["training"]["job"].erase(option); });
  };
  EXPECT_EQ(without("beta1"), "");
  EXPECT_TRUE(
      without("batch").ends_with("--batch was 50, now 2; resume with the same options, or train without --resume"));
}

TEST(DamagedCheckpoint, OfALanguageModelIsRefused) {
  StoppedLanguageModel run;
  expect_progress_is_checked(run);
  expect_fields_are_missed(run);
}

TEST(DamagedCheckpoint, OfATaskIsRefused) {
  StoppedTask run;
  expect_progress_is_checked(run);
  expect_fields_are_missed(run);
}

TEST(DamagedCheckpoint, NumbersThatAreNoneAreRefused) {
  StoppedLanguageModel run;
  const EditedFile whole(run.file());
  for (std::size_t i = 0; i < whole.tensors.size(); ++i) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      const std::string error = run.error_after([&](EditedFile& f) { f.floats(i).front() = bad; });
      EXPECT_TRUE(error.starts_with(run.path() + ": tensor \"" + whole.tensors[i].name + "\"")) << error;
    }
  }
  run.expect_refused("a square below 0", [](EditedFile& f) { f.floats("optimizer.second_moment").back() = -1; });
}

// A layer that looks back keeps its last inputs as numbers, of which it makes indices again.
TEST(DamagedCheckpoint, InputsThatAreNoneAreRefused) {
  StoppedLanguageModel run("qrnn");
  ASSERT_EQ(run.error_after([](EditedFile&) {}), "");
  for (const float bad : {-1.0F, 0.5F, 6.0F, 1e9F, 3e38F}) {
    // States of 2 x 3, twice, then the inputs of both streams, and whether there are any.
    run.expect_refused("input " + std::to_string(bad), [&](EditedFile& f) {
      const std::span<float> carried = f.floats("carried_state");
      carried[carried.size() - 2] = bad;
    });
  }
}

TEST(DamagedCheckpoint, AMeanThatIsNoneIsRefused) {
  StoppedLanguageModel run("lstm", {.kind = AverageKind::ema});
  ASSERT_EQ(run.error_after([](EditedFile&) {}), "");
  for (const json& bad : std::vector<json>{nullptr, -1, 0.5, kSteps + 1}) {
    run.expect_refused_with("/average/count", bad);
  }
  for (const json& bad : std::vector<json>{nullptr, 1, json{"x"}, json{1, 2}}) {
    run.expect_refused_with("/average/validations", bad);
  }
  run.expect_refused_with("/average/begun", 1);
  run.expect_refused_with("/average", 1);
  for (const char* field : {"kind", "count", "validations", "begun"}) {
    run.expect_refused(field, [&](EditedFile& f) { f.parts["training"]["average"].erase(field); });
  }
  run.expect_refused("another size", [](EditedFile& f) {
    const auto place = std::ranges::find(f.tensors, "average", &TensorView::name);
    place->shape[0] -= 1;
    place->bytes = place->bytes.first(place->bytes.size() - sizeof(float));
  });
  run.expect_refused("no number",
                     [](EditedFile& f) { f.floats("average").back() = std::numeric_limits<float>::infinity(); });
}

TEST(Checkpoint, AConsistentPlaceIsBelieved) {
  StoppedLanguageModel run;
  std::uint64_t batches = 0;
  TrainingHooks hooks;
  hooks.report = [&](const TrainingReport& report) { batches = report.batches; };
  EditedFile(run.file()).write(run.path());
  const std::uint64_t steps = run.resume(hooks).steps;
  EXPECT_EQ(steps, 2 * batches);
  EXPECT_EQ(run.error_after([&](EditedFile& f) {
    json& training = f.parts["training"];
    training["progress"]["epoch"] = 1;
    training["progress"]["step"] = training["optimizer_steps"] = batches + kSteps;
  }),
            "");
}

TEST(Checkpoint, TellsOfOtherVectorInstructions) {
  StoppedLanguageModel run;
  std::vector<std::string> notices;
  TrainingHooks hooks = stopping();
  hooks.notice = [&](const std::string& text) { notices.push_back(text); };
  const auto resume_from = [&](const char* level) {
    EditedFile file(run.file());
    file.parts["training"]["simd"] = level;
    file.write(run.path());
    return run.resume(hooks).reason;
  };
  resume_from(simd_name(simd_level()));
  EXPECT_TRUE(notices.empty());
  resume_from("AVX-1024");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_TRUE(notices[0].starts_with(run.path() + ": ")) << notices[0];
  EXPECT_NE(notices[0].find("AVX-1024"), std::string::npos);
  EXPECT_NE(notices[0].find(simd_name(simd_level())), std::string::npos);
  // From here on it is a checkpoint of this machine.
  EXPECT_EQ(EditedFile(run.path()).parts["training"]["simd"], simd_name(simd_level()));
}

}  // namespace
}  // namespace recur::damaged_checkpoint_test
