#include "data/vocabulary.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/show.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur::vocabulary_test {
namespace {

TEST(Vocabulary, FindsEveryTokenAndNothingElse) {
  const Vocabulary vocabulary({"the", "<unk>", "\xFF", std::string(1, '\0')});
  EXPECT_EQ(vocabulary.size(), 4);
  for (int id = 0; id < vocabulary.size(); ++id) EXPECT_EQ(vocabulary.id(vocabulary.token(id)), id);
  EXPECT_EQ(vocabulary.id("th"), std::nullopt);
  EXPECT_EQ(vocabulary.id(""), std::nullopt);
  EXPECT_EQ(vocabulary.unknown(), 1);
  EXPECT_EQ(Vocabulary({"the"}).unknown(), std::nullopt);
}

TEST(Vocabulary, ACopyStandsAlone) {
  auto original = std::make_unique<Vocabulary>(std::vector<std::string>{"a", "b"});
  const Vocabulary copy = *original;
  original.reset();
  EXPECT_EQ(copy.id("b"), 1);
}

TEST(Vocabulary, RefusesNoTokensEmptyTokensAndDuplicates) {
  EXPECT_EQ(error_of([] { Vocabulary({}); }), "vocabulary: expected at least one token, got none");
  EXPECT_EQ(error_of([] { Vocabulary({"a", ""}); }), "vocabulary: token 1 is empty");
  EXPECT_EQ(error_of([] { Vocabulary({"a\n", "b", "a\n"}); }), "vocabulary: token \"a\\n\" stands twice, at 0 and 2");
}

TEST(Quote, EscapesAndCutsBetweenCharacters) {
  EXPECT_EQ(quote("a\"\x01\xFFé"), "\"a\\\"\\x01\\xffé\"");
  EXPECT_EQ(quote(std::string(39, 'a') + "😀b"), '"' + std::string(39, 'a') + "\"...");
  EXPECT_EQ(quote(std::string(36, 'a') + "😀b"), '"' + std::string(36, 'a') + "😀\"...");
  EXPECT_TRUE(quote(std::string(100, '\x80')).ends_with("\"..."));
}

}  // namespace
}  // namespace recur::vocabulary_test
