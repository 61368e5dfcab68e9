// Texts come back from their ids: to the byte, or but for what tokenizer.h and text_codec.h name.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "data/text_codec.h"
#include "data/white_space.h"
#include "support/paths.h"
#include "support/unicode_texts.h"
#include "text_file.h"

namespace recur::round_trip_test {
namespace {

using Ids = std::vector<int>;
using Texts = std::vector<std::string>;

const Texts& all_texts() {
  static const Texts texts = [] {
    Texts all = naughty_strings();
    std::string whole;
    for (const std::string& line : all) whole += line + "\n";
    all.push_back(whole);
    for (std::uint32_t i = 0; i < 500; ++i) all.push_back(random_text(i));
    return all;
  }();
  return texts;
}

// A codec that lacks nothing of the texts.
TextCodec codec_of(TokenizerKind kind) {
  TextCodec::Builder builder({.kind = kind, .words = {}, .subwords = 6000});
  // Of texts that are white space alone subwords learn nothing.
  for (const std::string& text : all_texts()) builder.add("x" + text);
  return builder.build();
}

// What blanks (of ASCII) separate.
Texts words_of(std::string_view text) {
  Texts words(1);
  for (const char c : text) {
    if (!is_blank(static_cast<unsigned char>(c))) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// The text without white space of any kind.
std::string without_white_space(std::string_view text) {
  std::string left;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
    if (!is_blank_text(text.substr(0, length))) left += text.substr(0, length);
    text.remove_prefix(length);
  }
  return left;
}

TEST(RoundTrip, OfCharactersAndSubwordsIsExact) {
  for (const TokenizerKind kind : {TokenizerKind::character, TokenizerKind::subword}) {
    const TextCodec built = codec_of(kind), codec = TextCodec::from_json(built.to_json());
    for (const std::string& text : all_texts()) {
      const Ids ids = codec.encode(text);
      ASSERT_EQ(codec.decode(ids), text) << to_string(kind);
      std::string joined;
      const Texts pieces = codec.pieces(text);
      for (const std::string& piece : pieces) joined += piece;
      ASSERT_EQ(joined, text) << to_string(kind);
      ASSERT_EQ(pieces.size(), ids.size()) << to_string(kind);
      ASSERT_EQ(built.encode(text), ids) << to_string(kind);
    }
  }
}

TEST(RoundTrip, OfWordsIsExactButForWhiteSpace) {
  const TextCodec codec = TextCodec::from_json(codec_of(TokenizerKind::word).to_json());
  for (const std::string& text : all_texts()) {
    const Texts words = words_of("x" + text);
    std::string expected;
    for (const std::string& word : words) expected += (expected.empty() ? "" : " ") + word;
    const Ids ids = codec.encode("x" + text);
    ASSERT_EQ(codec.decode(ids), expected);
    ASSERT_EQ(codec.encode(expected), ids);
    ASSERT_EQ(std::ranges::count(ids, codec.unknown()), std::ranges::count(words, "<unk>"));
  }
}

TEST(RoundTrip, OfTokensIsExactButForWhiteSpace) {
  const TextCodec codec = TextCodec::from_json(codec_of(TokenizerKind::token).to_json());
  for (const std::string& text : all_texts()) {
    const Ids ids = codec.encode("x" + text);
    const std::string again = codec.decode(ids);
    ASSERT_EQ(without_white_space(again), without_white_space("x" + text));
    ASSERT_EQ(codec.encode(again), ids);
    ASSERT_EQ(std::ranges::count(ids, codec.unknown()), 0);
  }
}

TEST(RoundTrip, OfALanguageModelsBytesCharactersAndSubwordsIsExact) {
  std::string whole = "x";
  for (const std::string& text : all_texts()) whole += text;
  const TextFile file(whole);
  for (const TokenizerKind kind : {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::subword}) {
    const Tokenizer built = Tokenizer::build(InputFile(file.path()), kind);
    const Tokenizer tokenizer = Tokenizer::from_json(built.to_json());
    std::string again;
    for (const int id : tokenizer.encode_prompt(whole)) again += tokenizer.decode(id);
    EXPECT_EQ(again, whole) << to_string(kind);
  }
}

// <eos> as a word is a line end.
TEST(RoundTrip, OfALanguageModelsWordsIsExactButForWhiteSpace) {
  std::string whole = "x";
  for (const std::string& text : all_texts()) whole += text + "\n";
  const TextFile file(whole);
  const Tokenizer tokenizer = Tokenizer::build(InputFile(file.path()), TokenizerKind::word);
  std::istringstream lines(whole);
  for (std::string line; std::getline(lines, line);) {
    std::string expected, again;
    for (const std::string& word : words_of(line)) expected += word == "<eos>" ? "\n" : word + " ";
    for (const int id : tokenizer.encode_prompt(line + "\n")) again += tokenizer.decode(id);
    ASSERT_EQ(again, expected + "\n");
  }
}

TEST(RoundTrip, OfWhatSubwordsLackIsUnknownOrABlank) {
  TextCodec::Builder builder({.kind = TokenizerKind::subword, .words = {}, .subwords = 50});
  builder.add("the cat\n");
  const TextCodec codec = builder.build();
  EXPECT_EQ(codec.decode(codec.encode(" the \u2581 cat\u2585\t\r\ntea\x10")), " the <unk> cat<unk>  \ntea<unk>");
}

// Model files that were made before texts came back as they were read as they did then.
TEST(RoundTrip, OfOlderModelsIsAsItWas) {
  std::ifstream file(source_folder() + "/tests/data/older_subwords.json");
  const TextCodec codec = TextCodec::from_json(nlohmann::json::parse(file));
  EXPECT_EQ(codec.encode("  the \t cat\n"), (Ids{7, 31}));
  EXPECT_EQ(codec.decode(Ids{7, 31}), "the cat");
  EXPECT_EQ(codec.encode("<s> <unk></s>"), (Ids{37, 0, 45, 0, 37, 0, 40, 56, 0, 45, 0}));
  EXPECT_EQ(codec.decode(codec.encode("a\u2581z")), "a z");
  EXPECT_EQ(codec.piece(0) + codec.piece(1) + codec.piece(2), "<unk><s></s>");
  EXPECT_EQ(codec.decode(codec.encode("\x10\x11")), "\x10\x11");
}

}  // namespace
}  // namespace recur::round_trip_test
