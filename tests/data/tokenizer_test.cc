#include "data/tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/subwords.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur::tokenizer_test {
namespace {

using Json = nlohmann::json;
using Tokens = std::vector<std::string>;

constexpr TokenizerKind kKinds[] = {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word,
                                    TokenizerKind::token, TokenizerKind::subword};

Tokenizer built(std::string_view text, TokenizerKind kind, TokenizerOptions options = {}) {
  const TextFile file(text);
  return Tokenizer::build(InputFile(file.path()), kind, options);
}

Tokens words(std::string_view text, TokenizerOptions options = {}) {
  return built(text, TokenizerKind::word, options).vocabulary().tokens();
}

TEST(Tokenizer, RefusesAKindThatItDoesNotKnow) {
  EXPECT_EQ(error_of([] {
              Tokenizer::from_json({{"kind", "bpe"}});
            }),
            "tokenizer: expected byte, char, word, token or subword, got \"bpe\"");
}

TEST(Tokenizer, BytesAndCharactersAreSorted) {
  const std::string_view binary(
      "b\xFF\0\xFF"
      "b\n",
      6);
  EXPECT_EQ(built(binary, TokenizerKind::byte).vocabulary().tokens(), (Tokens{{'\0'}, "\n", "b", "\xFF"}));
  EXPECT_EQ(built("😀b漢a😀é", TokenizerKind::character).vocabulary().tokens(), (Tokens{"a", "b", "é", "漢", "😀"}));
}

TEST(Tokenizer, RefusesAnEmptyFile) {
  for (const TokenizerKind kind : kKinds) {
    EXPECT_TRUE(contains(error_of([&] { built("", kind); }), "is empty; a language model needs text"));
  }
  EXPECT_TRUE(contains(error_of([] { built("\uFEFF", TokenizerKind::word); }), "is empty"));
}

TEST(Tokenizer, WordsGoByFrequencyThenFirstAppearance) {
  EXPECT_EQ(words("c b a b\na c\nd\n"), (Tokens{"<eos>", "c", "b", "a", "d"}));
  EXPECT_EQ(words("b a"), (Tokens{"b", "a", "<eos>"}));
}

TEST(Tokenizer, TokensAreWordsAndMarks) {
  const Tokenizer tokenizer = built("Well, don't. Well?\n", TokenizerKind::token, {.min_count = 2});
  EXPECT_EQ(tokenizer.vocabulary().tokens(), (Tokens{"<unk>", "Well", "<eos>"}));
  EXPECT_EQ(tokenizer.encode_prompt("<unk>Well\n"), (std::vector<int>{0, 0, 0, 1, 2}));
}

TEST(Tokenizer, ReadsInLowerCase) {
  for (const TokenizerKind kind : {TokenizerKind::character, TokenizerKind::word, TokenizerKind::token}) {
    const Tokenizer before = built("B\nÉ b\n", kind, {.lowercase = true});
    const Json json = before.to_json();
    EXPECT_EQ(json["lowercase"], true);
    const Tokenizer after = Tokenizer::from_json(json);
    EXPECT_TRUE(after.lowercase());
    for (const Tokenizer* tokenizer : {&before, &after}) {
      EXPECT_EQ(tokenizer->encode_prompt("B É"), tokenizer->encode_prompt("b é"));
      EXPECT_TRUE(tokenizer->vocabulary().id("é") && tokenizer->vocabulary().id("b"));
    }
  }
  EXPECT_FALSE(built("b", TokenizerKind::word).to_json().contains("lowercase"));
}

TEST(Tokenizer, DroppedWordsBecomeUnknown) {
  const std::string text = "c b a b a c b\nd e\n";
  EXPECT_EQ(words(text, {.min_count = 2}), (Tokens{"b", "c", "a", "<eos>", "<unk>"}));
  EXPECT_EQ(words(text, {.min_count = 3}), (Tokens{"<unk>", "b", "<eos>"}));
  EXPECT_EQ(words(text, {.max_vocab = 4}), (Tokens{"<unk>", "b", "c", "<eos>"}));
  EXPECT_EQ(words(text, {.max_vocab = 5}), (Tokens{"b", "c", "a", "<eos>", "<unk>"}));
  EXPECT_EQ(words(text, {.max_vocab = 6}), (Tokens{"b", "c", "a", "<eos>", "d", "e"}));
  EXPECT_EQ(words("a <unk> a\n"), (Tokens{"a", "<eos>", "<unk>"}));
  const Tokenizer tokenizer = built("a <unk> a\n", TokenizerKind::word);
  EXPECT_EQ(tokenizer.encode_prompt("never a"), (std::vector<int>{2, 0}));
}

TEST(Tokenizer, RefusesOptionsWithoutSense) {
  EXPECT_TRUE(contains(error_of([] { words("a", {.max_vocab = 2}); }), "--max-vocab: expected 0"));
  EXPECT_TRUE(contains(error_of([] { built("a", TokenizerKind::byte, {.min_count = 2}); }), "--tokenizer word"));
  EXPECT_TRUE(contains(error_of([] { built("a", TokenizerKind::byte, {.lowercase = true}); }), "--lowercase is for"));
  for (const TokenizerOptions options : {TokenizerOptions{.max_vocab = 9}, TokenizerOptions{.lowercase = true}}) {
    EXPECT_TRUE(contains(error_of([&] { built("a", TokenizerKind::subword, options); }), "not subword"));
  }
  EXPECT_TRUE(contains(error_of([] { built("\n\t\n", TokenizerKind::subword); }), "has only control characters"));
  const TextFile file("abc\n");
  EXPECT_TRUE(contains(error_of([&] { Tokenizer::build(InputFile(file.path()), TokenizerKind::subword, {}, {}, 6); }),
                       "--subwords: expected 7 "));
}

TEST(Tokenizer, APromptNamesWhatTheModelNeverSaw) {
  const auto message = [](std::string_view text, TokenizerKind kind, std::string_view prompt) {
    return error_of([&] { built(text, kind).encode_prompt(prompt); });
  };
  EXPECT_EQ(message("ab", TokenizerKind::character, "a😀"),
            "prompt: the model never saw the character \"😀\" (U+1F600); leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::character, "\t"),
            "prompt: the model never saw the character \"\\t\" (U+0009); leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::byte, "\n"), "prompt: the model never saw the byte 0x0A; leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::word, "ab cd"), "prompt: the model never saw the word \"cd\"; leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::subword, "ab\n"),
            "prompt: the model never saw the subword \"\\n\"; leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::subword, "ba漢😀"),
            "prompt: the model never saw the subword \"漢😀\"; leave it out");
  EXPECT_EQ(message("ab", TokenizerKind::character, "a\xFF"), "prompt: byte 1: invalid UTF-8 (0xFF); expected UTF-8");
}

