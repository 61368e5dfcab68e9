// recur train translate, and what predict and eval do with its models; every mistake names its file and line or flag.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "base/temp_folder.h"
#include "cli/run_program.h"

namespace recur::translate_test {
namespace {

using nlohmann::json;

// Letters and the same as capitals, backwards.
std::string pairs() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const std::string word = {"abc"[i % 3], "cabd"[i % 4], "abcde"[i % 5]};
    std::string answer(word.rbegin(), word.rend());
    for (char& letter : answer) letter = static_cast<char>(letter - 'a' + 'A');
    text += word + "\t" + answer + "\n";
  }
  return text;
}

ProgramResult run(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

struct Workplace {
  TempFolder folder;
  std::string data = folder.write("pairs.tsv", pairs()), model = folder.file("m.safetensors");

  // A tiny network; the last of a repeated flag counts.
  ProgramResult train(const Arguments& more = {}) const {
    return run({"train",
                "translate",
                "--data",
                data,
                "--valid",
                data,
                "--out",
                model,
                "--hidden",
                "8",
                "--embedding",
                "6",
                "--epochs",
                "2",
                "--batch",
                "8",
                "--lr",
                "0.01",
                "--source-tokenizer",
                "char",
                "--target-tokenizer",
                "char"},
               more);
  }
  ProgramResult predict(const std::string& sources, const Arguments& more = {}) const {
    return run({"predict", model, "--data", folder.write("new.txt", sources)}, more);
  }
  ProgramResult eval(const std::string& text, const Arguments& more = {}) const {
    return run({"eval", model, "--data", folder.write("test.tsv", text)}, more);
  }
};

Arguments lines_of(const std::string& text) {
  Arguments lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(TranslateCommand, TrainsScoresAndPredicts) {
  const Workplace w;
  const ProgramResult trained = w.train({"--epochs", "25", "--hidden", "24", "--measure", "exact", "--dropout", "0"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_exact"], 1.0) << trained.err;

  const ProgramResult scored = w.eval("abc\tCBA\nabc\tX\n", {"--beam", "2"});
  ASSERT_EQ(scored.code, 0) << scored.err;
  const json metrics = json::parse(scored.out);
  EXPECT_EQ(metrics["records"], 2);
  EXPECT_EQ(metrics["sources"], 1);
  for (const char* name : {"bleu", "exact", "error_rate", "nats_per_token", "perplexity"}) {
    EXPECT_TRUE(metrics[name].is_number()) << name;
  }

  const std::string first = pairs().substr(0, pairs().find('\n'));
  const std::string source = first.substr(0, 3), target = first.substr(4);
  EXPECT_EQ(w.predict(source + "\n\n" + first + "\n").out, target + "\n\n" + target + "\n");
  const ProgramResult several = w.predict(source + "\n\n" + source + "\n", {"--beam", "4", "--n-best", "3"});
  const Arguments lines = lines_of(several.out);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_TRUE(lines[0].starts_with("1\t-") && lines[0].ends_with("\t" + target)) << several.out;
  EXPECT_EQ(lines[3], "");
  EXPECT_TRUE(lines[4].starts_with("3\t-") && lines[4].ends_with("\t" + target)) << several.out;
  EXPECT_GE(std::stod(lines[0].substr(2)), std::stod(lines[1].substr(2)));
  EXPECT_GE(std::stod(lines[1].substr(2)), std::stod(lines[2].substr(2)));
  EXPECT_TRUE(w.predict(source + "\n", {"--scores"}).out.ends_with("\t" + target + "\n"));
}

TEST(TranslateCommand, HoldsOutRecordsForValidation) {
  const Workplace w;
  const ProgramResult trained = run_program(
      {"train", "translate", "--data", w.data, "--out", w.model, "--hidden", "8", "--embedding", "4", "--epochs", "1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("57 records, 3 for validation"), std::string::npos) << trained.err;
}

TEST(TranslateCommand, WritesAlignments) {
  const Workplace w;
  ASSERT_EQ(w.train().code, 0);
  const std::string table = w.folder.file("a.jsonl"), drawing = w.folder.file("a.svg");
  EXPECT_TRUE(w.predict("ab\n", {"--alignments", drawing, "--alignment-svg", drawing}).complains("is written already"));
  EXPECT_TRUE(w.predict("ab\n", {"--beam", "1", "--coverage-penalty", "0.2"}).complains("--beam is 1"));
  ASSERT_EQ(w.predict("ab\n\ncab<\n", {"--alignments", table, "--alignment-svg", drawing}).code, 0);
  const Arguments lines = lines_of(w.folder.read("a.jsonl"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], "{}");
  const json last = json::parse(lines[2]);
  EXPECT_EQ(last["source"], (Arguments{"c", "a", "b", "<"}));
  ASSERT_EQ(last["weights"].size(), last["target"].size());
  for (const json& row : last["weights"]) {
    ASSERT_EQ(row.size(), 4U);
    const auto weights = row.get<std::vector<double>>();
    EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.0), 1, 1e-5);
  }
  EXPECT_TRUE(w.folder.read("a.svg").starts_with("<svg "));
}

// What is measured is what the model was to write.
TEST(TranslateCommand, MeasuresInLowerCaseWhatIsWrittenSo) {
  const Workplace w;
  const Arguments lower = {"--target-lowercase",
                           "--target-tokenizer",
                           "word",
                           "--source-tokenizer",
                           "word",
                           "--epochs",
                           "60",
                           "--lr",
                           "0.05"};
  const ProgramResult trained = w.train(lower);
  ASSERT_EQ(trained.code, 0) << trained.err;
  std::string text = pairs(), low = text;
  std::ranges::transform(low, low.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const json upper = json::parse(w.eval(text).out);
  EXPECT_EQ(upper, json::parse(w.eval(low).out));
  EXPECT_GT(upper["chrf"].get<double>(), 20) << upper;
  const std::string all = w.folder.write("all.tsv", text);
  std::string targets;
  for (const std::string& line : lines_of(text)) targets += line.substr(line.find('\t') + 1) + "\n";
  const ProgramResult more =
      run_program({"eval", w.model, "--data", all, "--reference", w.folder.write("r.txt", targets)});
  EXPECT_EQ(json::parse(more.out)["chrf"], upper["chrf"]) << more.out;
}

// The sampled softmax, the decoder's own predictions as inputs, dropout: all that is drawn.
TEST(TranslateCommand, ResumedIsAsUnbroken) {
  const std::vector<Arguments> options = {
      {"--scheduled-sampling", "0.5", "--dropout", "0.2", "--layers", "2", "--attention", "general"},
      {"--softmax", "sampled", "--samples", "3", "--embedding-dropout", "0.1", "--attention", "none",
       "--bidirectional=false", "--cell", "lstm"}};
  for (Arguments own : options) {
    SCOPED_TRACE(own[0]);
    const Workplace whole, parts;
    own.insert(own.end(), {"--schedule", "constant", "--epochs", "6"});
    ASSERT_EQ(whole.train(own).code, 0);
    Arguments broken = own;
    broken.insert(broken.end(), {"--steps", "21"});  // of 8 in an epoch
    ASSERT_EQ(parts.train(broken).code, 0);
    const ProgramResult rest = run_program({"train", "translate", "--resume", "--out", parts.model, "--steps", "0"});
    ASSERT_EQ(rest.code, 0) << rest.err;
    // Of a run that has nothing left to do the JSON is as before.
    const ProgramResult again = run_program({"train", "translate", "--resume", "--out", parts.model, "--steps", "0"});
    EXPECT_EQ(json::parse(again.out)["best_bleu"], json::parse(rest.out)["best_bleu"]) << again.out;
    EXPECT_FALSE(json::parse(again.out)["best_bleu"].is_null()) << again.out;
    EXPECT_EQ(parts.eval(pairs()).out, whole.eval(pairs()).out);
    EXPECT_EQ(parts.predict("abc\n", {"--scores"}).out, whole.predict("abc\n", {"--scores"}).out);
  }
}

TEST(TranslateCommand, ThreadsDoNotChangeTheResult) {
  const Workplace w;
  const Arguments common = {"--hidden", "33", "--dropout", "0.1", "--label-smoothing", "0.1", "--scheduled-sampling",
                            "0.3"};
  for (const char* threads : {"1", "2", "3"}) {
    Arguments own = common;
    own.insert(own.end(), {"--threads", threads, "--out", w.folder.file(threads)});
    ASSERT_EQ(w.train(own).code, 0);
  }
  EXPECT_EQ(w.folder.read("1"), w.folder.read("2"));
  EXPECT_EQ(w.folder.read("1"), w.folder.read("3"));
}

TEST(TranslateMisuse, OfDataNamesFileAndLineAndWritesNothing) {
  const Workplace w;
  struct Case {
    const char *text, *message;
  };
  const Case cases[] = {
      {"a\tb\nabc\n", "bad.tsv: line 2: expected source<TAB>target, got no tab"},
      {"a\tb\n\n", "bad.tsv: line 2: expected source<TAB>target, got an empty line"},
      {"a\tb\n\tb\n", "bad.tsv: line 2: the source is empty"},
      {"a\tb\na\t\n", "bad.tsv: line 2: the target is empty"},
      {"a\tb\na\xff\tb\n", "bad.tsv: line 2: expected UTF-8, got 0xFF"},
      {"a\tb\na\tb\xc3\n", "bad.tsv: line 2: expected UTF-8, got 0xC3"},
      {"", "bad.tsv: no records"},
  };
  for (const Case& c : cases) {
    const std::string bad = w.folder.write("bad.tsv", c.text);
    for (const char* flag : {"--data", "--valid"}) {
      const ProgramResult result = w.train({flag, bad});
      EXPECT_EQ(result.code, 1) << c.message;
      EXPECT_EQ(result.out, "") << c.message;
      EXPECT_TRUE(result.complains(c.message)) << c.message << ": " << result.err;
    }
  }
  EXPECT_EQ(w.folder.list(), (std::set<std::string>{"bad.tsv", "pairs.tsv"}));
  const ProgramResult blank =
      w.train({"--source-tokenizer", "word", "--data", w.folder.write("bad.tsv", "a\tb\n  \tb\n")});
  EXPECT_TRUE(blank.complains("bad.tsv: line 2: the source is empty")) << blank.err;
}

TEST(TranslateCommand, CountsOutputsThatAreCut) {
  const Workplace w;
  ASSERT_EQ(w.train().code, 0);
  const Arguments cut = {"--max-output", "1", "--beam", "1"};
  const ProgramResult predicted = run({"predict", w.model, "--data", w.folder.write("new", "abc\n")}, cut);
  EXPECT_EQ(predicted.code, 0);
  EXPECT_TRUE(predicted.complains("new: 1 outputs were cut before they had ended")) << predicted.err;
  const ProgramResult scored = run({"eval", w.model, "--data", w.data}, cut);
  EXPECT_TRUE(scored.complains("pairs.tsv: 60 outputs were cut")) << scored.err;
  EXPECT_EQ(json::parse(scored.out)["cut_outputs"], 60);
}

// Of the encoder: the decoder starts from what that has read, and its first layer reads what none puts out.
TEST(TranslateCommand, LearnsFirstStatesAndJoinsTwoLayers) {
  for (const char* attention : {"none", "additive", "general"}) {
    const Workplace w;
    const ProgramResult result = w.train(
        {"--attention", attention, "--layers", "2", "--connection", "residual", "--learned-state", "--epochs", "1"});
    ASSERT_EQ(result.code, 0) << attention << result.err;
    std::size_t learned = 0;
    const json about = json::parse(run_program({"info", "--json", w.model}).out);
    for (const json& tensor : about["tensors"]) {
      const auto name = tensor["name"].get<std::string>();
      if (name.find(".state_") == name.npos) continue;
      ++learned;
      EXPECT_TRUE(name.starts_with("encoder.")) << attention << ": " << name;
    }
    EXPECT_EQ(learned, 4U) << attention;  // of two layers in both directions
  }
}

TEST(TranslateMisuse, OfFlagsThatDoNotFit) {
  const Workplace w;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--tied"}, "--tied needs an embedding as wide as what the output layer reads: --embedding 8 (it is 6)"},
      {{"--embedding", "0"}, "--embedding: "},
      {{"--attention", "dot"},
       "--attention dot: expected what is looked at to be as wide as the layer's output, 8, got 16"},
      {{"--softmax", "adaptive", "--tied", "--embedding", "8"}, "--softmax adaptive has no weight that could be tied"},
      {{"--scheduled-sampling", "1.5"}, "--scheduled-sampling: "},
      {{"--softmax", "sampled", "--label-smoothing", "0.1"}, "--label-smoothing needs --softmax full, it is sampled"},
      {{"--measure", "f1"}, "--measure: expected one of bleu, exact, loss"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.train(flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
  EXPECT_FALSE(w.folder.list().contains("m.safetensors"));
  EXPECT_EQ(w.train({"--attention", "dot", "--bidirectional=false"}).code, 0);
}

// Which of the two sides is meant.
TEST(TranslateMisuse, OfOneSideNamesItsFlags) {
  const Workplace w;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--source-max-vocab", "1"}, "recur: --source-max-vocab: expected 0 (no limit) or at least 4"},
      {{"--target-tokenizer", "subword", "--target-min-count", "2"},
       "--target-min-count, --target-max-vocab and --target-lowercase are not for --target-tokenizer subword"},
      {{"--target-tokenizer", "subword", "--target-subwords", "8"}, "--target-subwords: expected "},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.train(flags);
    EXPECT_NE(result.code, 0) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
}

TEST(TranslateMisuse, OfPrediction) {
  const Workplace w;
  ASSERT_EQ(w.train({"--attention", "none"}).code, 0);
  const std::string table = w.folder.file("a.jsonl");
  const std::pair<Arguments, const char*> cases[] = {
      {{"--beam", "900", "--n-best", "8"}, "--n-best: expected a number from 1 to the beam, 7, got 8"},
      {{"--beam", "0"}, "--beam: expected"},
      {{"--beam", "3", "--n-best", "4"}, "--n-best: expected a number from 1 to the beam, 3, got 4"},
      {{"--alignments", table}, "--alignments: this model was trained without --attention"},
  };
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.predict("abc\n", flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
  }
  EXPECT_FALSE(w.folder.list().contains("a.jsonl"));
  const ProgramResult bytes = w.predict("abc\nab\xff\n");
  EXPECT_EQ(std::ranges::count(bytes.out, '\n'), 1) << bytes.out;
  EXPECT_TRUE(bytes.complains("new.txt: line 2: expected UTF-8, got 0xFF at byte 2")) << bytes.err;
  EXPECT_TRUE(w.eval("abc\n").complains("test.tsv: line 1: expected source<TAB>target, got no tab"));
  EXPECT_EQ(w.predict("\n\n").out, "\n\n");
}

// Of five, a beam has use for four.
TEST(TranslateCommand, AnyBeamGoesWithAnyVocabulary) {
  const Workplace w;
  ASSERT_EQ(w.train({"--data", w.folder.write("two.tsv", "a\tx\nb\ty\n"), "--epochs", "1"}).code, 0);
  EXPECT_EQ(w.predict("a\n").code, 0) << w.predict("a\n").err;
  EXPECT_EQ(w.eval("a\tx\n", {"--beam", "900"}).code, 0);
}

TEST(TranslateMisuse, OfBeamsWithoutATranslator) {
  const TempFolder folder;
  const std::string data = folder.write("d.tsv", "yes\ta b\nno\tc d\n"), model = folder.file("c.safetensors");
  ASSERT_EQ(run_program({"train", "classify", "--data", data, "--valid", data, "--out", model, "--hidden", "4",
                         "--embedding", "4", "--epochs", "1"})
                .code,
            0);
  for (const Arguments& flags : {Arguments{"--beam", "2"}, Arguments{"--n-best", "2"}, Arguments{"--scores"}}) {
    const ProgramResult result = run({"predict", model, "--data", data}, flags);
    EXPECT_EQ(result.code, 2) << flags[0];
    EXPECT_TRUE(result.complains(flags[0] + ": only a model that writes texts")) << result.err;
  }
}

TEST(TranslateLengths, OfOneAndOfManyCharacters) {
  const Workplace w;
  const auto longest = [](std::size_t length) {
    std::string text = "a\tA\n", letters;
    for (std::size_t i = 0; i < length; ++i) letters += "abc"[i % 3];
    return text + letters + "\tA\n" + "b\t" + letters + "\n";
  };
  const std::string data = w.folder.write("long.tsv", longest(20'000));
  const Arguments tiny = {"--hidden",  "2",    "--embedding", "2",  "--epochs", "1",
                          "--measure", "loss", "--data",      data, "--valid",  data};
  Arguments whole = tiny;
  whole.insert(whole.end(), {"--max-length", "20000", "--attention", "none"});
  const ProgramResult none = w.train(whole);
  EXPECT_EQ(none.code, 0) << none.err;
  EXPECT_EQ(none.err.find("over --max-length"), std::string::npos) << none.err;
  EXPECT_EQ(lines_of(w.predict(longest(20'000), {"--max-length", "20000", "--beam", "1"}).out).size(), 3U);

  Arguments cut = tiny;
  cut.insert(cut.end(), {"--max-length", "300"});
  const ProgramResult attentive = w.train(cut);
  EXPECT_EQ(attentive.code, 0) << attentive.err;
  EXPECT_NE(attentive.err.find("long.tsv: 2 over --max-length were cut"), std::string::npos) << attentive.err;
  const ProgramResult predicted = w.predict(longest(20'000), {"--max-length", "300"});
  EXPECT_EQ(lines_of(predicted.out).size(), 3U);
  EXPECT_NE(predicted.err.find("1 over --max-length were cut"), std::string::npos) << predicted.err;

  cut.push_back("--drop-long");
  const ProgramResult dropped = w.train(cut);
  EXPECT_EQ(dropped.code, 0) << dropped.err;
  EXPECT_NE(dropped.err.find("2 over --max-length were left out"), std::string::npos) << dropped.err;
}

}  // namespace
}  // namespace recur::translate_test
