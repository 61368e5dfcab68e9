// recur train embed, and what neighbours, analogy, eval, info and the other tasks do with its files.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::embed_test {
namespace {

using nlohmann::json;

// Cats and dogs run, apples and pears ripen.
std::string text(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const bool animal = i % 2 == 0;
    text += std::string("The ") + (animal ? (i % 4 == 0 ? "cats" : "dogs") : (i % 4 == 1 ? "apples" : "pears"));
    text += animal ? " run in fields.\n" : " ripen on trees.\n";
  }
  return text;
}

struct Text {
  TempFolder folder;
  std::string data = folder.write("text.txt", text(400));

  ProgramResult train(const std::string& name, const Arguments& more = {}) const {
    return run_program(with({"train", "embed", "--data", data, "--out", folder.file(name), "--embedding", "8",
                             "--subsample", "0", "--epochs", "10", "--threads", "1"},
                            more));
  }
};

TEST(EmbedCommand, TrainsAndSaysWhatCameOutOfIt) {
  const Text text;
  const ProgramResult result = text.train("v.safetensors");
  ASSERT_EQ(result.code, 0) << result.err;
  const json out = json::parse(result.out);
  EXPECT_EQ(out["vocabulary"], 12) << "the four, the, run, ripen, in, on, fields, trees, .";
  EXPECT_EQ(out["words"], 400 * 6 * 10);
  EXPECT_EQ(out["epochs"], 10);
  EXPECT_EQ(out["reason"], "finished");
  EXPECT_GT(out["loss"], 0);
  const json about = json::parse(run_program({"info", text.folder.file("v.safetensors"), "--json"}).out);
  EXPECT_EQ(about["task"], "embed");
  EXPECT_EQ(about["words"], 12);
  EXPECT_EQ(about["model"]["embedding"], 8);
  EXPECT_NE(run_program({"info", text.folder.file("v.safetensors")}).out.find("width       8"), std::string::npos);
}

TEST(EmbedCommand, EveryFormatAnswersAlike) {
  const Text text;
  for (const char* name : {"v.safetensors", "v.vec", "v.bin"}) {
    SCOPED_TRACE(name);
    ASSERT_EQ(text.train(name).code, 0);
    const std::string path = text.folder.file(name);
    const ProgramResult near = run_program({"neighbours", path, "cats", "--count", "2"});
    EXPECT_TRUE(near.out.starts_with("dogs\t")) << near.out << near.err;
    EXPECT_EQ(std::ranges::count(near.out, '\n'), 2);
    const ProgramResult analogy = run_program({"analogy", path, "cats", "run", "apples", "--count", "1"});
    EXPECT_EQ(analogy.code, 0) << analogy.err;
    const std::string pairs = text.folder.write("pairs.txt", "cats dogs 9\ncats apples 2\nApples pears 9.5\nx y 1\n");
    const json scores = json::parse(run_program({"eval", path, "--data", pairs}).out);
    EXPECT_EQ(scores["pairs"], 4);
    EXPECT_EQ(scores["covered"], 3);
    EXPECT_GT(scores["spearman"], 0);
    // Other tasks start from it.
    const std::string records =
        text.folder.write("r.tsv", "a\tcats run\nb\tapples ripen\na\tdogs run\nb\tpears ripen\n");
    const ProgramResult task = run_program({"train", "classify", "--data", records, "--valid", records, "--out",
                                            text.folder.file("m.safetensors"), "--embedding", "8", "--embeddings", path,
                                            "--epochs", "1", "--hidden", "4"});
    EXPECT_EQ(task.code, 0) << task.err;
    EXPECT_NE(task.err.find("vectors for 6 of"), std::string::npos) << task.err;
  }
}

TEST(EmbedCommand, OneThreadAndExactRepeatThemselves) {
  const Text text;
  ASSERT_EQ(text.train("a.vec").code, 0);
  ASSERT_EQ(text.train("b.vec", {"--threads", "3", "--exact"}).code, 0);
  EXPECT_EQ(text.folder.read("a.vec"), text.folder.read("b.vec"));
  // A model file has the options, too.
  ASSERT_EQ(text.train("a.safetensors", {"--exact"}).code, 0);
  ASSERT_EQ(text.train("b.safetensors", {"--threads", "3", "--exact"}).code, 0);
  EXPECT_TRUE(text.folder.read("a.safetensors") == text.folder.read("b.safetensors"));
}

TEST(EmbedCommand, WithLettersUnknownWordsHaveVectors) {
  const Text text;
  ASSERT_EQ(text.train("v.safetensors", {"--letters-from", "3", "--loss", "hierarchical"}).code, 0);
  const ProgramResult near = run_program({"neighbours", text.folder.file("v.safetensors"), "catses", "--count", "1"});
  EXPECT_TRUE(near.out.starts_with("cats\t") || near.out.starts_with("dogs\t")) << near.out << near.err;
}

