// recur train classify --labels several, and what eval says of classifiers: of each label, on a terminal and to a pipe.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/metric_table.h"
#include "cli/pseudo_terminal.h"
#include "cli/run_program.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::classify_labels_test {
namespace {

using nlohmann::json;

struct Workplace {
  TempFolder folder;
  std::string model = folder.file("m.safetensors");

  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    return run_program(with({"train", "classify", "--data", data, "--valid", data, "--out", model, "--hidden", "8",
                             "--epochs", "25", "--batch", "5", "--lr", "0.03"},
                            more));
  }
  ProgramResult train_several(const std::string& data, const Arguments& more = {}) const {
    return train(data, with({"--labels", "several"}, more));
  }
  ProgramResult run(const std::string& command, const std::string& text, const Arguments& more = {}) const {
    return run_program(with({command, model, "--data", folder.write("new", text)}, more));
  }
};

// Of each film the labels, the text, and how a format writes both.
std::string films(const std::string& format) {
  const char* kKinds[][3] = {{"drama", "[\"drama\"]", "they weep"},
                             {"drama,war", "[\"drama\", \"war\"]", "they fight and weep"},
                             {"war", "[\"war\"]", "they fight"},
                             {"", "[]", "they sit"}};
  std::string text = format == "csv" ? "text,labels\n" : "";
  for (int i = 0; i < 40; ++i) {
    const auto& [cut, list, story] = kKinds[i % 4];
    const std::string told = std::string(story) + (i % 3 == 0 ? " today" : " again");
    if (format == "tsv") text += std::string(cut) + "\t" + told + "\n";
    if (format == "csv") text += told + ",\"" + cut + "\"\n";
    if (format == "jsonl") text += "{\"text\": \"" + told + "\", \"labels\": " + list + "}\n";
  }
  return text;
}

TEST(SeveralLabelsCommand, TrainsScoresAndPredictsFromAnyFormat) {
  std::string first;
  for (const std::string format : {"tsv", "csv", "jsonl"}) {
    SCOPED_TRACE(format);
    const Workplace w;
    const std::string data = w.folder.write("films." + format, films(format));
    const ProgramResult trained = w.train_several(data);
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(json::parse(trained.out)["best_micro_f1"], 1.0) << trained.err;
    const ProgramResult scored = run_program({"eval", w.model, "--data", data});
    ASSERT_EQ(scored.code, 0) << scored.err;
    const json metrics = json::parse(scored.out);
    EXPECT_EQ(metrics["subset_accuracy"], 1.0) << scored.out;
    EXPECT_EQ(metrics["per_label"]["war"]["support"], 20) << scored.out;
    const ProgramResult predicted =
        w.run("predict", "they fight and weep again\n\nthey sit again\nwar\tthey fight again\n");
    EXPECT_EQ(predicted.code, 0) << predicted.err;
    EXPECT_TRUE(predicted.out.starts_with("drama,war\t") || predicted.out.starts_with("war,drama\t")) << predicted.out;
    EXPECT_NE(predicted.out.find("\n\n\t"), std::string::npos) << predicted.out;  // none
    EXPECT_NE(predicted.out.find("\nwar\twar="), std::string::npos) << predicted.out;
    // The same records in the same order make the same model.
    if (first.empty()) first = predicted.out;
    EXPECT_EQ(predicted.out, first);
  }
}

TEST(SeveralLabelsCommand, AreOfVectorsAndSoundsToo) {
  const Workplace vectors;
  std::string lines;
  for (int i = 0; i < 20; ++i) {
    lines += i % 2 == 0 ? "{\"labels\": [\"up\", \"wide\"], \"sequence\": [[1, 0], [9, 0]]}\n"
                        : "{\"labels\": [\"wide\"], \"sequence\": [[9, 0], [1, 0]]}\n";
  }
  const ProgramResult trained = vectors.train_several(vectors.folder.write("n.jsonl", lines));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_micro_f1"], 1.0);
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace sounds;
  std::string manifest;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "s" + std::to_string(i) + ".wav";
    sounds.folder.write(name, wav(tone((i % 2 == 0 ? 300 : 1500) + 7 * i, 0.1, 8000), {.rate = 8000}));
    manifest += (i % 2 == 0 ? "low,tone\t" : "tone\t") + name + "\n";
  }
  const std::string data = sounds.folder.write("sounds.tsv", manifest);
  const ProgramResult heard = sounds.train_several(
      data, {"--sample-rate", "8000", "--epochs", "12", "--pooling", "last", "--bidirectional=false"});
  ASSERT_EQ(heard.code, 0) << heard.err;
  EXPECT_EQ(json::parse(heard.out)["best_micro_f1"], 1.0) << heard.out;
  const ProgramResult listened = run_program({"predict", sounds.model, "--listen", "--data", "-"});
  EXPECT_EQ(listened.code, 1);
  EXPECT_TRUE(listened.complains("any number of labels cannot listen")) << listened.err;
}

