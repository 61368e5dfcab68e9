// What word vectors say of words, on a table that is plain to see.
#include "infer/word_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/text_file.h"
#include "infer/word_tests.h"
#include "support/error_of.h"

namespace recur::word_search_test {
namespace {

EmbeddingTable table() {
  EmbeddingTable t;
  t.words = {"king", "queen", "man", "woman", "apple"};
  t.width = 3;
  // Royal, female, fruit.
  t.vectors = {2, 0, 0, 2, 2, 0, 0.5F, 0.1F, 0, 0.5F, 2, 0, 0, 0, 1};
  return t;
}

std::vector<std::string> words(const WordSearch& search, const WordSearch::Query& query, std::size_t count) {
  std::vector<std::string> words;
  const auto found = search.search(std::span(&query, 1), count);
  for (const auto& [word, similarity] : found.front()) words.push_back(search.vocabulary().token(word));
  return words;
}

TEST(WordSearch, FindsTheMostSimilar) {
  const WordSearch search(table());
  EXPECT_EQ(words(search, {search.direction("king"), {0}}, 2), (std::vector<std::string>{"man", "queen"}));
  EXPECT_EQ(words(search, {search.direction("king"), {}}, 1), std::vector<std::string>{"king"});
  EXPECT_EQ(words(search, {search.direction("king"), {}}, 100).size(), 5U);
  const WordSearch::Query query{search.direction("queen"), {}};
  EXPECT_NEAR(search.search(std::span(&query, 1), 1).front().front().similarity, 1, 1e-6);
}

TEST(WordSearch, FindsWordsInLowerCaseToo) {
  const WordSearch search(table());
  EXPECT_EQ(search.place("King"), 0);
  EXPECT_EQ(search.place("kings"), -1);
  EXPECT_TRUE(search.direction("kings").empty());
  EXPECT_EQ(search.nearest_spelling("quen"), "queen");
  EXPECT_EQ(search.nearest_spelling("wwoman"), "woman");
}

TEST(WordSearch, MakesVectorsOfNgrams) {
  EmbeddingTable t = table();
  t.letters = {3, 3};
  t.ngrams = letter_ngrams("kin", t.letters);  // <ki kin in>
  ASSERT_EQ(t.ngrams.size(), 3U);
  t.ngram_vectors = {3, 0, 0, 0, 4, 0, 0, 0, 9};
  const WordSearch search(std::move(t));
  const std::vector<float> made = search.direction("kink");  // <ki kin ink nk>
  ASSERT_EQ(made.size(), 3U);
  EXPECT_NEAR(made[0], 0.6, 1e-6);
  EXPECT_NEAR(made[1], 0.8, 1e-6);
  EXPECT_EQ(made[2], 0);
  EXPECT_TRUE(search.direction("zzz").empty());
}

TEST(WordTests, PairsAreRanked) {
  const WordSearch search(table());
  const TextFile pairs("king queen 8\nking\tapple\t1\nMan king 9\n\nking prince 9\n");
  const auto json = run_word_tests(search, pairs.path());
  EXPECT_EQ(json.dump(), R"({"pairs":4,"covered":3,"spearman":1.0})");
  const TextFile none("a b 3\n");
  EXPECT_TRUE(run_word_tests(search, none.path())["spearman"].is_null());
}

TEST(WordTests, AnalogiesAreAnswered) {
  const WordSearch search(table());
  const TextFile questions(": family\nman king woman queen\nman king woman apple\nman king woman prince\n: none\n");
  const auto json = run_word_tests(search, questions.path());
  EXPECT_EQ(json["questions"], 3);
  EXPECT_EQ(json["covered"], 2);
  EXPECT_EQ(json["right"], 1);
  EXPECT_EQ(json["accuracy"], 0.5);
  EXPECT_EQ(json["sections"][0]["section"], "family");
  EXPECT_TRUE(json["sections"][1]["accuracy"].is_null());
}

TEST(WordTests, NameTheLineThatIsWrong) {
  const WordSearch search(table());
  const auto message = [&](std::string_view text) {
    const TextFile file(text);
    const std::string error = error_of([&] { run_word_tests(search, file.path()); });
    return error.starts_with(file.path()) ? error.substr(file.path().size()) : error;
  };
  EXPECT_EQ(message("king queen 8\nking queen\n"),
            ": line 2: expected two words and a score, as in the lines before, got \"king queen\"");
  EXPECT_TRUE(contains(message("king queen x\n"), "line 1: expected two words and a score, or the four words"));
  EXPECT_TRUE(contains(message("king queen nan\n"), "line 1"));
  EXPECT_TRUE(contains(message(": a\nking queen 3\n"), "line 2: expected four words, as in the lines before"));
  EXPECT_TRUE(contains(message("king queen 8\na b c d\n"), "line 2: expected two words and a score"));
  EXPECT_TRUE(contains(message(""), "got none"));
}

}  // namespace
}  // namespace recur::word_search_test
