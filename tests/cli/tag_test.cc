// recur train tag, and what predict and eval do with its models, on sentences that the words alone do not decide.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::tag_test {
namespace {

using nlohmann::json;

// Verbs end in "ing"; what follows one is its object, a chunk of one or two words. No verb occurs twice.
std::string sentences(int count, const std::string& stem = "") {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string verb = stem + std::string{"bcdf"[i % 4], "aeiou"[i / 4 % 5], "lmnprst"[i / 20 % 7]} + "ing";
    text += "we\tPR\tO\n" + verb + "\tVB\tO\n" + (i % 2 == 0 ? "old\tJJ\tB-NP\ncats\tNN\tI-NP\n" : "cats\tNN\tB-NP\n") +
            "\n";
  }
  return text;
}

struct Sentences {
  TempFolder folder;
  std::string data = folder.write("train.conll", sentences(80));
  std::string valid = folder.write("valid.conll", sentences(20, "q"));
  std::string model = folder.file("m.safetensors");

  // A tiny network; the last of a repeated flag counts.
  ProgramResult train(const Arguments& more = {}) const {
    Arguments letters = {"--letter-hidden", "6", "--letter-embedding", "4"};
    if (std::ranges::find(more, "none") != more.end()) letters.clear();
    const Arguments common = {"train",       "tag", "--data",   data, "--valid", valid, "--out", model, "--hidden", "8",
                              "--embedding", "6",   "--epochs", "2",  "--batch", "8",   "--lr",  "0.02"};
    return run_program(with(with(common, letters), more));
  }
  ProgramResult predict(const std::string& text, const Arguments& more = {}) const {
    return run_program(with({"predict", model, "--data", folder.write("new.conll", text)}, more));
  }
  ProgramResult eval(const std::string& text, const Arguments& more = {}) const {
    return run_program(with({"eval", model, "--data", folder.write("test.conll", text)}, more));
  }
};

// Verbs are unknown words: only their letters tell them from unknown objects.
TEST(TagTraining, LearnsFromLettersWithAnyOutput) {
  std::string data;
  for (int i = 0; i < 80; ++i) {
    const std::string word = {"bcdf"[i % 4], "aeiou"[i / 4 % 5], "lmnprst"[i / 20 % 7]};
    data += (i % 2 == 0 ? word + "ing V\n" : word + "ed N\n") + "x O\n\n";
  }
  for (const Arguments& kind : {Arguments{"--letter-cell", "lstm"},
                                {"--letter-cell", "gru", "--crf=false"},
                                {"--letter-cell", "tdnn"},
                                {"--letter-cell", "none"}}) {
    const Sentences s;
    const std::string file = s.folder.write("d", data);
    const ProgramResult trained =
        s.train(with({"--data", file, "--valid", file, "--epochs", "12", "--dropout", "0", "--min-count", "2"}, kind));
    ASSERT_EQ(trained.code, 0) << trained.err;
    const double accuracy = json::parse(trained.out)["best_accuracy"];
    if (kind[1] == "none") {
      EXPECT_EQ(accuracy, 0.75);
    } else {
      EXPECT_EQ(accuracy, 1) << kind[1] << trained.err;
    }
  }
}

TEST(TagTraining, ResumedIsAsUnbroken) {
  for (const Arguments& kind : {Arguments{"--layers", "2", "--embedding-dropout", "0.1"},
                                {"--crf=false", "--letter-cell", "tdnn", "--variational", "--weight-drop", "0.2"}}) {
    const Sentences whole, parts;
    const Arguments own = with({"--dropout", "0.3", "--schedule", "constant", "--epochs", "4"}, kind);
    ASSERT_EQ(whole.train(own).code, 0);
    ASSERT_EQ(parts.train(with(own, {"--steps", "17"})).code, 0);  // of 10 in an epoch
    const ProgramResult rest = run_program({"train", "tag", "--resume", "--out", parts.model, "--steps", "0"});
    ASSERT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(parts.eval(sentences(9)).out, whole.eval(sentences(9)).out);
  }
}

