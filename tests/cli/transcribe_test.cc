// recur train transcribe, and what predict and eval do with its models, on letters that are held for a few steps.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::transcribe_test {
namespace {

using nlohmann::json;

constexpr const char* kWords[] = {"no", "on", "noon", "nn"};

// Each letter is a direction for two or three steps, then nothing for one.
std::string record(const std::string& text, int seed) {
  std::string steps;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int held = 2 + (seed + static_cast<int>(i)) % 2;
    for (int k = 0; k < held; ++k) {
      steps += fmt::format("[{},{}],", text[i] == 'n' ? 1 : 0.1 * (seed % 3), text[i] == 'o' ? 1 : 0.1 * (seed % 2));
    }
    steps += "[0,0],";
  }
  steps.pop_back();
  return fmt::format("{{\"audio\": [{}], \"text\": \"{}\"}}\n", steps, text);
}

std::string records(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    const std::string first = kWords[i % 4];
    lines += record(i % 3 == 0 ? first + " " + kWords[i / 4 % 4] : first, i);
  }
  return lines;
}

struct Letters {
  TempFolder folder;
  std::string data = folder.write("train.jsonl", records(120));
  std::string valid = folder.write("valid.jsonl", records(24));
  std::string model = folder.file("m.safetensors");

  // A small network; the last of a repeated flag counts.
  ProgramResult train(const Arguments& more = {}) const {
    return run_program(
        with({"train",    "transcribe", "--data",    data, "--valid",  valid, "--out",   model, "--layers", "1",
              "--hidden", "12",         "--dropout", "0",  "--epochs", "12",  "--batch", "8",   "--lr",     "0.03"},
             more));
  }
};

TEST(Transcribe, LearnsWritesAndIsMeasured) {
  const Letters s;
  const ProgramResult trained = s.train();
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_wer"], 0) << trained.out;
  const ProgramResult text = run_program({"predict", s.model, "--data", s.valid, "--beam", "4"});
  EXPECT_TRUE(text.out.starts_with("no no\non\nnoon\nnn no\n")) << text.out << text.err;
  const json metrics = json::parse(run_program({"eval", s.model, "--data", s.valid}).out);
  EXPECT_EQ(metrics["wer"], 0);
  EXPECT_EQ(metrics["words"], 32);
  EXPECT_TRUE(metrics["worst"].empty());
  const std::string times = s.folder.file("times");
  const ProgramResult best =
      run_program({"predict", s.model, "--data", s.valid, "--n-best", "2", "--alignments", times});
  EXPECT_TRUE(best.out.starts_with("1\t-")) << best.out;
  const json words = json::parse(s.folder.read("times").substr(0, s.folder.read("times").find('\n')))["words"];
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[1]["word"], "no");
  EXPECT_GT(words[1]["first"], words[0]["last"]);
}

TEST(Transcribe, SearchesWithALexiconAndALanguageModel) {
  const Letters s;
  ASSERT_EQ(s.train().code, 0);
  const std::string lines = s.folder.write("lines", "nn no\nnn nn\nno nn\nnn\n"), language = s.folder.file("lm");
  ASSERT_EQ(run_program({"train", "lm", "--data", lines, "--valid", lines, "--out", language, "--hidden", "4",
                         "--tokenizer", "word", "--epochs", "1", "--batch", "1"})
                .code,
            0);
  const std::string lexicon = s.folder.write("lexicon", "no N OW\nnn N N\n");
  const ProgramResult guided = run_program({"predict", s.model, "--data", s.valid, "--lexicon", lexicon, "--lm",
                                            language, "--lm-weight", "0.1", "--insertion-bonus", "0.1"});
  EXPECT_EQ(guided.code, 0) << guided.err;
  EXPECT_EQ(guided.out.find("on"), std::string::npos) << guided.out;
  EXPECT_TRUE(guided.out.starts_with("no no\n")) << guided.out;
  const auto refused = [&](const Arguments& more, const std::string& why) {
    const ProgramResult result = run_program(with({"predict", s.model, "--data", s.valid}, more));
    EXPECT_EQ(result.code, why.starts_with("--") ? 2 : 1);
    EXPECT_TRUE(result.complains(why)) << result.err;
  };
  refused({"--lm", s.model}, "m.safetensors: a model of the task transcribe, expected a language model of one text");
  refused({"--lm-weight", "2"}, "--lm-weight: only goes with --lm");
  refused({"--length-penalty", "2"}, "--length-penalty: only a model whose texts are written by a decoder");
  refused({"--min-output", "2"}, "--min-output: only a model whose texts are written by a decoder");
  refused({"--no-repeat", "2"}, "--no-repeat: only a model whose texts are written by a decoder");
  refused({"--n-best", "9"}, "--n-best: expected a number from 1 to the beam, 5, got 9");
  refused({"--alignment-svg", s.folder.file("a.svg")}, "--alignment-svg: draws what a decoder looked at");
  const std::string empty = s.folder.write("empty", "\n");
  refused({"--lexicon", empty}, "empty: no words; expected a word at the beginning of each line");
}

TEST(Transcribe, SaysWhichRecordsTeachNothing) {
  const Letters s;
  const std::string more = s.folder.write("more", records(40) + "{\"audio\": [[1, 0], [1, 0]], \"text\": \"nn\"}\n");
  const ProgramResult some = s.train({"--data", more, "--epochs", "1"});
  EXPECT_EQ(some.code, 0);
  EXPECT_NE(some.err.find("more: 1 records teach nothing: \"nn\" takes 3 steps"), std::string::npos) << some.err;
  const ProgramResult judged = run_program({"eval", s.model, "--data", more});
  EXPECT_TRUE(judged.complains("more: 1 records are not in the loss: \"nn\" takes 3 steps")) << judged.err;
  const std::string none = s.folder.write("none", "{\"audio\": [[1, 0], [1, 0]], \"text\": \"nn\"}\n");
  const ProgramResult refused = s.train({"--data", none});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.complains("none: nothing can be learned: \"nn\" takes 3 steps")) << refused.err;
}

