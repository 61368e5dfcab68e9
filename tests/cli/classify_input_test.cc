// What recur train classify starts from and goes on with, and what it and predict make of input that is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/safetensors.h"

namespace recur::classify_input_test {
namespace {

using nlohmann::json;

// Which of two words comes first.
std::string orders() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    const std::string before(static_cast<std::size_t>(2 * (i % 3)), ' ');
    text += (i % 2 == 0 ? "xy\t" + before + "so x then y" : "yx\t" + before + "so y then x");
    for (int word = 0; word < i % 4; ++word) text += " so";
    text += "\n";
  }
  return text;
}

struct Orders {
  TempFolder folder;
  std::string data = folder.write("orders.tsv", orders()), model = folder.file("m.safetensors");

  // A tiny network; the last of a repeated flag counts.
  ProgramResult train(const Arguments& more = {}) const {
    return run_program(with({"train", "classify", "--data", data, "--valid", data, "--out", model, "--hidden", "8",
                             "--epochs", "2", "--batch", "8", "--lr", "0.03"},
                            more));
  }
  ProgramResult run(const std::string& command, const std::string& text, const Arguments& more = {}) const {
    return run_program(with({command, model, "--data", folder.write("new", text)}, more));
  }
  // A language model of the same words, in lm.safetensors.
  std::string language_model(const Arguments& more = {}) const {
    std::string text;
    for (int i = 0; i < 40; ++i) text += i % 2 == 0 ? "so x then y\n" : "so y then x so so\n";
    const std::string path = folder.file("lm.safetensors");
    const ProgramResult trained =
        run_program(with({"train", "lm", "--data", folder.write("text", text), "--tokenizer", "word", "--out", path,
                          "--hidden", "5", "--layers", "2", "--batch", "4", "--unroll", "5", "--epochs", "1"},
                         more));
    EXPECT_EQ(trained.code, 0) << trained.err;
    return path;
  }
};

// A table has labels, known or not; of lines whose kind nobody tells a label is what the model knows.
TEST(ClassifyInput, ATableHasALabelInEachLine) {
  const Orders o;
  ASSERT_EQ(o.train().code, 0);
  const std::string lines = "x\tso y then x\n";
  const std::string text = o.run("predict", "so y then x\n").out, whole = o.run("predict", lines).out;
  EXPECT_NE(text, whole);
  EXPECT_EQ(o.run("predict", lines, {"--format", "tsv"}).out, text);
  EXPECT_EQ(run_program({"predict", o.model, "--data", o.folder.write("new.tsv", lines)}).out, text);
  EXPECT_EQ(run_program({"predict", o.model, "--data", o.folder.write("new.tsv", "so y then x\n")}).out, text);
}

// What is said of the validation file names its own flag.
TEST(ClassifyInput, ColumnsOfTheValidationFileHaveAFlagOfTheirOwn) {
  const Orders o;
  const std::string valid = o.folder.write("v.csv", "a,b\nso x,xy\n");
  const ProgramResult named = o.train({"--valid", valid, "--valid-columns", "text=a,label=bb"});
  EXPECT_TRUE(
      named.complains("v.csv: line 1: expected a header with \"bb\", got \"a\", \"b\"; say which columns: "
                      "--valid-columns label=COLUMN"))
      << named.err;
  EXPECT_TRUE(o.train({"--valid", valid, "--valid-columns", "a"}).complains("--valid-columns: expected field=column"));
  EXPECT_TRUE(o.train({"--valid", valid, "--valid-columns", "text=0,label=b"})
                  .complains("--valid-columns: expected a column from 1, got 0"));
}

void expect_refused(const ProgramResult& result, int code, const std::string& message) {
  EXPECT_EQ(result.code, code) << message;
  EXPECT_EQ(result.out, "") << message;
  EXPECT_TRUE(result.complains(message)) << message << ": " << result.err;
}

