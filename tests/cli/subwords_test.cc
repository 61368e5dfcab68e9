// A language model of one text that is cut into subwords: all that can be done with one of characters.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "recur/model.h"

namespace recur::subwords_test {
namespace {

using nlohmann::json;

const Arguments kSubwords = {"--tokenizer", "subword", "--subwords", "40"};

std::vector<std::string> rows_of(const std::string& text) {
  std::vector<std::string> rows;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    rows.push_back(text.substr(begin, end - begin));
  }
  return rows;
}

TEST(SubwordsOfOneText, AreTrainedAndComparedWithCharacters) {
  const TrainedModel m(kSubwords), characters;
  ASSERT_EQ(m.training.code, 0) << m.training.err;
  EXPECT_NE(m.training.err.find("38 subwords"), std::string::npos) << m.training.err;
  const json about = json::parse(run_program({"info", "--json", m.model}).out);
  EXPECT_EQ(about["vocabulary"], 38) << "a line end, and SentencePiece's 40 without its three marks";
  EXPECT_EQ(about["tokenizer"], "subword");
  EXPECT_EQ(about["model"]["embedding"], 8) << "as wide as a layer";
  const json of_subwords = json::parse(run_program({"eval", m.model, "--data", m.text}).out);
  const json of_characters = json::parse(run_program({"eval", characters.model, "--data", m.text}).out);
  const double length = static_cast<double>(rhyme(40).size());
  const double bits = of_subwords["bits_per_token"], tokens = of_subwords["tokens"];
  EXPECT_LT(tokens, length / 2);
  EXPECT_NEAR(of_subwords["bits_per_character"], bits * (tokens + 1) / length, 1e-9);
  EXPECT_EQ(of_subwords["bits_per_character"], of_subwords["bits_per_byte"]);
  EXPECT_NEAR(of_characters["bits_per_character"], of_characters["bits_per_token"], 1e-12);
}

TEST(SubwordsOfOneText, WriteAndScoreTexts) {
  const TrainedModel m(kSubwords);
  const ProgramResult sample = run_program({"sample", m.model, "--prompt", "the cat\n\nand  ", "--length", "20"});
  EXPECT_TRUE(sample.out.starts_with("the cat\n\nand  ")) << sample.err;
  const ProgramResult only =
      run_program({"sample", m.model, "--prompt", "the", "--length", "3", "--only", " cat", "--only", "\n"});
  EXPECT_EQ(only.out.find_first_not_of("the cat\n"), std::string::npos) << only.out << only.err;
  const ProgramResult asked =
      run_program({"sample", m.model, "--interactive", "--length", "9"}, {.input = "the\n\n", .watch = {}});
  EXPECT_EQ(std::ranges::count(asked.out, '\n'), 2) << asked.err;

  const std::string lines = m.folder.write("new.txt", "the cat ran\n\nthe dog\n");
  const std::vector<std::string> scores = rows_of(run_program({"predict", m.model, "--data", lines}).out);
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_TRUE(scores[0].ends_with("\t0")) << scores[0];
  EXPECT_EQ(scores[1], "");
  EXPECT_TRUE(scores[2].ends_with("\t1")) << "g: " << scores[2];
  std::string first;
  for (const std::string& row : rows_of(run_program({"predict", m.model, "--data", lines, "--tokens"}).out)) {
    if (row.empty()) break;
    first += row.substr(0, row.find('\t'));
  }
  EXPECT_EQ(first, "the cat ran\\x0a");
  EXPECT_EQ(rows_of(run_program({"predict", m.model, "--data", m.text, "--surprise"}).out).size(), 80U);
  const std::string lists = m.folder.write("lists", "1\t-1\tthe rat ran\n1\t-1\tmat the on\n");
  EXPECT_EQ(rows_of(run_program({"rescore", m.model, "--data", lists, "--weight", "1"}).out).size(), 2U);
}

TEST(SubwordsOfOneText, ComeBackFromTheModel) {
  const TrainedModel m(kSubwords);
  const Model model = Model::load(m.model);
  const std::string text = "the  cat\n\n sat   on\nmat 6 ";
  std::string again;
  Stream stream = model.stream();
  std::vector<float> logits(model.vocabulary());
  for (const int token : model.encode(text)) {
    again += model.decode(token);
    stream.step(token, logits);
  }
  EXPECT_EQ(again, text);
  EXPECT_TRUE(std::ranges::all_of(logits, [](float x) { return std::isfinite(x); }));
}

TEST(SubwordsOfOneText, AreResumedToTheSameBits) {
  const Arguments flags = with(kSubwords, {"--schedule", "constant"});
  const TrainedModel whole(flags);
  const TrainedModel half(with(flags, {"--epochs", "1"}));
  const ProgramResult resumed = run_program({"train", "lm", "--resume", "--out", half.model, "--epochs", "2"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(run_program({"eval", half.model, "--data", half.text}).out,
            run_program({"eval", whole.model, "--data", whole.text}).out);
}

// The pieces are the other model's, whatever its text was, and a model of records has its marks besides.
TEST(SubwordsOfOneText, GoOnWithAnotherText) {
  const TrainedModel m(kSubwords);
  const std::string other = m.folder.write("other.txt", "the rat sat on a mat\nthe cat\tran\n" + rhyme(20));
  const ProgramResult more = train(other, m.folder.file("more"), {"--init-from", m.model});
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_NE(more.err.find(", 38 of 38 tokens of \"text\""), std::string::npos) << more.err;
  std::string labelled;
  for (int i = 0; i < 20; ++i) labelled += i % 2 == 0 ? "a\tthe cat sat\n" : "b\tand the rat ran\n";
  const std::string records = m.folder.write("records.tsv", labelled);
  const Arguments flags = {"--data", records, "--init-from", m.model, "--epochs", "1", "--out", m.folder.file("o")};
  const ProgramResult classifier = run_program(with({"train", "classify"}, flags));
  // A text's beginning and its end are the end of a line.
  EXPECT_NE(classifier.err.find(", 39 of 40 tokens of \"text\""), std::string::npos) << classifier.err;
  const ProgramResult lines = run_program(with({"train", "lm", "--conditioned"}, flags));
  EXPECT_NE(lines.err.find(", 39 of 40 tokens of \"text\""), std::string::npos) << lines.err;
}

}  // namespace
}  // namespace recur::subwords_test
