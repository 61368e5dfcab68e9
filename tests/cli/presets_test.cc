// recur presets, and recur train TASK --preset NAME.
#include "recur/types/presets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/texts.h"

namespace recur::presets_test {
namespace {

using nlohmann::json;

// What each task learns from here.
std::string data_of(std::string_view task) {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    if (task == "lm") text += "the cat sat on the mat and the dog saw it all\n";
    if (task == "classify") text += i % 2 == 0 ? "good\twhat a film\n" : "bad\tno film at all\n";
    if (task == "tag") text += "the O\nold B-x\ncat I-x\n\n";
    if (task == "transcribe")
      text += "{\"audio\": [[1, 2], [2, 1], [0, 1], [1, 1], [2, 2], [0, 0]], \"text\": \"a\"}\n";
    if (task == "chords") text += "{\"notes\": [[60, 64], [62], []]}\n";
    if (task == "strokes") text += "{\"strokes\": [[1, 0, 0], [0, 2, 1], [3, 1, 0]]}\n";
    if (task == "draw") text += "{\"image\": [[0, 1, 0], [1, 1, 0]]}\n";
    if (task == "effect") text += "{\"input\": [1, 0, 1, 0, 1, 0, 1], \"output\": [0, 1, 0, 1, 0, 1, 0]}\n";
    if (task == "answer") text += i % 2 == 0 ? "who is it\tit is ann\t1\n" : "who is it\tit is here\t0\n";
    if (task == "forecast") {
      text += i == 0 ? "x\n" : "";
      for (int k = 0; k < 10; ++k) text += std::to_string(k * i % 7) + "\n";
    }
    if (task == "summarize") text += i % 2 == 0 ? "a dog ran out .\tdog runs\n" : "the cat sat .\tcat sits\n";
    if (task == "caption") text += fmt::format("{{\"vector\": [{}, 1], \"texts\": [\"a dog\", \"a cat\"]}}\n", i % 2);
    if (task == "translate") text += i % 2 == 0 ? "ein Hund\ta dog\n" : "eine Katze\ta cat\n";
  }
  return text;
}

TEST(Presets, EachTrains) {
  const TempFolder folder;
  for (const Preset& preset : all_presets()) {
    SCOPED_TRACE(preset.name);
    const std::string data = folder.write("data", data_of(preset.task)), model = folder.file("m.safetensors");
    Arguments arguments = {"train",    std::string(preset.task),
                           "--preset", std::string(preset.name),
                           "--data",   data,
                           "--valid",  data,
                           "--out",    model,
                           "--steps",  "1",
                           "--batch",  "2"};
    // A tenth of the widths: what stays is that the flags exist and go together.
    for (const char* width : {"hidden", "embedding", "projection", "attention-size", "size"}) {
      for (const auto& [name, value] : preset.options) {
        if (name == width && value != "0")
          arguments.insert(arguments.end(), {"--" + std::string(name), std::string(value.substr(0, value.size() - 1))});
      }
    }
    if (preset.task == "effect") arguments.insert(arguments.end(), {"--warm-up", "2"});
    if (preset.task == "lm") arguments.insert(arguments.end(), {"--unroll", "5"});
    const ProgramResult result = run_program(arguments);
    ASSERT_EQ(result.code, 0) << result.err;
    const ProgramResult info = run_program({"info", model, "--json"});
    EXPECT_EQ(json::parse(info.out)["provenance"]["preset"], preset.name) << info.out << info.err;
  }
}

TEST(Presets, GiveWayToWhatIsGiven) {
  const TempFolder folder;
  const std::string data = folder.write("data", data_of("lm")), model = folder.file("m.safetensors");
  const std::string config = folder.write("c.toml", "hidden = 7\nlayers = 3\n");
  const ProgramResult result = run_program({"train",    "lm",  "--preset", "zaremba-2014-small",
                                            "--data",   data,  "--valid",  data,
                                            "--out",    model, "--steps",  "1",
                                            "--batch",  "2",   "--unroll", "5",
                                            "--layers", "1",   "--config", config});
  ASSERT_EQ(result.code, 0) << result.err;
  const std::string options = run_program({"info", model}).out;
  EXPECT_NE(options.find("hidden      7\n"), std::string::npos) << options;
  EXPECT_NE(options.find("embedding of width 200"), std::string::npos) << options;
}

TEST(Presets, AreListed) {
  const ProgramResult listed = run_program({"presets"});
  EXPECT_EQ(listed.code, 0);
  for (const Preset& preset : all_presets()) EXPECT_NE(listed.out.find(preset.name), std::string::npos) << preset.name;
  for (std::size_t line = 0; line < listed.out.size(); line = listed.out.find('\n', line) + 1) {
    EXPECT_LE(listed.out.find('\n', line) - line, 120U) << listed.out.substr(line, 200);
  }
}

TEST(Presets, MustExistAndFitTheTask) {
  const ProgramResult unknown = run_program({"train", "tag", "--preset", "x", "--data", "y"});
  EXPECT_TRUE(unknown.complains("--preset: expected one of huang-2015, lample-2016, got \"x\"")) << unknown.err;
  const ProgramResult other = run_program({"train", "tag", "--preset", "luong-2015", "--data", "y"});
  EXPECT_TRUE(other.complains("--preset: luong-2015 is of the task translate: recur train translate")) << other.err;
}

}  // namespace
}  // namespace recur::presets_test