TEST(ClassifyTraining, LearnsOrderWithEachPooling) {
  for (const char* pooling : {"last", "mean", "max", "attention"}) {
    const Orders o;
    const ProgramResult trained = o.train({"--pooling", pooling, "--epochs", "40", "--dropout", "0"});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(json::parse(trained.out)["best_accuracy"], 1.0) << pooling << trained.err;
  }
}

TEST(ClassifyTraining, ResumedIsAsUnbroken) {
  const Orders prepared;
  const std::string language = prepared.language_model();
  for (const Arguments& kind : {Arguments{"--pooling", "attention", "--class-weights", "xy=2", "--weight-drop", "0.2"},
                                {"--tokenizer", "char", "--variational", "--layers", "2", "--optimizer", "adamw"},
                                {"--init-from", language, "--hidden", "5", "--embedding", "5", "--freeze-epochs", "2",
                                 "--lr-of", "rnn.*=0.5", "--pooling", "last"}}) {
    SCOPED_TRACE(kind[0]);
    const Orders whole, parts;
    const Arguments own = with({"--dropout", "0.3", "--schedule", "constant", "--epochs", "4"}, kind);
    ASSERT_EQ(whole.train(own).code, 0);
    ASSERT_EQ(parts.train(with(own, {"--steps", "8"})).code, 0);  // of 5 in an epoch
    const ProgramResult rest = run_program({"train", "classify", "--resume", "--out", parts.model, "--steps", "0"});
    ASSERT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(parts.run("predict", orders()).out, whole.run("predict", orders()).out);
    EXPECT_EQ(parts.run("eval", orders()).out, whole.run("eval", orders()).out);
  }
}

TEST(ClassifyTraining, ThreadsDoNotChangeTheResult) {
  const Orders o;
  for (const char* threads : {"1", "2", "3"}) {
    ASSERT_EQ(o.train({"--hidden", "33", "--threads", threads, "--out", o.folder.file(threads)}).code, 0);
  }
  EXPECT_EQ(o.folder.read("1"), o.folder.read("2"));
  EXPECT_EQ(o.folder.read("1"), o.folder.read("3"));
}

// The names of tensors that are the same in both files.
std::set<std::string> shared_tensors(const std::string& a, const std::string& b) {
  std::set<std::string> names;
  const SafetensorsFile first(a), second(b);
  for (const TensorView& tensor : first.tensors()) {
    const TensorView* other = second.find(tensor.name);
    if (other != nullptr && std::ranges::equal(tensor.bytes, other->bytes)) names.insert(tensor.name);
  }
  return names;
}

// How many numbers of a language model's embedding are others in that of the classifier, which has a row more.
std::size_t lost_rows(const std::string& classifier, const std::string& language) {
  const auto rows_of = [](const SafetensorsFile& file) {
    const TensorView* const table = file.find("embedding.weight");
    const std::size_t width = table->bytes.size() / static_cast<std::size_t>(table->shape[0]);
    const auto* bytes = reinterpret_cast<const char*>(table->bytes.data());
    std::set<std::string> rows;
    for (std::size_t at = 0; at < table->bytes.size(); at += width) rows.emplace(bytes + at, width);
    return rows;
  };
  const SafetensorsFile first(classifier), second(language);
  const auto grown = rows_of(first);
  const auto old = rows_of(second);
  return static_cast<std::size_t>(std::ranges::count_if(old, [&](const auto& row) { return !grown.contains(row); }));
}