TEST(SeveralLabelsCommand, ReadsAnArrayWithAColumnForEachLabel) {
  const Workplace w;
  const std::string data =
      w.folder.write("x.npy", npy("<f8", "(4, 3)", element_bytes<double>({1, 2, 3, 9, 2, 1, 1, 2, 9, 9, 2, 9})));
  const auto indicator = [](const std::string& bytes) { return npy("|u1", "(4, 2)", bytes); };
  w.folder.write("y.npy", indicator({1, 0, 0, 0, 1, 1, 0, 1}));
  const ProgramResult trained = w.train_several(data, {"--columns", "labels=y.npy"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json metrics = json::parse(run_program({"eval", w.model, "--data", data, "--columns", "labels=y.npy"}).out);
  EXPECT_EQ(metrics["per_label"]["0"]["support"], 2);
  EXPECT_EQ(metrics["per_label"]["1"]["support"], 2);
  w.folder.write("y.npy", indicator({1, 0, 0, 2, 1, 1, 0, 1}));
  const ProgramResult wrong = w.train_several(data, {"--columns", "labels=y.npy"});
  EXPECT_TRUE(wrong.complains("record 2: expected 0 or 1 for each label in \"labels\", got 2")) << wrong.err;
}

TEST(SeveralLabelsCommand, IsResumedUnbroken) {
  const Workplace unbroken, resumed;
  const Arguments four = {"--epochs", "4", "--schedule", "constant"};
  ASSERT_EQ(unbroken.train_several(unbroken.folder.write("f.tsv", films("tsv")), four).code, 0);
  ASSERT_EQ(resumed.train_several(resumed.folder.write("f.tsv", films("tsv")), with(four, {"--steps", "19"})).code, 0);
  const ProgramResult rest =
      run_program({"train", "classify", "--resume", "--out", resumed.model, "--epochs", "4", "--steps", "0"});
  ASSERT_EQ(rest.code, 0) << rest.err;
  EXPECT_EQ(unbroken.run("predict", "they weep\n").out, resumed.run("predict", "they weep\n").out);
}

TEST(SeveralLabelsMisuse, IsOneLine) {
  const Workplace w;
  const auto expect_refused = [&](const std::string& text, const std::string& message, const Arguments& more = {}) {
    const ProgramResult result = w.train_several(w.folder.write("bad", text), more);
    EXPECT_NE(result.code, 0) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
    EXPECT_FALSE(std::ifstream(w.model).good());
  };
  expect_refused("a,\tx\nb\ty\n", "bad: line 1: expected labels of one line without commas or tabs, got \"\"");
  expect_refused("no tab\n", "bad: line 1: expected labels<TAB>text, got no tab");
  expect_refused("a\tx\n\ty\n", "bad: its records have no other label than \"a\"; expected at least two labels");
  expect_refused("\tx\n\ty\n", "bad: its records have no labels; expected at least two labels");
  expect_refused("{\"labels\": [\"a,b\"], \"text\": \"x\"}\n", "line 1: expected labels of one line without commas");
  expect_refused("{\"labels\": [[1]], \"text\": \"x\"}\n", "line 1: expected \"labels\" to be a list of labels");
  expect_refused("{\"labels\": {}, \"text\": \"x\"}\n", "line 1: expected \"labels\" to be a list of labels");
  expect_refused("{\"text\": \"x\"}\n", "line 1: expected a JSON object with a \"labels\"");
  expect_refused(films("tsv"), "--class-weights: with --labels several", {"--class-weights", "balanced"});
  expect_refused(films("tsv"), "--focal: expected a number from 0 to 100", {"--focal", "-1"});
  expect_refused(films("tsv"), "--labels: ", {"--labels", "many"});
}

// Training knows a and b, validation a and c.
TEST(ClassifyCommand, LabelsMayBeInOnePartOnly) {
  const Workplace w;
  std::string training, validation;
  for (int i = 0; i < 10; ++i) {
    training += "a\tone\nb\ttwo\n";
    validation += i < 3 ? "c\tthree\n" : "a\tone\n";
  }
  const std::string data = w.folder.write("t.tsv", training), valid = w.folder.write("v.tsv", validation);
  const ProgramResult trained = w.train(data, {"--valid", valid});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_accuracy"], 0.7) << trained.out;
  const ProgramResult scored = run_program({"eval", w.model, "--data", valid});
  ASSERT_EQ(scored.code, 0) << scored.err;
  const json metrics = json::parse(scored.out);
  EXPECT_EQ(metrics["labels"], (json{"a", "b", "c"}));
  EXPECT_EQ(metrics["confusion"][0], (json{7, 0, 0}));
  EXPECT_EQ(metrics["confusion"][2][2], 0);
  EXPECT_EQ(metrics["unknown_labels"], 3);
  EXPECT_EQ(metrics["per_label"]["b"]["support"], 0);
  EXPECT_EQ(metrics["per_label"]["c"], (json{{"precision", 0.0}, {"recall", 0.0}, {"f1", 0.0}, {"support", 3}}));
  for (const auto& [name, value] : metrics.items()) EXPECT_FALSE(value.is_null()) << name;
}

// Labels that are right three times in four, whatever the text says: who is sure of more is not calibrated.
TEST(ClassifyCommand, SaysHowSureItMayBe) {
  const Workplace w;
  std::string text;
  for (int i = 0; i < 80; ++i) text += std::string(i % 4 == 0 ? "b" : "a") + "\tthe same\n";
  const std::string data = w.folder.write("t.tsv", text);
  ASSERT_EQ(w.train(data, {"--focal", "0"}).code, 0);
  const json metrics = json::parse(run_program({"eval", w.model, "--data", data}).out);
  EXPECT_LT(metrics["calibration_error"], 0.02) << metrics;
}

TEST(LabelTable, IsForPeople) {
  const nlohmann::ordered_json metrics = {
      {"records", 10},
      {"accuracy", 0.75},
      {"labels", {"a", "größe"}},
      {"per_label",
       {{"a", {{"precision", 1.0}, {"recall", 0.5}, {"f1", 2.0 / 3}, {"support", 8}}},
        {"größe", {{"precision", 0.0}, {"recall", 0.0}, {"f1", 0.0}, {"support", 2}}}}}};
  EXPECT_EQ(metric_table(metrics),
            "label  precision    recall        f1   support\n"
            "a         1.0000    0.5000    0.6667         8\n"
            "größe     0.0000    0.0000    0.0000         2\n"
            "\n"
            "records                     10\n"
            "accuracy                    0.7500\n");
}

using ClassifyOnTerminal = OnTerminal<>;

TEST_F(ClassifyOnTerminal, EvalPrintsATable) {
  const Workplace w;
  const std::string data = w.folder.write("f.tsv", films("tsv"));
  ASSERT_EQ(w.train_several(data, {"--epochs", "1"}).code, 0);
  int ends[2] = {-1, -1};
  ASSERT_EQ(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr), 0);
  const pid_t program = ::fork();
  if (program == 0) become_program({"eval", w.model, "--data", data}, ends[1], ends[1], STDERR_FILENO);
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  ::waitpid(program, nullptr, 0);
  EXPECT_TRUE(text.starts_with("label  precision    recall        f1   support\r\n")) << text;
  EXPECT_NE(text.find("\r\nmicro_f1 "), std::string::npos) << text;
  EXPECT_EQ(text.find('{'), std::string::npos) << text;
}

}  // namespace
}  // namespace recur::classify_labels_test