TEST(Tokenizer, PiecesReadLikeTheText) {
  const auto again = [](std::string_view text, TokenizerKind kind) {
    const Tokenizer tokenizer = built(text, kind);
    std::string read;
    for (const int id : tokenizer.encode_prompt(text)) read += tokenizer.decode(id);
    return read;
  };
  const std::string binary("\0\xFF\x80\n\r\n", 6);
  EXPECT_EQ(again(binary, TokenizerKind::byte), binary);
  EXPECT_EQ(again("é漢😀\u0301\r\n", TokenizerKind::character), "é漢😀\u0301\r\n");
  const std::string text = "one  two\r\n\n\t three <unk> \u2581\u2585\x10 one\n";
  EXPECT_EQ(again(text, TokenizerKind::subword), text);
  EXPECT_EQ(again("one  two\r\n\nthree", TokenizerKind::word), "one two \n\nthree ");
  EXPECT_EQ(again("one,  two!\r\n\nthree", TokenizerKind::token), "one , two ! \n\nthree ");
}

// A subword has the blank before it; line ends stand alone, and what is frequent is one piece.
// A piece of a user's own that is empty ends the program within SentencePiece, and so does one of a model that says in
// a number, which SentencePiece passes over, that it is of byte pairs.
TEST(Tokenizer, SubwordsOfStrangersAreRefused) {
  const std::string good = Subwords::learn({"the cat sat", "the mat"}, 20, "").model();
  EXPECT_NO_THROW(Subwords{good});
  const std::string own("\x0a\x02\x18\x04", 4), nameless("\x0a\x02\x18\x01", 4);
  const std::string number("\x15\x08\x00\x18\x02", 5), unnamed("\x0a\x04\x0a\x00\x18\x01", 6);
  for (const std::string& part : {own, nameless, number, unnamed}) {
    EXPECT_EQ(error_of([&] { Subwords{good + part}; }),
              "subwords: expected a SentencePiece model of byte pairs as recur learns it");
  }
}