TEST(ClassifyStart, FrozenLayersStayAsTheLanguageModelHasThem) {
  const Orders o;
  const std::string language = o.language_model();
  const std::string last = o.folder.file("m.last.safetensors");
  for (const Arguments& optimizer : {Arguments{"--optimizer", "adam"},
                                     {"--optimizer", "adamw", "--weight-decay", "0.1"},
                                     {"--optimizer", "sgd", "--momentum", "0.9", "--weight-decay", "0.1"}}) {
    SCOPED_TRACE(optimizer[1]);
    const Arguments frozen =
        with({"--init-from", language, "--hidden", "5", "--embedding", "5", "--freeze-epochs", "2"}, optimizer);
    ASSERT_EQ(o.train(frozen).code, 0);
    const std::set<std::string> copied = shared_tensors(last, language);
    EXPECT_EQ(copied.size(), 8U);  // four of each layer; the embedding has more rows
    EXPECT_TRUE(copied.contains("rnn.weight_hh_l1"));
    EXPECT_EQ(lost_rows(last, language), 0U);
    ASSERT_EQ(o.train(with(frozen, {"--freeze-epochs", "1"})).code, 0);
    EXPECT_EQ(shared_tensors(last, language).size(), 0U);
    EXPECT_GT(lost_rows(last, language), 0U);
  }
  const json network = json::parse(run_program({"info", "--json", o.model}).out)["model"];
  EXPECT_EQ(network["hidden"], 5);
  EXPECT_EQ(network["layers"], 2);
}

TEST(ClassifyStart, RefusesWhatDoesNotFit) {
  const Orders o;
  ASSERT_EQ(o.train({"--epochs", "1", "--out", o.folder.file("c.safetensors")}).code, 0);
  expect_refused(o.train({"--init-from", o.folder.file("c.safetensors"), "--out", o.folder.file("c.safetensors")}), 2,
                 "--out: ");
  expect_refused(o.train({"--freeze", "embeding.*"}), 2,
                 "--freeze: no parameter is called \"embeding.*\"; the network has embedding.weight, rnn.");
  expect_refused(o.train({"--freeze", "*"}), 2, "--freeze: nothing is left to be trained in epoch 1");
  expect_refused(o.train({"--freeze", "rnn.*=x"}), 2, "--freeze: expected a pattern, or pattern=N");
  expect_refused(o.train({"--lr-of", "rnn.*"}), 2, "--lr-of: expected pattern=factor");
  expect_refused(o.train({"--init-from", o.data}), 1, "orders.tsv: not a valid model file");
  expect_refused(o.train({"--init-from", o.folder.file("none")}), 1, "none: cannot open");
  const std::string one_hot = o.language_model({"--embedding", "0"});
  expect_refused(
      o.train({"--init-from", one_hot, "--embedding", "0", "--embeddings", o.folder.write("v.txt", "x 1 2 3 4\n")}), 2,
      "--embeddings");
  EXPECT_FALSE(o.folder.list().contains("m.safetensors"));
}

TEST(ClassifyStart, ResumesNoOtherTasksCheckpoint) {
  const Orders o;
  const std::string language = o.language_model();
  expect_refused(run_program({"train", "classify", "--resume", "--out", language}), 1,
                 "lm.last.safetensors: a checkpoint of the task language model; resume with recur train lm");
  ASSERT_EQ(o.train().code, 0);
  expect_refused(run_program({"train", "tag", "--resume", "--out", o.model}), 1,
                 "m.last.safetensors: a checkpoint of the task classify; resume with recur train classify");
  expect_refused(run_program({"train", "lm", "--resume", "--out", o.model}), 1,
                 "m.last.safetensors: a checkpoint of the task classify; resume with recur train classify");
  expect_refused(run_program({"train", "classify", "--resume", "--out", o.model, "--pooling", "last"}), 1,
                 "--pooling was \"max\", now \"last\"");
  expect_refused(run_program({"train", "classify", "--resume", "--out", o.folder.file("no.safetensors")}), 1,
                 "no.last.safetensors: cannot open");
}