TEST(Transcribe, ATransducerLearnsToo) {
  const Letters s;
  const ProgramResult trained =
      s.train({"--output", "transducer", "--joint", "24", "--embedding", "8", "--epochs", "16"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_wer"], 0) << trained.out;
  const std::string times = s.folder.file("times");
  const ProgramResult text =
      run_program({"predict", s.model, "--data", s.valid, "--n-best", "2", "--alignments", times});
  EXPECT_TRUE(text.out.starts_with("1\t-")) << text.out << text.err;
  const json words = json::parse(s.folder.read("times").substr(0, s.folder.read("times").find('\n')))["words"];
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[1]["word"], "no");
  EXPECT_GE(words[1]["first"], words[0]["last"]);
  const std::string lexicon = s.folder.write("lexicon", "no\nnn\n");
  const ProgramResult guided =
      run_program({"predict", s.model, "--data", s.valid, "--lexicon", lexicon, "--insertion-bonus", "0.1"});
  EXPECT_EQ(guided.out.find("on"), std::string::npos) << guided.out << guided.err;
  EXPECT_TRUE(guided.out.starts_with("no no\n")) << guided.out;
  EXPECT_TRUE(run_program({"predict", s.model, "--data", s.valid, "--length-penalty", "2"})
                  .complains("--length-penalty: only a model whose texts are written by a decoder has a use for it; "
                             "this one's are by a transducer"));
  EXPECT_TRUE(run_program({"predict", s.model, "--data", s.valid, "--alignment-svg", s.folder.file("a.svg")})
                  .complains("--alignment-svg: draws what a decoder looked at"));
  EXPECT_NE(run_program({"info", s.model}).out.find("prediction"), std::string::npos);
}

TEST(Transcribe, ATransducerStartsFromCtc) {
  const Letters s;
  const std::string ctc = s.folder.file("ctc.safetensors");
  ASSERT_EQ(s.train({"--out", ctc, "--epochs", "1"}).code, 0);
  const ProgramResult started = s.train({"--output", "transducer", "--epochs", "1", "--init-from", ctc});
  EXPECT_EQ(started.code, 0) << started.err;
  // Weights and biases of both directions.
  EXPECT_NE(started.err.find("ctc.safetensors: took 8 of "), std::string::npos) << started.err;
}

TEST(Transcribe, ADecoderThatLooksLearnsToo) {
  const Letters s;
  const ProgramResult trained = s.train({"--output", "attention", "--epochs", "30"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_LT(json::parse(trained.out)["best_wer"].get<double>(), 0.3) << trained.out;
  const ProgramResult text = run_program({"predict", s.model, "--data", s.valid, "--alignments", s.folder.file("a")});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(s.folder.read("a").starts_with("{\"source\":[\"0\",\"1\","));
  const ProgramResult refused = run_program({"predict", s.model, "--data", s.valid, "--lexicon", s.data});
  EXPECT_TRUE(
      refused.complains("--lexicon: only a model whose texts are written by CTC or a transducer has a use for it"))
      << refused.err;
}

// How long a text may get goes by the frames that were read, not by the fewer steps that are made of them.
TEST(Transcribe, StackedFramesLeaveRoomForTheText) {
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    std::string steps, text;
    for (int k = 0; k < 30; ++k) {
      const bool n = (i * 7 + k * k) % 3 != 0;
      for (int held = 0; held < 4; ++held) steps += n ? "[1,0]," : "[0,1],";
      text += n ? "n " : "o ";
    }
    steps.pop_back();
    text.pop_back();
    lines += "{\"audio\": [" + steps + "], \"text\": \"" + text + "\"}\n";
  }
  const Letters s;
  const std::string data = s.folder.write("long.jsonl", lines);
  for (const Arguments& fewer : {Arguments{"--stack", "8"}, Arguments{"--layers", "2", "--every", "4"}}) {
    const Arguments how = {"--data",    data,          "--valid", data,      "--output",
                           "attention", "--tokenizer", "word",    "--steps", "1"};
    const ProgramResult trained = s.train(with(how, fewer));
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_NE(trained.err.find("nats a token"), std::string::npos) << trained.err;
    // An output that never ends is as long as it may be.
    const ProgramResult found = run_program({"predict", s.model, "--data", data, "--beam", "1"});
    const std::string first = found.out.substr(0, found.out.find('\n'));
    EXPECT_GE(std::ranges::count(first, ' '), 31) << first;
  }
}

TEST(Transcribe, ResumedIsAsUnbrokenAndThreadsChangeNothing) {
  for (const char* output : {"ctc", "transducer"}) {
    const Letters whole, parts;
    const Arguments same = {"--epochs", "4", "--schedule", "constant", "--output", output, "--dropout", "0.2"};
    ASSERT_EQ(whole.train(with(same, {"--threads", "1"})).code, 0);
    ASSERT_EQ(parts.train(with(same, {"--threads", "3", "--steps", "33"})).code, 0);
    const ProgramResult rest = run_program({"train", "transcribe", "--resume", "--out", parts.model, "--steps", "0"});
    ASSERT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(run_program({"eval", parts.model, "--data", whole.valid}).out,
              run_program({"eval", whole.model, "--data", whole.valid}).out);
  }
}

}  // namespace
}  // namespace recur::transcribe_test
