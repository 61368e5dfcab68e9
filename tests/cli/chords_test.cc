// recur train chords, what becomes of its models, and tunes in ABC that other models write.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/step_scores.h"
#include "cli/texts.h"

namespace recur::chords_test {
namespace {

using nlohmann::json;

struct Workplace {
  TempFolder folder;
  std::string model = folder.file("m.safetensors");

  std::string pieces(int count = 8) const {
    std::string text;
    for (int i = 0; i < count; ++i) text += "{\"notes\": [[60, 64, 67], [60, 65], [], [59, 67]]}\n";
    return folder.write("pieces.jsonl", text);
  }
  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    return run_program(with({"train", "chords", "--data", data, "--valid", data, "--out", model, "--hidden", "8",
                             "--epochs", "3", "--batch", "4"},
                            more));
  }
  ProgramResult sample(const Arguments& more = {}) const { return run_program(with({"sample", model}, more)); }
};

TEST(ChordsCommand, TrainsAndSaysHowProbablePiecesAre) {
  const Workplace w;
  const std::string data = w.pieces();
  const ProgramResult trained = w.train(data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  const double best = json::parse(trained.out)["best_loss"];
  const ProgramResult measured = run_program({"eval", w.model, "--data", data});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const json metrics = json::parse(measured.out);
  EXPECT_EQ(metrics["pieces"], 8);
  EXPECT_EQ(metrics["steps"], 32);
  EXPECT_NEAR(metrics["nats_per_step"].get<double>(), best, 1e-4);
  const ProgramResult predicted = run_program({"predict", w.model, "--data", data});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  expect_step_scores(predicted.out, 8, 4, best);
  EXPECT_EQ(run_program({"info", w.model}).code, 0);
}

TEST(ChordsCommand, WritesPieces) {
  const Workplace w;
  ASSERT_EQ(w.train(w.pieces()).code, 0);
  const ProgramResult written = w.sample({"--length", "5", "--seed", "2"});
  ASSERT_EQ(written.code, 0) << written.err;
  EXPECT_EQ(json::parse(written.out)["notes"].size(), 5U);
  EXPECT_EQ(json::parse(w.sample().out)["notes"].size(), 64U);
  // Which is data again.
  EXPECT_EQ(run_program({"predict", w.model, "--data", w.folder.write("new.jsonl", written.out)}).code, 0);
  const std::string midi = w.folder.file("a.mid"), page = w.folder.file("a.html");
  const ProgramResult sounding = w.sample({"--midi", midi, "--page", page, "--tempo", "60", "--steps-per-beat", "2"});
  ASSERT_EQ(sounding.code, 0) << sounding.err;
  EXPECT_EQ(sounding.out, "");
  const std::string bytes = w.folder.read("a.mid");
  EXPECT_TRUE(bytes.starts_with("MThd"));
  EXPECT_NE(bytes.find(std::string("\xFF\x51\x03\x0F\x42\x40")), bytes.npos);  // a million microseconds
  EXPECT_NE(w.folder.read("a.html").find("const beat = 1,"), std::string::npos);
}

TEST(ChordsCommand, TunesOfTextsSound) {
  const TempFolder folder;
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "M:4/4 $ K:D $ DFAd|\n";
  const std::string model = folder.file("m.safetensors"), data = folder.write("tunes.txt", lines);
  const ProgramResult trained =
      run_program({"train", "lm",       "--lines", "--data",   data, "--valid",     data, "--out",
                   model,   "--layers", "1",       "--hidden", "24", "--embedding", "8",  "--dropout",
                   "0",     "--lr",     "0.02",    "--epochs", "40", "--batch",     "4"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Arguments sample = {"sample", model, "--temperature", "0", "--page", folder.file("a.html")};
  const ProgramResult whole = run_program(sample);
  ASSERT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(whole.out, "M:4/4 $ K:D $ DFAd|\n");
  EXPECT_EQ(whole.err, "");
  EXPECT_NE(folder.read("a.html").find("[[62,0,0.5],[66,0.5,0.5],[69,1,0.5],[74,1.5,0.5]]"), std::string::npos);
  // A bar with a fault is left out, and said; of no bar there is no file.
  const ProgramResult broken = run_program(with(sample, {"--prompt", "DF|AD:D", "--length", "1"}));
  EXPECT_EQ(broken.code, 0);
  EXPECT_TRUE(broken.complains("line 1, character 6: expected a bar line")) << broken.err;
  EXPECT_TRUE(broken.complains("--page ends before that bar")) << broken.err;
  const ProgramResult none = run_program(with(sample, {"--prompt", ":D", "--length", "1"}));
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(none.complains("no tune in ABC notation for --page: line 1, character 1: ")) << none.err;
}

TEST(ChordsMisuse, OfWhatIsNoPiece) {
  const Workplace w;
  const auto complains = [&](const std::string& line, const std::string& text) {
    const ProgramResult result = w.train(w.folder.write("a.jsonl", "{\"notes\": [[60], []]}\n" + line + "\n"));
    EXPECT_TRUE(result.complains("a.jsonl: line 2: " + text)) << result.err;
    EXPECT_NE(result.code, 0);
  };
  complains("{\"notes\": []}", "there are no notes");
  complains("{\"notes\": [60]}", "expected \"notes\" to be a list of lists of notes");
  complains("{\"notes\": [[60], [1.5]]}",
            "expected notes of MIDI in \"notes\", whole numbers from 0 to 127, got \"1.5\"");
  complains("{\"notes\": [[128]]}", "expected notes of MIDI");
  complains("{\"notes\": [[-1]]}", "expected notes of MIDI");
  complains("{\"notes\": [[[60]]]}", "expected notes of MIDI in \"notes\", whole numbers from 0 to 127, got array");
  complains("{\"notes\": [[60], [20]]}", "expected notes from 21 to 108, the keys of a piano, got 20 in step 2");
  complains("{\"notes\": \"x\"}", "expected a JSON object");
  complains("{}", "expected a JSON object {\"notes\": [[..], ..]}");
  const ProgramResult tsv = w.train(w.folder.write("a.tsv", "60 64\n"));
  EXPECT_TRUE(tsv.complains("which has no place for \"notes\"; give --format ")) << tsv.err;
}

TEST(ChordsMisuse, OfSample) {
  const Workplace w;
  ASSERT_EQ(w.train(w.pieces()).code, 0);
  for (const char* flag : {"--prompt", "--condition", "--stop", "--top-k", "--top-p", "--min-p", "--n",
                           "--repetition-penalty", "--ban", "--only", "--out", "--canvas"}) {
    const ProgramResult result = w.sample({flag, "1"});
    EXPECT_TRUE(result.complains(std::string(flag) + ": ")) << result.err;
  }
  EXPECT_TRUE(w.sample({"--interactive"}).complains("--interactive: "));
  EXPECT_TRUE(w.sample({"--tempo", "90"}).complains("--tempo: nothing is to sound"));
  EXPECT_TRUE(w.sample({"--steps-per-beat", "2"}).complains("--steps-per-beat: nothing is to sound"));
  EXPECT_TRUE(w.sample({"--midi", "x", "--page", "./x"}).complains("--page: x is written already; give another name"));
  EXPECT_TRUE(w.sample({"--midi", w.model}).complains("--midi: would write over the input"));
  EXPECT_TRUE(w.sample({"--midi", w.folder.file("no/a.mid")}).complains("a.mid"));
  const std::string text = w.folder.file("text.safetensors");
  ASSERT_EQ(recur::train(w.folder.write("a.txt", rhyme(10)), text).code, 0);
  EXPECT_TRUE(
      run_program({"sample", text, "--midi", "x", "--steps-per-beat", "2"}).complains("--steps-per-beat: a tune"));
  EXPECT_EQ(w.train(w.pieces(), {"--bidirectional"}).code, 2);
}

}  // namespace
}  // namespace recur::chords_test