TEST(ClassifyInput, OfWrongModelsForTheData) {
  const Orders o;
  const std::string language = o.language_model();
  EXPECT_TRUE(json::parse(run_program({"eval", language, "--data", o.data}).out).contains("perplexity"));
  ASSERT_EQ(o.train().code, 0);
  expect_refused(run_program({"eval", o.model, "--data", o.folder.file("text")}), 1,
                 "text: line 1: expected label<TAB>text, got no tab");
  expect_refused(o.run("eval", "{\"label\": \"xy\", \"sequence\": [[1]]}\n"), 1,
                 "new: line 1: expected a JSON object {\"label\": .., \"text\": \"..\"}");
  expect_refused(o.run("eval", ""), 1, "new: no records");
  expect_refused(o.run("eval", "xy\tx\nyx\t  \n"), 1, "new: line 2: the text is empty");
  expect_refused(o.run("eval", "xy\tx\n\n"), 1, "new: line 2: expected label<TAB>text, got an empty line");
  const ProgramResult bytes = o.run("predict", "x\ny\nx\xff\n");
  EXPECT_EQ(bytes.code, 1);
  EXPECT_EQ(std::ranges::count(bytes.out, '\n'), 2) << bytes.out;  // what stands before
  EXPECT_TRUE(bytes.complains("new: line 3: expected UTF-8, got 0xFF at byte 1")) << bytes.err;
}

// A model file could not name them.
TEST(ClassifyInput, OfFilesWhoseNamesAreNoUtf8IsRefusedBeforeTraining) {
  const Orders o;
  const std::string bad = o.folder.write("bad\xFF.tsv", orders());
  expect_refused(o.train({"--data", bad}), 2, "--data: expected UTF-8, got ");
  expect_refused(o.train({"--valid", bad}), 2, "--valid: expected UTF-8, got ");
  expect_refused(o.train({"--out", o.folder.file("m\xFF.safetensors")}), 2, "--out: expected UTF-8, got ");
  expect_refused(run_program({"train", "lm", "--data", bad, "--out", o.model}), 2, "--data: expected UTF-8, got ");
  EXPECT_EQ(o.folder.list().size(), 2U);
}

TEST(ClassifyInput, OfEmptyLinesGivesEmptyLines) {
  const Orders o;
  ASSERT_EQ(o.train().code, 0);
  for (const char* empty : {"", "\n", "\n\n"}) {
    const ProgramResult result = o.run("predict", empty);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, empty);
  }
}

TEST(ClassifyInput, OfATabHasALabelBeforeItOnlyIfTheModelKnowsIt) {
  const Orders o;
  ASSERT_EQ(o.train({"--epochs", "40", "--dropout", "0"}).code, 0);
  const std::string plain = o.run("predict", "so x then y\n").out;
  EXPECT_EQ(o.run("predict", "yx\tso x then y\n").out, plain);
  EXPECT_EQ(o.run("predict", "so x\tthen y\n").out, plain) << "words as any other";
}

TEST(ClassifyInput, OfTextsWithoutWordsNamesTheLine) {
  const Orders o;
  for (const char* kind : {"word", "token", "subword"}) {
    expect_refused(o.train({"--data", o.folder.write("blank", "a\t \nb\t\n"), "--tokenizer", kind}), 1,
                   "blank: line 1: the text is empty");
  }
  EXPECT_FALSE(o.folder.list().contains("m.safetensors"));
}

