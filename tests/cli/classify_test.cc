// recur train classify and tag, and what predict, eval and info do with their models; every mistake names its file and
// line or flag.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/array_bytes.h"

namespace recur::classify_test {
namespace {

using nlohmann::json;

std::string texts() {
  std::string text;
  for (int i = 0; i < 15; ++i) text += "place\twhere is it\nperson\twho was it\n";
  return text;
}

std::string sentences() {
  std::string text;
  for (int i = 0; i < 15; ++i) text += "the O\nold B-x\ncat I-x\n\nhere O\nis O\nrain B-x\n\n";
  return text;
}

struct Workplace {
  TempFolder folder;
  std::string data = folder.write("texts.tsv", texts()), conll = folder.write("words.conll", sentences());
  std::string model = folder.file("m.safetensors");

  // A tiny network; the last of a repeated flag counts.
  ProgramResult train(const std::string& task, const std::string& file, const Arguments& more = {}) const {
    Arguments arguments = {"train", task,       "--data", file,      "--out", model,  "--hidden",
                           "6",     "--epochs", "8",      "--batch", "5",     "--lr", "0.03"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  // With data that is wrong: nothing may be written.
  void expect_refused(const std::string& task, const std::string& text, const std::string& message,
                      const Arguments& more = {}) const {
    const ProgramResult result = train(task, folder.write("bad", text), more);
    EXPECT_EQ(result.code, message.starts_with("--") ? 2 : 1) << message;
    EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(std::ifstream(model).good());
  }
  ProgramResult run(const std::string& command, const std::string& text, const Arguments& more = {}) const {
    Arguments arguments = {command, model, "--data", folder.write("new", text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
};

TEST(ClassifyCommand, TrainsScoresAndPredicts) {
  const Workplace w;
  const ProgramResult trained = w.train("classify", w.data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_accuracy"], 1.0) << trained.err;
  EXPECT_NE(trained.err.find("29 records, 1 for validation"), std::string::npos) << trained.err;

  const ProgramResult scored = w.run("eval", "place\twhere is it\nplace\twho was it\n");
  ASSERT_EQ(scored.code, 0) << scored.err;
  const json metrics = json::parse(scored.out);
  EXPECT_EQ(metrics["accuracy"], 0.5);
  EXPECT_EQ(metrics["labels"], (json{"person", "place"}));
  EXPECT_EQ(metrics["confusion"], (json{{0, 0}, {1, 1}}));

  const ProgramResult predicted = w.run("predict", "who was it\n\nplace\twhere is it\n");
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_TRUE(predicted.out.starts_with("person\tperson=")) << predicted.out;
  EXPECT_NE(predicted.out.find("\n\nplace\tplace="), std::string::npos) << predicted.out;
  EXPECT_EQ(w.run("predict", "").out, "");

  const ProgramResult info = run_program({"info", w.model});
  EXPECT_EQ(json::parse(run_program({"info", "--json", w.model}).out)["provenance"]["validation"],
            "one record in 20, drawn by the seed");
  EXPECT_NE(info.out.find("labels      2: \"person\", \"place\""), std::string::npos) << info.out;
}

TEST(ClassifyCommand, ResumedIsUnbroken) {
  const Workplace unbroken, resumed;
  ASSERT_EQ(unbroken.train("classify", unbroken.data, {"--epochs", "4", "--schedule", "constant"}).code, 0);
  ASSERT_EQ(resumed.train("classify", resumed.data, {"--epochs", "4", "--schedule", "constant", "--steps", "9"}).code,
            0);
  const ProgramResult rest =
      run_program({"train", "classify", "--resume", "--out", resumed.model, "--epochs", "4", "--steps", "0"});
  ASSERT_EQ(rest.code, 0) << rest.err;
  EXPECT_EQ(unbroken.run("predict", "who\nit was\n").out, resumed.run("predict", "who\nit was\n").out);
  const ProgramResult other = run_program({"train", "tag", "--resume", "--out", resumed.model});
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(other.complains("resume with recur train classify")) << other.err;
}

TEST(ClassifyCommand, ReadsNumbers) {
  const Workplace w;
  std::string lines;
  for (int i = 0; i < 30; ++i) {
    lines += i % 2 == 0 ? "{\"label\": \"up\", \"sequence\": [[1, 0], [2, 0], [3, 1]]}\n"
                        : "{\"label\": \"down\", \"sequence\": [[3, 0], [1, 0]]}\n";
  }
  const ProgramResult trained = w.train("classify", w.folder.write("n.jsonl", lines));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_accuracy"], 1.0);
  EXPECT_TRUE(w.run("predict", "{\"sequence\": [[1, 0], [2, 0], [3, 1]]}\n").out.starts_with("up\t"));
  const ProgramResult wide = w.run("predict", "{\"sequence\": [[1, 0, 0]]}\n");
  EXPECT_TRUE(wide.complains("line 1: expected 2 numbers in every step, got 3")) << wide.err;
}

TEST(ClassifyCommand, LearnsFromColumnsOfSmallNumbers) {
  const Workplace w;
  std::string lines;
  for (int i = 0; i < 80; ++i) {
    lines += i % 2 == 0 ? R"({"label":"up","sequence":[[0],[1e-7],[2e-7],[3e-7],[4e-7],[5e-7]]})"
                        : R"({"label":"down","sequence":[[5e-7],[4e-7],[3e-7],[2e-7],[1e-7],[0]]})";
    lines += "\n";
  }
  const std::string data = w.folder.write("small.jsonl", lines);
  const ProgramResult trained = w.train("classify", data, {"--valid", data});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_accuracy"], 1.0);
}

TEST(ClassifyMisuse, OfSwappedColumnsSaysSo) {
  const Workplace w;
  std::string swapped, of_each_its_own, tags, numbers;
  for (int i = 0; i < 300; ++i) {
    swapped += "text " + std::to_string(i % 150) + (i % 2 == 0 ? "\tgood\n" : "\tbad\n");
    of_each_its_own += std::to_string(i) + "\ttext " + std::to_string(i) + "\n";
    tags += (i % 2 == 0 ? "N\tword" : "V\tword") + std::to_string(i) + "\n" + (i % 5 == 4 ? "\n" : "");
    numbers += R"({"label":)" + std::to_string(i) + R"(,"sequence":[[1]]})" + "\n";
  }
  for (const Arguments& more : {Arguments{}, {"--valid", w.data}}) {
    w.expect_refused("classify", swapped, "150 labels, but only 2 different texts: are the columns swapped?", more);
    w.expect_refused("classify", of_each_its_own, "expected labels of which each is that of many records", more);
    w.expect_refused("classify", numbers, "expected labels of which each is that of many records", more);
    w.expect_refused("tag", tags, "labels, but only 2 different texts: are the columns swapped?", more);
  }
  const ProgramResult conditioned =
      run_program({"train", "lm", "--conditioned", "--data", w.folder.write("bad", swapped), "--out", w.model});
  EXPECT_TRUE(conditioned.complains("are the columns swapped?")) << conditioned.err;
}

TEST(ClassifyMisuse, OfDataNamesTheLine) {
  const Workplace w;
  w.expect_refused("classify", "a\tx\nno tab\n", "bad: line 2: expected label<TAB>text, got no tab");
  w.expect_refused("classify", "a\tx\n\ty\n", "bad: line 2: expected label<TAB>text, got an empty label");
  w.expect_refused("classify", "a\tx\nb\t\n" + texts(), "bad: line 2: the text is empty");
  w.expect_refused("classify", "a\tx\na\ty\n", "all records have the label \"a\"; expected at least two");
  w.expect_refused("classify", "", "bad: no records; expected lines of label<TAB>text");
  w.expect_refused("classify", "a\tx\nb\ty\n", "too few to hold out one in 20");
  std::string alone;
  for (int i = 0; i < 40; ++i) alone += "label" + std::to_string(i) + "\tx y\n";
  w.expect_refused("classify", alone, "none of the 40 records can be held out for validation, as each label has only");
  w.expect_refused("classify", "a\tx\nb\t\xff\n", "bad: line 2:");
  w.expect_refused("classify", "{\"label\": \"a\", \"sequence\": []}\n", "line 1: the sequence is empty");
  w.expect_refused("classify", "{\"label\": \"a\", \"sequence\": [[1], [\"x\"]]}\n", "line 1: expected a number");
  w.expect_refused("classify", "{\"label\": \"a\", \"sequence\": [[1]]}\nnone\n", "line 2: expected a JSON object");
  w.expect_refused("classify", texts(), "--class-weights: the data has no label \"who\"", {"--class-weights", "who=2"});
  w.expect_refused("classify", texts(), "expected 6 numbers",
                   {"--embedding", "6", "--embeddings", w.folder.write("v", "where 1 2 3\nwho 1 2 3\n")});
}

TEST(ClassifyMisuse, OfOptionsAboutNumbersOnTexts) {
  const Workplace w;
  for (const Arguments& option : {Arguments{"--speed-perturbation", "0.1"},
                                  {"--stack", "3"},
                                  {"--time-masks", "2"},
                                  {"--frequency-masks", "3"},
                                  {"--input-noise", "0.5"}}) {
    w.expect_refused("classify", texts(), option[0] + ": is of numbers and sounds and pictures, and ", option);
  }
  w.expect_refused("classify", texts(), "--height: is of pictures, and ", {"--height", "20"});
  w.expect_refused("classify", texts(), "--time-mask: only goes with --time-masks", {"--time-mask", "3"});
}

TEST(ClassifyMisuse, OfOptionsAboutTextsOrSoundsOnNumbers) {
  const Workplace w;
  const std::string numbers = "{\"label\": \"a\", \"sequence\": [[1]]}\n{\"label\": \"b\", \"sequence\": [[2]]}\n";
  for (const Arguments& option : {Arguments{"--tokenizer", "char"},
                                  {"--lowercase"},
                                  {"--min-count", "3"},
                                  {"--embedding", "8"},
                                  {"--embedding-dropout", "0.5"}}) {
    w.expect_refused("classify", numbers, option[0] + ": is of texts, and ", option);
  }
  w.expect_refused("classify", numbers, "--normalize: is of sounds and pictures, and ", {"--normalize", "none"});
  w.expect_refused("classify", numbers, "--mels: is of sounds, and ", {"--mels", "20"});
}

// MNIST's four files lie in one folder.
TEST(ClassifyCommand, ValidationHasColumnsOfItsOwn) {
  const Workplace w;
  const auto images = [&](const std::string& name, std::uint64_t count) {
    std::string bytes;
    for (std::uint64_t i = 0; i < count; ++i) bytes += std::string(6, i % 2 == 0 ? '\x10' : '\xF0');
    return w.folder.write(name, idx('\x08', {count, 3, 2}, bytes));
  };
  const auto labels = [&](const std::string& name, std::uint64_t count, char first) {
    std::string bytes;
    for (std::uint64_t i = 0; i < count; ++i) bytes += static_cast<char>(i % 2 == 0 ? first : 1 - first);
    w.folder.write(name, idx('\x08', {count}, bytes));
  };
  const std::string train = images("t-idx3", 20), valid = images("v-idx3", 20);
  labels("t-idx1", 20, 0);
  labels("v-idx1", 20, 1);  // the other way round
  const Arguments files = {"--valid", valid, "--columns", "label=t-idx1", "--epochs", "10"};
  const ProgramResult same = w.train("classify", train, files);
  EXPECT_TRUE(same.complains("--columns label=t-idx1: is what belongs to ")) << same.err;
  const ProgramResult own = w.train("classify", train, with(files, {"--valid-columns", "label=v-idx1"}));
  ASSERT_EQ(own.code, 0) << own.err;
  EXPECT_LT(json::parse(own.out)["best_accuracy"], 0.6) << own.out;
  const ProgramResult right = w.train("classify", train, with(files, {"--valid-columns", "label=t-idx1"}));
  EXPECT_EQ(json::parse(right.out)["best_accuracy"], 1.0) << right.err;
  EXPECT_TRUE(w.train("classify", w.data, {"--valid-columns", "label=1"}).complains("--valid-columns: only goes with"));
}

TEST(ClassifyMisuse, OfModels) {
  const Workplace w;
  ASSERT_EQ(w.train("classify", w.data, {"--epochs", "1"}).code, 0);
  const ProgramResult unknown = w.run("eval", "time\twhere\nway\twhen\n");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_TRUE(
      unknown.complains("new: the model has none of its labels, the first of which is \"time\"; expected some of "
                        "\"person\", \"place\""))
      << unknown.err;
  EXPECT_TRUE(w.run("predict", "x\n", {"--beam", "2"}).complains("--beam: only a model that writes texts"));
  EXPECT_TRUE(run_program({"sample", w.model}).complains("a model of the task classify writes no texts")) << "sample";
}

TEST(ClassifyCommand, CutsAndDropsLongTexts) {
  const Workplace w;
  std::string longest = "place\t";
  for (int i = 0; i < 100'000; ++i) longest += "a ";
  const std::string data = w.folder.write("long", longest + "\n" + texts());
  const ProgramResult cut = w.train("classify", data, {"--epochs", "1", "--max-length", "3"});
  EXPECT_EQ(cut.code, 0) << cut.err;
  EXPECT_NE(cut.err.find("1 over --max-length were cut"), std::string::npos) << cut.err;
  const ProgramResult dropped = w.train("classify", data, {"--epochs", "1", "--max-length", "3", "--drop-long"});
  EXPECT_NE(dropped.err.find("1 over --max-length were left out"), std::string::npos) << dropped.err;
  const ProgramResult whole = w.train("classify", data, {"--epochs", "1", "--max-length", "100000", "--hidden", "2"});
  EXPECT_EQ(whole.code, 0) << whole.err;
}

TEST(ClassifyCommand, SaysWhatWordVectorsGave) {
  const Workplace w;
  const std::string vectors = w.folder.write("v", "where 1 2 3 4 5 6\n\t 1 2 3 4 5 6\nwho 1 2 3 4 5 6\n");
  const ProgramResult trained =
      w.train("classify", w.data, {"--epochs", "1", "--embedding", "6", "--embeddings", vectors});
  EXPECT_EQ(trained.code, 0) << trained.err;
  const std::string told = vectors + ": vectors for 2 of 8 words; skipped 1, the first is line 2: no word before";
  EXPECT_NE(trained.err.find(told), std::string::npos) << trained.err;
  const ProgramResult plain = w.train("classify", w.data, {"--epochs", "1"});
  EXPECT_EQ(plain.err.find("vectors"), std::string::npos) << plain.err;
}

// `ulimit -f` sends a signal that ends a program which does not expect it, in the middle of a file.
TEST(ClassifyCommand, ALimitForFilesIsToldAndLeavesNothing) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer's own memory is a file";
#endif
  const Workplace w;
  const auto before = w.folder.list();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{1000, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const ProgramResult result = w.train("classify", w.data);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("cannot write: File too large"), std::string::npos) << result.err;
  EXPECT_EQ(w.folder.list(), before);
}

TEST(TagCommand, TrainsScoresAndPredicts) {
  const Workplace w;
  const ProgramResult trained = w.train("tag", w.conll, {"--letter-hidden", "4", "--dropout", "0.1"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_f1"], 1.0) << trained.err;
  const ProgramResult scored = w.run("eval", "the O\nold B-x\ncat I-x\n\nhere B-x\n");
  const json metrics = json::parse(scored.out);
  EXPECT_EQ(metrics["sentences"], 2);
  EXPECT_EQ(metrics["words"], 4);
  EXPECT_EQ(metrics["accuracy"], 0.75);
  EXPECT_EQ(metrics["precision"], 1.0);
  EXPECT_EQ(metrics["recall"], 0.5);
  EXPECT_EQ(w.run("predict", "the\nold\tNN\ncat\n\n").out, "the\tO\nold\tB-x\ncat\tI-x\n\n");
}

TEST(TagMisuse, NamesTheLine) {
  const Workplace w;
  w.expect_refused("tag", "the O\nold\n", "bad: line 2: expected a word and its tag, got only \"old\"");
  w.expect_refused("tag", "\n\n", "bad: no records; expected a word and its tag a line");
  w.expect_refused("tag", "the O\nold O\n", "all words have the tag \"O\"; expected at least two tags");
  w.expect_refused("tag", "the O\nold \xff\n", "bad: line 2:");
  const ProgramResult cell = w.train("tag", w.conll, {"--letter-cell", "lstn"});
  EXPECT_NE(cell.code, 0);
  EXPECT_TRUE(cell.complains("lstn")) << cell.err;
}

}  // namespace
}  // namespace recur::classify_test