TEST(TagTraining, ThreadsDoNotChangeTheResult) {
  const Sentences s;
  for (const char* threads : {"1", "2", "3"}) {
    const ProgramResult trained =
        s.train({"--hidden", "33", "--letter-hidden", "17", "--threads", threads, "--out", s.folder.file(threads)});
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  EXPECT_EQ(s.folder.read("1"), s.folder.read("2"));
  EXPECT_EQ(s.folder.read("1"), s.folder.read("3"));
}

TEST(TagTraining, CountsLongSentencesOfTrainingAndHoldsOneInTwentyOut) {
  const Sentences s;
  const Arguments tiny = {"train", "tag",         "--data", s.data,     "--out", s.model,        "--hidden",
                          "2",     "--embedding", "2",      "--epochs", "1",     "--max-length", "3"};
  const ProgramResult cut = run_program(tiny);
  ASSERT_EQ(cut.code, 0) << cut.err;
  EXPECT_NE(cut.err.find("76 records, 4 for validation"), std::string::npos) << cut.err;
  // Every other sentence is long, and of the four held out two.
  EXPECT_NE(cut.err.find("train.conll: 38 over --max-length were cut"), std::string::npos) << cut.err;
  const ProgramResult dropped = run_program(with(tiny, {"--drop-long"}));
  EXPECT_NE(dropped.err.find("38 records, 2 for validation"), std::string::npos) << dropped.err;
  EXPECT_NE(dropped.err.find("38 over --max-length were left out"), std::string::npos) << dropped.err;
}

TEST(TagTraining, LongSentencesOfValidationAreNotCountedAsTraining) {
  const Sentences s;
  std::string data;
  for (int i = 0; i < 40; ++i) data += "a X\nb Y\nc X\n\n";
  const ProgramResult cut = run_program({"train", "tag", "--data", s.folder.write("d", data), "--out", s.model,
                                         "--hidden", "2", "--embedding", "2", "--epochs", "1", "--max-length", "2"});
  EXPECT_NE(cut.err.find("d: 38 over --max-length were cut"), std::string::npos) << cut.err;
  EXPECT_NE(cut.err.find("d: 2 for validation over --max-length were cut"), std::string::npos) << cut.err;
}

TEST(TagPrediction, KeepsLinesInOrderAndAlone) {
  const Sentences s;
  ASSERT_EQ(s.train().code, 0);
  const std::string text = "\n\nwe\nbaling\n\n \nold x\ncats\ty\tz\n\n";
  const std::string out = s.predict(text).out;
  std::string words;
  for (std::size_t i = 0; i < out.size(); ++i) {
    words += out[i];
    if (out[i] == '\t') i = out.find('\n', i) - 1;
  }
  EXPECT_EQ(words, "\n\nwe\t\nbaling\t\n\n\nold\t\ncats\t\n\n");
  EXPECT_EQ(s.predict("we\nbaling\n").out + "\n\n" + s.predict("old\ncats").out + "\n", out.substr(2));
  EXPECT_EQ(s.predict("").out, "");
  EXPECT_EQ(s.predict("\n").out, "\n");
  // Nothing is known of these, not even a letter.
  EXPECT_EQ(s.predict("日本\n\xe2\x80\x8b\nthe\xc2\xa0x\n").code, 0);
}

TEST(TagLengths, OfOneAndOfManyWords) {
  const Sentences s;
  std::string text = "we O\n\n";
  for (int i = 0; i < 100'000; ++i) text += i % 3 == 0 ? "we O\n" : "cats B-NP\n";
  const std::string data = s.folder.write("long.conll", text);
  const ProgramResult trained = s.train({"--data", data, "--valid", data, "--hidden", "2", "--embedding", "2",
                                         "--letter-hidden", "2", "--epochs", "1", "--max-length", "100000"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(trained.err.find("over --max-length"), std::string::npos) << trained.err;
  const ProgramResult scored = s.eval(text, {"--max-length", "100000"});
  EXPECT_EQ(json::parse(scored.out)["words"], 100'001);
  EXPECT_EQ(json::parse(s.eval(text).out)["cut"], 1);
  const ProgramResult predicted = s.predict(text);
  EXPECT_EQ(std::ranges::count(predicted.out, '\n'), 100'002);
  EXPECT_EQ(predicted.err, "");  // in parts
}

TEST(TagWrongInput, NamesFileAndLineAndWritesNothing) {
  const Sentences s;
  const std::pair<std::string, const char*> cases[] = {
      {"we O\n\ncats\n", "bad.conll: line 3: expected a word and its tag, got only \"cats\""},
      {"we O\ncats \xffx\n", "bad.conll: line 2: expected UTF-8, got 0xFF at byte 5"},
      {"we O\n" + std::string("x\0y O\n", 6), "bad.conll: line 2: expected text, got a NUL byte"},
      {"", "bad.conll: no "},
      {" \n\t\n", "bad.conll: no "},
  };
  for (const auto& [text, message] : cases) {
    const std::string bad = s.folder.write("bad.conll", text);
    for (const char* flag : {"--data", "--valid"}) {
      const ProgramResult result = s.train({flag, bad});
      EXPECT_EQ(result.code, 1) << message;
      EXPECT_EQ(result.out, "") << message;
      EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
    }
  }
  const ProgramResult long_ones = s.train({"--max-length", "2", "--drop-long"});
  EXPECT_EQ(long_ones.code, 1);
  EXPECT_TRUE(long_ones.complains("--max-length")) << long_ones.err;
  const std::pair<const char*, const char*> vectors[] = {
      {"we 1 2\ncats 1 2\n", "v.txt: line 1: expected 6 numbers, as --embedding says, got 2; give --embedding 2"},
      {"we 1 2 3 4 5 6\ncats 1 2\nx\n", "v.txt: line 2: expected 6 numbers"},
      {"we 1 2 3 4 x 6\n", "v.txt: line 1: number 5 of 6"},
      {"nobody 1 2 3 4 5 6\n", "v.txt: has a vector for none of"},
  };
  for (const auto& [text, message] : vectors) {
    const ProgramResult refused = s.train({"--embeddings", s.folder.write("v.txt", text)});
    EXPECT_EQ(refused.code, 1) << message;
    EXPECT_TRUE(refused.complains(message)) << message << ": " << refused.err;
  }
  EXPECT_FALSE(s.folder.list().contains("m.safetensors"));
  EXPECT_FALSE(s.folder.list().contains("m.last.safetensors"));
}

TEST(TagWrongInput, OfModelsAndFlags) {
  const Sentences s;
  ASSERT_EQ(s.train().code, 0);
  EXPECT_TRUE(s.eval("we\n").complains("test.conll: line 1: expected a word and its tag, got only \"we\""));
  EXPECT_TRUE(s.eval("\n").complains("test.conll: no records; expected a word and its tag a line"));
  const ProgramResult bytes = s.predict("we\ncats\n\n\xc3(\n");
  EXPECT_EQ(bytes.code, 1);
  EXPECT_EQ(std::ranges::count(bytes.out, '\n'), 3) << bytes.out;  // the sentence before
  EXPECT_TRUE(bytes.complains("new.conll: line 4: expected UTF-8")) << bytes.err;
  const ProgramResult zero = s.train({"--embedding", "0"});
  EXPECT_EQ(zero.code, 2);
  EXPECT_TRUE(zero.complains("--embedding: expected at least 1")) << zero.err;
  const ProgramResult other = run_program({"train", "classify", "--resume", "--out", s.model});
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(other.complains("m.last.safetensors: a checkpoint of the task tag; resume with recur train tag"))
      << other.err;
}

}  // namespace
}  // namespace recur::tag_test