TEST(ClassifyNumbers, ThatAreNoneNameTheLine) {
  const Orders o;
  const std::string good = "{\"label\": \"a\", \"sequence\": [[1, 2]]}\n";
  const std::pair<std::string, const char*> cases[] = {
      {"{\"label\": \"a\", \"sequence\": [[1, 2]]\n", "bad: line 1: expected"},
      {good + "{\"label\": \"b\", \"sequence\": [[1, 2]]", "bad: line 2: expected a JSON object"},
      {good + "[1, 2]\n", "bad: line 2: expected a JSON object"},
      {good + "\n", "bad: line 2: expected a JSON object {\"label\": .., \"sequence\": [[..], ..]}, got an empty line"},
      {good + "b\tx\n", "bad: line 2: expected a JSON object"},
      {good + "{\"sequence\": [[1, 2]]}\n", "bad: line 2: expected a JSON object with a \"label\""},
      {good + "{\"label\": [1], \"sequence\": [[1, 2]]}\n", "bad: line 2: expected \"label\" to be a text"},
      {good + "{\"label\": \"b\", \"sequence\": []}\n", "bad: line 2: the sequence is empty"},
      {good + "{\"label\": \"b\", \"sequence\": [[]]}\n", "bad: line 2: expected \"sequence\" to be a list of lists"},
      {good + "{\"label\": \"b\", \"sequence\": [1, 2]}\n", "bad: line 2: expected \"sequence\" to be a list of lists"},
      {good + "{\"label\": \"b\", \"sequence\": [[1]]}\n", "bad: line 2: expected 2 numbers in every step, got 1"},
      {good + "{\"label\": \"b\", \"sequence\": [[1, null]]}\n", "bad: line 2: expected a number"},
      {good + "{\"label\": \"b\", \"sequence\": [[1, 1e39]]}\n", "bad: line 2: expected a number"},
      {good + "{\"label\": \"b\", \"sequence\": [[1, 1e999]]}\n", "bad: line 2: the number 1e999 is too large"},
      {good, "bad: all records have the label \"a\"; expected at least two labels"},
  };
  for (const auto& [text, message] : cases) {
    const std::string bad = o.folder.write("bad", text);
    expect_refused(o.train({"--data", bad, "--valid", bad}), 1, message);
  }
  EXPECT_FALSE(o.folder.list().contains("m.safetensors"));
  EXPECT_FALSE(o.folder.list().contains("m.last.safetensors"));
}

// A line of output for each line of input, whatever the labels hold.
TEST(ClassifyNumbers, LabelsKeepToTheirLineAndField) {
  const Orders o;
  const std::string data = o.folder.write(
      "n", "{\"label\": \"a\\nb\", \"sequence\": [[1]]}\n{\"label\": \"c\\td\", \"sequence\": [[2], [3]]}\n");
  const ProgramResult trained = o.train({"--data", data, "--valid", data});
  if (trained.code != 0) return expect_refused(trained, 1, "n: line 1: ");
  const ProgramResult predicted = run_program({"predict", o.model, "--data", data});
  EXPECT_EQ(std::ranges::count(predicted.out, '\n'), 2) << predicted.out;
  EXPECT_EQ(std::ranges::count(predicted.out, '\t'), 4) << predicted.out;
}

TEST(ClassifyNumbers, OfOneAndOfManySteps) {
  const Orders o;
  std::string longest = "{\"label\": \"b\", \"sequence\": [[1]";
  for (int i = 1; i < 100'000; ++i) longest += i % 2 == 0 ? ",[1]" : ",[-1]";
  const std::string data = o.folder.write("n", "{\"label\": \"a\", \"sequence\": [[1]]}\n" + longest + "]}\n");
  const Arguments tiny = {"--data", data, "--valid", data, "--hidden", "2", "--epochs", "1"};
  const ProgramResult whole = o.train(with(tiny, {"--max-length", "100000"}));
  ASSERT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(whole.err.find("over --max-length"), std::string::npos) << whole.err;
  EXPECT_FALSE(
      json::parse(run_program({"eval", o.model, "--data", data, "--max-length", "100000"}).out).contains("cut"));
  EXPECT_EQ(json::parse(run_program({"eval", o.model, "--data", data}).out)["cut"], 1);
  const ProgramResult cut = run_program({"predict", o.model, "--data", data, "--max-length", "7"});
  EXPECT_EQ(std::ranges::count(cut.out, '\n'), 2);
  EXPECT_TRUE(cut.complains("n: 1 over --max-length were cut")) << cut.err;
}

}  // namespace
}  // namespace recur::classify_input_test