TEST(EmbedCommand, SaysWhichWordIsMeant) {
  const Text text;
  ASSERT_EQ(text.train("v.vec").code, 0);
  const ProgramResult near = run_program({"neighbours", text.folder.file("v.vec"), "aples"});
  EXPECT_EQ(near.code, 1);
  EXPECT_TRUE(near.complains("has no vector for \"aples\"; the nearest spelling is \"apples\"")) << near.err;
}

TEST(EmbedCommand, MistakesAreOneLine) {
  const Text text;
  const auto complains = [&](const ProgramResult& result, int code, const std::string& what) {
    EXPECT_EQ(result.code, code) << what;
    EXPECT_TRUE(result.complains(what)) << "expected " << what << ", got " << result.err;
  };
  complains(run_program({"train", "embed"}), 2, "--data FILE is required");
  complains(text.train("v.pt"), 1,
            "v.pt: word vectors are written to .safetensors, to .vec or .txt (text), or to .bin");
  complains(text.train("v.vec", {"--letters-from", "7"}), 2,
            "--letters-from: expected at most --letters-to, which is 6");
  complains(text.train("v.vec", {"--min-count", "100000"}), 1, "at least two different words");
  complains(text.train("v.vec", {"--resume"}), 2, "unknown option \"--resume\"");
  const std::string one = text.folder.write("one.txt", "word word word word word\n");
  complains(run_program({"train", "embed", "--data", one, "--out", text.folder.file("v.vec")}), 1,
            "one.txt: expected at least two different words that occur 5 times or more, got 1");
  ASSERT_EQ(text.train("v.safetensors").code, 0);
  const std::string model = text.folder.file("v.safetensors");
  complains(run_program({"predict", model, "--data", one}), 1, "word vectors, expected a network");
  const std::string cut = text.folder.write("cut.vec", "3 2\na 1 2\nb 3 4\n");
  complains(run_program({"info", cut}), 1,
            "cut.vec: its first line tells of 3 words, but it ends behind the vector of word 2");
  const std::string within = text.folder.write("within.vec", "3 2\na 1 2\nb 3 4\nc 5");
  complains(run_program({"neighbours", within, "a"}), 1, "it ends within the vector of word 3");
  const std::string records = text.folder.write("r.tsv", "a\tcats run\nb\tapples ripen\n");
  complains(run_program({"train", "classify", "--data", records, "--valid", records, "--embedding", "2", "--embeddings",
                         cut, "--out", text.folder.file("m.safetensors")}),
            1, "cut.vec: its first line tells of 3 words, but it ends behind the vector of word 2");
  EXPECT_EQ(text.train("v.vec", {"--letters-from", "2", "--letters-to", "3"}).code, 0);
  complains(text.train("v.vec", {"--letters-to", "3"}), 2, "--letters-to: only goes with --letters-from");
  complains(text.train("v.vec", {"--loss", "hierarchical", "--negatives", "3"}), 2,
            "--negatives: only goes with --loss negative");
  const std::string config = text.folder.write("c.toml", "min-count = 1\n");
  complains(text.train("c.toml", {"--config", config}), 2, "--out: would write over the input");
  const std::string whole = text.folder.write("whole.vec", "3 2\na 1 2\nb 3 4\nc 5 x\n");
  EXPECT_EQ(run_program({"info", whole}).code, 0) << "whose last line is none, but there";
  const std::string vectors = text.folder.write("some.vec", "cats 1 2\nrun 2 x\nsea 2 2\ndog 1 1\n");
  const ProgramResult near = run_program({"neighbours", vectors, "cats"});
  EXPECT_TRUE(near.complains("some.vec: skipped 1, the first is line 2: ")) << near.err;
  complains(run_program({"predict", vectors, "--data", one}), 1, "some.vec: word vectors, expected a model");
  complains(run_program({"train", "classify", "--data", records, "--embeddings", vectors, "--out", vectors}), 2,
            "--out: would write over the input");
  const std::string named = text.folder.write("caf\xE9.txt", "cats run\n");
  complains(run_program({"train", "embed", "--data", named, "--out", text.folder.file("v.vec")}), 2,
            "--data: expected UTF-8, got");
  complains(run_program({"train", "classify", "--data", records, "--valid", records, "--embedding", "9", "--embeddings",
                         model, "--out", text.folder.file("m.safetensors")}),
            1, "v.safetensors: expected 9 numbers, as --embedding says, got 8; give --embedding 8");
}

TEST(EmbedCommand, AnInterruptedTrainingIsSaved) {
  const Text text;
  ProgramOptions options;
  bool asked = false;
  options.watch = [&](pid_t program, const std::string& err) {
    if (!asked && err.find("different") != std::string::npos) {
      asked = true;
      ::kill(program, SIGINT);
    }
  };
  const ProgramResult result = run_program(
      {"train", "embed", "--data", text.data, "--out", text.folder.file("v.vec"), "--epochs", "1000000"}, options);
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_EQ(json::parse(result.out)["reason"], "interrupted");
  EXPECT_TRUE(text.folder.read("v.vec").starts_with("12 100\n"));
}

}  // namespace
}  // namespace recur::embed_test