TEST(Tokenizer, SubwordsArePiecesOfWords) {
  const TextFile file("the cat the hat\nthe cat\n\nthe  cat\n");
  const Tokenizer tokenizer = Tokenizer::build(InputFile(file.path()), TokenizerKind::subword, {}, {}, 30);
  EXPECT_EQ(tokenizer.vocabulary().token(0), "\n");
  Tokens pieces;
  for (const int id : tokenizer.encode_prompt("the cat\nthe  hat the\n")) pieces.push_back(tokenizer.decode(id));
  EXPECT_EQ(pieces, (Tokens{"the", " cat", "\n", "the", " ", " hat", " the", "\n"}));
  EXPECT_FALSE(tokenizer.unknown());
}

TEST(Tokenizer, TravelsAsJson) {
  const std::string text = "a\x7F \"é漢😀\u0301\n\uFEFF <unk>";
  for (const TokenizerKind kind : kKinds) {
    const Tokenizer before = built(text, kind);
    const Tokenizer after = Tokenizer::from_json(Json::parse(before.to_json().dump()));
    EXPECT_EQ(after.kind(), kind);
    EXPECT_EQ(after.vocabulary().tokens(), before.vocabulary().tokens());
    EXPECT_EQ(after.encode_prompt(text), before.encode_prompt(text));
  }
  EXPECT_EQ(built("b\xFF", TokenizerKind::byte).to_json(), Json::parse(R"({"kind":"byte","tokens":[98,255]})"));
}

TEST(Tokenizer, FromJsonRefusesWhatToJsonCannotWrite) {
  for (const char* text : {
           R"([])",
           R"(7)",
           R"({})",
           R"({"kind":"char"})",
           R"({"kind":7,"tokens":["a"]})",
           R"({"kind":"bpe","tokens":["a"]})",
           R"({"kind":"char","tokens":"a"})",
           R"({"kind":"char","tokens":[]})",
           R"({"kind":"char","tokens":[""]})",
           R"({"kind":"char","tokens":["ab"]})",
           R"({"kind":"char","tokens":["a","a"]})",
           R"({"kind":"char","tokens":[97]})",
           R"({"kind":"byte","tokens":["a"]})",
           R"({"kind":"byte","tokens":[256]})",
           R"({"kind":"byte","tokens":[-1]})",
           R"({"kind":"byte","tokens":[1.5]})",
           R"({"kind":"byte","tokens":[1,1]})",
           R"({"kind":"byte","tokens":[18446744073709551615]})",
           R"({"kind":"word","tokens":["a"]})",
           R"({"kind":"token","tokens":["a"]})",
           R"({"kind":"token","tokens":["<eos>","a,"]})",
           R"({"kind":"subword","tokens":["<eos>","a"]})",
           R"({"kind":"char","tokens":["A"],"lowercase":true})",
           R"({"kind":"char","tokens":["a"],"lowercase":1})",
           R"({"kind":"byte","tokens":[97],"lowercase":true})",
           R"({"kind":"word","tokens":["<eos>","a b"]})",
           R"({"kind":"word","tokens":["<eos>","a "]})",
           R"({"kind":"word","tokens":["<eos>","\n"]})",
           R"({"kind":"word","tokens":["<eos>",null]})",
       }) {
    EXPECT_NE(error_of([&] { Tokenizer::from_json(Json::parse(text)); }), "") << text;
  }
  Json invalid = {{"kind", "word"}, {"tokens", {"<eos>", "\xFF"}}};
  EXPECT_TRUE(contains(error_of([&] { Tokenizer::from_json(invalid); }), "invalid UTF-8"));
}

}  // namespace
}  // namespace recur::tokenizer_test
