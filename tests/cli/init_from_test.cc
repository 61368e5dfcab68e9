// Training that starts from a model: of the same task and of others, with a vocabulary that grows.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/safetensors.h"

namespace recur::init_from_test {
namespace {

using nlohmann::json;

struct Place {
  TempFolder folder;

  // Trains with a network that is tiny where nothing says otherwise; returns the model's path.
  std::string train(const std::string& name, const Arguments& arguments) {
    const std::string path = folder.file(name);
    const Arguments own(arguments.begin() + 1, arguments.end());
    result = run_program(with({"train", arguments.front(), "--out", path, "--epochs", "1", "--batch", "4"}, own));
    EXPECT_EQ(result.code, 0) << result.err;
    return path;
  }
  std::string language_model(const std::string& name, const std::string& text, const Arguments& more = {}) {
    return train(name, with({"lm", "--data", folder.write(name + ".txt", text), "--unroll", "5"}, more));
  }
  // What was said of the start.
  std::string told() const {
    const std::size_t at = result.err.find(": took ");
    return at == std::string::npos ? "" : result.err.substr(at + 2, result.err.find('\n', at) - at - 2);
  }

  ProgramResult result;
};

const Arguments kTiny = {"--hidden", "6", "--layers", "1", "--cell", "gru", "--tokenizer", "word"};
const Arguments kKeep = {"--lr", "1e-12"};  // what was taken stays

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(InitFrom, ALanguageModelGoesOnWithAnotherText) {
  Place p;
  const std::string first = p.language_model("a", repeated("the dog sees the cat\n", 20), kTiny);
  p.language_model("b", repeated("the bird sees a dog\n", 20),
                   with({"--init-from", first, "--tokenizer", "word"}, kKeep));
  // <eos>, the, dog, sees, cat of <eos>, the, dog, sees, cat, bird, a.
  EXPECT_EQ(p.told(), "took 7 of 7 tensors, 343 of 343 numbers, 5 of 7 tokens of \"text\"") << p.result.err;
  const json about = json::parse(run_program({"info", "--json", p.folder.file("b")}).out);
  EXPECT_EQ(about["model"]["hidden"], 6);
  EXPECT_EQ(about["model"]["cell"], "gru");
  const std::string sample = run_program({"sample", p.folder.file("b"), "--prompt", "the cat"}).out;
  EXPECT_TRUE(sample.starts_with("the cat ")) << "it knows the words of the first text";
}

// From the model's own text nothing changes: to the last digit where nothing is trained.
TEST(InitFrom, WithoutTrainingIsTheModel) {
  Place p;
  const std::string text = repeated("the dog sees the cat\n", 20);
  const std::string first = p.language_model("a", text, with(kTiny, {"--lr", "0.1"}));
  const std::string again = p.train(
      "b",
      with({"lm", "--data", p.folder.file("a.txt"), "--unroll", "5", "--init-from", first, "--steps", "1"}, kKeep));
  const auto scores = [&](const std::string& model) {
    return json::parse(run_program({"eval", model, "--data", p.folder.file("a.txt")}).out)["nats_per_token"]
        .get<double>();
  };
  EXPECT_NEAR(scores(again), scores(first), 1e-6);
}

TEST(InitFrom, ATaggerTakesTheWordsOfALanguageModel) {
  Place p;
  const std::string language = p.language_model("lm", repeated("the dog sees the cat\n", 20), kTiny);
  std::string words;
  for (int i = 0; i < 20; ++i) words += "the D\nhorse N\nsees V\n\n";
  p.train("tag",
          with({"tag", "--data", p.folder.write("w", words), "--letter-cell", "none", "--init-from", language}, kKeep));
  EXPECT_NE(p.told().find("of \"words\"; not "), std::string::npos) << p.told();
  EXPECT_NE(p.told().find("output.weight"), std::string::npos) << "tags are no words";
  const SafetensorsFile from(language), to(p.folder.file("tag"));
  EXPECT_EQ(to.find("rnn.weight_hh_l0")->shape, from.find("rnn.weight_hh_l0")->shape);
  const std::string answer = run_program({"predict", p.folder.file("tag"), "--data", p.folder.write("n", "cat\n")}).out;
  EXPECT_TRUE(answer.starts_with("cat\t")) << answer;
}

// A model of the same task has what comes out of it, too.
TEST(InitFrom, ATaggerGoesOnWithItsSchemeAndColumns) {
  Place p;
  std::string words;
  for (int i = 0; i < 20; ++i) words += "the DT O\nold JJ B-NP\nhorse NN I-NP\nsees VB B-VP\n\n";
  const std::string data = p.folder.write("w.conll", words);
  const std::string first = p.train("a", {"tag", "--data", data, "--features", "1", "--scheme", "bioes", "--constrain",
                                          "--hidden", "6", "--lr", "0.1"});
  p.train("b", with({"tag", "--data", data, "--init-from", first}, kKeep));
  EXPECT_EQ(p.told().find("; not "), std::string::npos) << p.told();
  const auto score = [&](const std::string& name) {
    return json::parse(run_program({"eval", p.folder.file(name), "--data", data}).out)["f1"].get<double>();
  };
  EXPECT_EQ(score("b"), score("a"));
  p.train("c", with({"tag", "--data", data, "--init-from", first, "--scheme", "bio", "--dropout", "0.1"}, kKeep));
  const json options = json::parse(run_program({"info", "--json", p.folder.file("c")}).out)["model"];
  EXPECT_EQ(options["scheme"], "bio");
  EXPECT_EQ(options["features"], 1);
}

std::vector<float> tensor(const std::string& model, const char* name) {
  const SafetensorsFile file(model);
  const auto bytes = file.find(name)->bytes;
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// Epoch by epoch, in a language model as elsewhere, and in a training that goes on within one.
TEST(InitFrom, ALanguageModelThaws) {
  Place p;
  const std::string first = p.language_model("a", repeated("the dog sees the cat\n", 40), kTiny);
  const Arguments more = {"lm",         "--data",   p.folder.file("a.txt"),
                          "--unroll",   "5",        "--init-from",
                          first,        "--lr",     "0.1",
                          "--schedule", "constant", "--epochs",
                          "2"};
  const auto train = [&](const std::string& name, const Arguments& freeze) {
    return p.train(name, with(more, freeze));
  };
  const auto layers = [](const std::string& model) { return tensor(model, "rnn.weight_hh_l0"); };
  const auto last = [&](const char* name) { return layers(p.folder.file(name + std::string(".last.safetensors"))); };
  train("b", {"--freeze-epochs", "2"});
  EXPECT_EQ(last("b"), layers(first));
  const std::string whole = train("c", {"--freeze", "rnn.*=1"});
  EXPECT_NE(last("c"), layers(first));
  const std::uint64_t steps = json::parse(p.result.out)["steps"];
  train("d", {"--freeze", "rnn.*=1", "--steps", std::to_string(steps - 2)});
  ASSERT_EQ(run_program({"train", "lm", "--resume", "--out", p.folder.file("d"), "--steps", "0"}).code, 0);
  EXPECT_EQ(last("d"), last("c"));
}

// The labels that both know keep what was learned of them.
TEST(InitFrom, AClassifierKeepsTheLabelsThatItKnew) {
  Place p;
  const auto records = [](const std::string& other) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "yes\tgood it is\nno\tbad it is\n" + other;
    return text;
  };
  const Arguments classify = {"classify", "--hidden", "5", "--embedding", "4"};
  const std::string first =
      p.train("a", with(classify, {"--data", p.folder.write("a.tsv", records("")), "--lr", "0.1"}));
  p.train("b",
          with(classify,
               with({"--data", p.folder.write("b.tsv", records("perhaps\tso so\n")), "--init-from", first}, kKeep)));
  EXPECT_NE(p.told().find("2 of 3 names of \"label\""), std::string::npos) << p.told();
  // In order: no, perhaps, yes; the file has them in that order, too.
  const SafetensorsFile from(first), to(p.folder.file("b"));
  const auto row = [](const SafetensorsFile& file, std::size_t i) {
    const TensorView& weight = *file.find("output.weight");
    const std::size_t width = weight.bytes.size() / static_cast<std::size_t>(weight.shape[0]);
    const auto bytes = weight.bytes.subspan(i * width, width);
    std::vector<float> values(width / sizeof(float));
    std::memcpy(values.data(), bytes.data(), width);
    return values;
  };
  for (const auto& [new_row, old_row] : {std::pair<std::size_t, std::size_t>{0, 0}, {2, 1}}) {
    const std::vector<float> now = row(to, new_row), before = row(from, old_row);
    for (std::size_t i = 0; i < now.size(); ++i) EXPECT_NEAR(now[i], before[i], 1e-6F);
  }
}

// What has no name of its own stands for an encoder's.
TEST(InitFrom, AnEncoderTakesALanguageModel) {
  Place p;
  const std::string language = p.language_model("lm", repeated("the dog sees the cat\n", 20), kTiny);
  p.train("t",
          with({"translate", "--data", p.folder.write("t.tsv", repeated("the dog\tder Hund\nthe cat\tdie Katze\n", 20)),
                "--init-from", language, "--bidirectional=false", "--source-tokenizer", "word"},
               kKeep));
  const SafetensorsFile from(language), to(p.folder.file("t"));
  const auto first = [](const SafetensorsFile& file, const char* name) {
    float value = 0;
    std::memcpy(&value, file.find(name)->bytes.data(), sizeof value);
    return value;
  };
  EXPECT_NEAR(first(to, "encoder.rnn.weight_hh_l0"), first(from, "rnn.weight_hh_l0"), 1e-6F);
}

// Of bytes a classifier takes the vocabulary, a task that writes texts none.
TEST(InitFrom, VocabulariesThatDoNotFitAreLeft) {
  Place p;
  const std::string text = repeated("The dog sees The cat\n", 20);
  const std::string capitals = p.language_model("lm", text, kTiny);
  std::string records;
  for (int i = 0; i < 10; ++i) records += "a\tThe dog\nb\tThe cat\n";
  const std::string data = p.folder.write("r.tsv", records);
  p.train("c", with({"classify", "--data", data, "--init-from", capitals, "--lowercase"}, kKeep));
  EXPECT_EQ(run_program({"predict", p.folder.file("c"), "--data", data}).code, 0) << "it can be read again";
  p.language_model("l", text, with({"--init-from", capitals, "--lowercase"}, kKeep));
  EXPECT_EQ(run_program({"eval", p.folder.file("l"), "--data", p.folder.file("l.txt")}).code, 0);

  const std::string bytes =
      p.language_model("bytes", text, {"--hidden", "6", "--layers", "1", "--embedding", "4", "--tokenizer", "byte"});
  const std::string classifier = p.train("b", with({"classify", "--data", data, "--init-from", bytes}, kKeep));
  EXPECT_EQ(run_program({"predict", classifier, "--data", data}).code, 0);
  for (const std::string& from : {bytes, classifier}) {
    p.train("lines",
            with({"lm", "--lines", "--data", p.folder.write("t.txt", text), "--tokenizer", "char", "--init-from", from},
                 kKeep));
    EXPECT_EQ(run_program({"sample", p.folder.file("lines"), "--length", "5"}).code, 0);
  }
}

// A language model that has one table for both stays so.
TEST(InitFrom, TiedStaysTied) {
  Place p;
  const std::string text = repeated("the dog sees the cat\n", 20);
  const std::string first = p.language_model("a", text, with(kTiny, {"--tied", "--embedding", "6"}));
  p.language_model("b", text, with({"--init-from", first}, kKeep));
  EXPECT_EQ(p.told().find("; not"), std::string::npos) << p.told();
}

// Word vectors win over the model's table.
TEST(InitFrom, VectorsAreReadAllTheSame) {
  Place p;
  const std::string language = p.language_model("lm", repeated("the dog sees the cat\n", 20), kTiny);
  std::string records;
  for (int i = 0; i < 10; ++i) records += "a\tthe dog\nb\tthe cat\n";
  p.train("c", with({"classify", "--data", p.folder.write("r.tsv", records), "--init-from", language, "--embeddings",
                     p.folder.write("v.txt", "dog 1 2 3 4 5 6\n")},
                    kKeep));
  const std::vector<float> table = tensor(p.folder.file("c"), "embedding.weight");
  bool found = false;
  for (std::size_t row = 0; row + 6 <= table.size(); row += 6) {
    found = found || (std::abs(table[row] - 1) < 1e-6F && std::abs(table[row + 5] - 6) < 1e-5F);
  }
  EXPECT_TRUE(found);
}

TEST(InitFrom, RefusesWhatItWouldLose) {
  Place p;
  const std::string text = repeated("the dog sees the cat\n", 20);
  const std::string first = p.language_model("x.epoch-1.safetensors", text, kTiny);
  const ProgramResult refused =
      run_program({"train", "lm", "--data", p.folder.file("x.epoch-1.safetensors.txt"), "--init-from", first, "--out",
                   p.folder.file("x.safetensors"), "--keep", "2"});
  EXPECT_TRUE(refused.complains("--keep: would remove ")) << refused.err;
}

// Those of lines begin with a blank and those of one text do not: each knows the other's by how they are spelled.
TEST(InitFrom, OneTextTakesTheSubwordsOfLines) {
  Place p;
  const std::string text = repeated("the dog sees the cat\n", 20);
  const std::string lines = p.train("s", {"lm", "--lines", "--data", p.folder.write("t.txt", text), "--tokenizer",
                                          "subword", "--subwords", "20", "--hidden", "6"});
  p.train("o", {"lm", "--data", p.folder.file("t.txt"), "--init-from", lines, "--unroll", "5"});
  EXPECT_NE(p.told().find(" tokens of \"text\""), std::string::npos) << p.result.err;
}

// What a task cannot have, or what is about other tokens than its own, is its standard.
TEST(InitFrom, TakesNoOptionThatTheTaskCannotHave) {
  Place p;
  const std::string one_hot =
      p.language_model("c", repeated("the dog sees the cat\n", 20), {"--hidden", "6", "--layers", "1"});
  const std::string tags = p.folder.write("t.conll", repeated("the DT\ndog NN\n\n", 20));
  const std::string tagger = p.train("t", {"tag", "--data", tags, "--init-from", one_hot, "--min-count", "1"});
  EXPECT_GT(json::parse(run_program({"info", "--json", tagger}).out)["model"]["embedding"], 0);
  const std::string pairs = p.folder.write("p.tsv", repeated("a b\tx y\n", 20));
  p.train("p", {"translate", "--data", pairs, "--valid", pairs, "--init-from", one_hot});
  const std::string story = R"({"story": "the dog sees the cat", "question": )";
  const std::string questions = p.folder.write("q.jsonl", repeated(story +
                                                                       R"("who sees ?", "answer": "dog"})"
                                                                       "\n" +
                                                                       story +
                                                                       R"("whom ?", "answer": "cat"})"
                                                                       "\n",
                                                                   20));
  p.train("q", {"answer", "--data", questions, "--valid", questions, "--init-from", one_hot});
  p.language_model("l", repeated("the dog sees the cat\n", 20), {"--init-from", tagger, "--embedding", "7"});
  // Of a translator neither what its decoder looks at nor what its validation goes by.
  const std::string translator =
      p.train("b", {"translate", "--data", pairs, "--valid", pairs, "--attention", "none", "--measure", "loss"});
  const std::string sums = p.folder.write("s.jsonl", repeated("{\"audio\": [[1, 0], [0, 1]], \"text\": \"a\"}\n", 20));
  p.train("r", {"transcribe", "--data", sums, "--valid", sums, "--init-from", translator, "--features", "fbank"});
  const std::string things = p.folder.write("c.jsonl", repeated("{\"vector\": [1, 0], \"texts\": [\"x y\"]}\n", 20));
  const std::string caption = p.train("k", {"caption", "--data", things, "--valid", things, "--init-from", translator});
  EXPECT_EQ(json::parse(run_program({"info", "--json", caption}).out)["model"]["measure"], "cider");
  const std::string words =
      p.language_model("w", repeated("the dog sees the cat\n", 20), with(kTiny, {"--min-count", "2"}));
  p.language_model("m", repeated("the dog sees the cat\n", 20), {"--init-from", words, "--tokenizer", "char"});
}

TEST(InitFrom, NothingThatFitsIsRefused) {
  Place p;
  const std::string language = p.language_model("lm", repeated("the dog sees the cat\n", 20), kTiny);
  const std::string text = p.folder.write("o.txt", repeated("9 8 7 6 5 4\n", 20));
  const ProgramResult refused =
      run_program({"train", "lm", "--data", text, "--out", p.folder.file("n"), "--init-from", language, "--hidden", "7",
                   "--embedding", "3", "--cell", "elman", "--tokenizer", "char"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(refused.complains("has no parameter of the names and shapes of this network's")) << refused.err;
  EXPECT_FALSE(p.folder.list().contains("n"));
}

}  // namespace
}  // namespace recur::init_from_test
