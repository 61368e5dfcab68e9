// Lines of JSON: what they hold, and what is said of those that are wrong.
#include <gtest/gtest.h>

#include "source_case.h"

namespace recur::json_source_test {
namespace {

const SourceCase kVectors = SourceCase{kSequences}.named("d.json"), kTexts = SourceCase{kLabelled}.named("d.json");
const SourceCase kSentences = SourceCase{kTagged}.named("d.json");

TEST(JsonSource, HasTextsLabelsWordsAndNumbers) {
  EXPECT_EQ(kTexts.records("{\"text\": \"x\\ty\\nz\", \"id\": {}, \"label\": \"a\"}\r\n{\"label\": 3, \"text\": true}\n"
                           "{\"label\": 0.5, \"text\": \"\"}\n{\"label\": true, \"text\": 1}\n"),
            "a|x\ty\nz\n3|true\n0.5|\ntrue|1\n");
  EXPECT_EQ(kVectors.records("{\"label\": \"a\", \"sequence\": [[1, 2.5], [-3, 1e2]]}\n"), "a|(1 2.5; -3 100)\n");
  EXPECT_EQ(kVectors.records("{\"label\": \"a\", \"sequence\": [1, 2]}\n{\"label\": \"a\", \"sequence\": [[3]]}\n"
                             "{\"label\": \"a\", \"sequence\": [4]}\n"),
            "a|(1; 2)\na|(3)\na|(4)\n");
  EXPECT_EQ(kSentences.records("{\"words\": [\"New York\", 7], \"tags\": \"X  O\"}\n{\"words\": [], \"tags\": []}\n"),
            "[New York 7]|[X O]\n[]|[]\n");
  EXPECT_EQ(kTexts.with_columns("text=review,label=stars").records("{\"stars\": 5, \"review\": \"good\"}\n"),
            "5|good\n");
}

TEST(JsonSource, OfSeveralTextsHasARecordForEach) {
  FieldRequest texts{"texts", CellKind::text, true}, vector{"vector", CellKind::numbers};
  texts.several = vector.vectors = true;
  const SourceCase captions = SourceCase{{vector, texts}}.named("d.json");
  EXPECT_EQ(captions.records("{\"vector\": [1, 2], \"texts\": [\"a\", \"b c\", 3]}\n"
                             "{\"vector\": [[3, 4], [5, 6]], \"texts\": \"d\"}\n"),
            "(1 2)|a\n(1 2)|b c\n(1 2)|3\n(3 4; 5 6)|d\n");
  EXPECT_EQ(captions.unanswered().records("{\"vector\": [1, 2], \"texts\": [\"a\", \"b\"]}\n{\"vector\": [3, 4]}\n"),
            "(1 2)|-\n(3 4)|-\n");
  EXPECT_EQ(captions.problem("{\"vector\": [1, 2], \"texts\": []}\n"),
            "d.json: line 1: expected texts in \"texts\", got none");
  EXPECT_EQ(captions.problem("{\"vector\": [1, 2], \"texts\": [\"a\", [1]]}\n"),
            "d.json: line 1: expected \"texts\" to be a list of texts");
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(captions.problem("{\"vector\": [1, 2], \"texts\": [\"a\", " + deep + "]}\n"),
            "d.json: line 1: expected \"texts\" to be a list of texts");
  EXPECT_EQ(captions.problem("{\"vector\": [1, " + deep + "], \"texts\": [\"a\"]}\n"),
            "d.json: line 1: expected a number in \"vector\", got array");
  EXPECT_EQ(captions.problem("{\"vector\": [1, 2], \"texts\": \"a\"}\n{\"vector\": [1], \"texts\": \"a\"}\n"),
            "d.json: line 2: expected 2 numbers in every step, got 1");
}

TEST(JsonSource, MayLackAnswers) {
  EXPECT_EQ(kVectors.unanswered().records("{\"sequence\": [[1]]}\n\n{\"label\": [1], \"sequence\": [[2]]}\n"
                                          "{\"label\": \"\", \"sequence\": [[2]]}\n"),
            "-|(1)\nblank\n-|(2)\n|(2)\n");
  EXPECT_EQ(kTexts.unanswered().problem("{\"label\": 1}\n"),
            "d.json: line 1: expected a JSON object {\"label\": .., \"text\": \"..\"}");
}

TEST(JsonSource, NamesWrongLines) {
  const std::string good = "{\"label\": \"a\", \"sequence\": [[1, 2]]}\n";
  const std::string object = "expected a JSON object {\"label\": .., \"sequence\": [[..], ..]}";
  const std::string lists = "expected \"sequence\" to be a list of lists of numbers";
  const std::pair<std::string, std::string> cases[] = {
      {"{\"label\": \"b\", \"sequence\": [[1, 2]]", object},
      {"[1, 2]\n", object},
      {"\n", object + ", got an empty line"},
      {"b\tx\n", object},
      {"{\"label\": \"b\", \"sequence\": 3}\n", object},
      {"{\"sequence\": [[1, 2]]}\n", "expected a JSON object with a \"label\""},
      {"{\"label\": [1], \"sequence\": [[1, 2]]}\n", "expected \"label\" to be a text"},
      {"{\"label\": null, \"sequence\": [[1, 2]]}\n", "expected \"label\" to be a text"},
      {"{\"label\": \"a\\nb\", \"sequence\": [[1, 2]]}\n",
       "expected a \"label\" of one line without tabs, got \"a\\nb\""},
      {"{\"label\": \"\", \"sequence\": [[1, 2]]}\n", "expected a \"label\" of one line without tabs, got \"\""},
      {"{\"label\": \"b\", \"sequence\": []}\n", "the sequence is empty; expected at least one step"},
      {"{\"label\": \"b\", \"sequence\": [[]]}\n", lists},
      {"{\"label\": \"b\", \"sequence\": [1, 2]}\n", lists},
      {"{\"label\": \"b\", \"sequence\": [[1, 2], 1]}\n", lists},
      {"{\"label\": \"b\", \"sequence\": [[1]]}\n", "expected 2 numbers in every step, got 1"},
      {"{\"label\": \"b\", \"sequence\": [[1, null]]}\n", "expected a number in \"sequence\", got \"null\""},
      {"{\"label\": \"b\", \"sequence\": [[1, \"x\"]]}\n", "expected a number in \"sequence\", got \"\\\"x\\\"\""},
      {"{\"label\": \"b\", \"sequence\": [[1, 1e39]]}\n",
       "expected a number in \"sequence\", got \"1e+39\", which is too large"},
      {"{\"label\": \"b\", \"sequence\": [[1, 1e999]]}\n", "the number 1e999 is too large; expected one below 1.8e308"},
      {"{\"label\": \"b\", \"sequence\": [[1, NaN]]}\n", "JSON has no NaN; write null where a number is missing"},
      {"{\"label\": \"b\", \"sequence\": [[1, [[]]]]}\n", "expected a number in \"sequence\", got array"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_EQ(kVectors.problem(good + text), "d.json: line 2: " + message) << text;
  EXPECT_EQ(kTexts.problem("{\"label\": 1, \"text\": \"a\\u0000b\"}\n"),
            "d.json: line 1: expected \"text\" to be a text, got a NUL character");
  EXPECT_EQ(kTexts.problem("{\"label\": 1, \"text\": []}\n"), "d.json: line 1: expected \"text\" to be a text");
  EXPECT_EQ(kSentences.problem("{\"words\": [\"a\", []], \"tags\": \"\"}\n"),
            "d.json: line 1: expected \"words\" to be a list of words");
  EXPECT_EQ(kSentences.problem("{\"words\": [\"a\\tb\"], \"tags\": \"\"}\n"),
            "d.json: line 1: expected every word of \"words\" to be of one line without tabs, got \"a\\tb\"");
}

TEST(JsonSource, DoesNotFollowLinesThatAreTooLongOrTooDeep) {
  const std::string lists(1 << 20, '['), ends(1 << 20, ']');
  for (const std::string& deep : {"[" + lists + ends + "]", "[[1, " + lists + ends + "]]"}) {
    EXPECT_NE(kVectors.problem("{\"label\": 1, \"sequence\": " + deep + "}\n"), "");
  }
  EXPECT_EQ(kVectors.problem("{\"label\": " + lists + ends + ", \"sequence\": [[1]]}\n"),
            "d.json: line 1: expected \"label\" to be a text");
  EXPECT_EQ(kVectors.unanswered().records("{\"label\": " + lists + ends + ", \"sequence\": [[1]]}\n"), "-|(1)\n");
  EXPECT_EQ(kVectors.problem("{\"label\": \"" + std::string(1 << 24, 'x') + "\", \"sequence\": [[1]]}\n"),
            "d.json: line 1: a line of JSON longer than 16 MiB; expected shorter sequences");
}

}  // namespace
}  // namespace recur::json_source_test
