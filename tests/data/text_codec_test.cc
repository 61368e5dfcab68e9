#include "data/text_codec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "support/codecs.h"
#include "support/error_of.h"
#include "text_file.h"

namespace recur::text_codec_test {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<int>;
using Texts = std::vector<std::string>;

TextCodec built(const Texts& texts, TokenizerKind kind, TokenizerOptions words = {}, std::size_t subwords = 100) {
  TextCodec::Builder builder({.kind = kind, .words = words, .subwords = subwords});
  for (const std::string& text : texts) builder.add(text);
  return builder.build();
}

Texts vocabulary(const TextCodec& codec) {
  Texts texts;
  for (int id = 0; id < codec.size(); ++id) texts.push_back(codec.piece(id));
  return texts;
}

TextCodec again(const TextCodec& codec) { return TextCodec::from_json(Json::parse(codec.to_json().dump())); }

TEST(TextCodec, WordsGoByFrequencyThenFirstAppearanceAfterTheSpecials) {
  const TextCodec codec = built({"c b\na b", "c d", "", "<s> </s> <unk> <eos>"}, TokenizerKind::word);
  EXPECT_EQ(vocabulary(codec), (Texts{"<unk>", "<s>", "</s>", "c", "b", "a", "d", "<s>", "</s>", "<eos>"}));
  EXPECT_EQ(codec.unknown(), 0);
  EXPECT_EQ(codec.begin(), 1);
  EXPECT_EQ(codec.end(), 2);
  EXPECT_EQ(codec.specials(), (Ids{1, 2}));
  EXPECT_EQ(codec.encode(" a\r\nnew <s> <unk> </s>\tb <eos>"), (Ids{5, 0, 7, 0, 8, 4, 9}));
  EXPECT_EQ(codec.decode(Ids{1, 7, 8, 9, 2}), "<s> </s> <eos>");
  EXPECT_EQ(codec.pieces(" a\r\nnew <s>"), (Texts{"a", "new", "<s>"}));
  EXPECT_EQ(codec.encode(""), Ids{});
  EXPECT_EQ(codec.decode(Ids{1, 5, 0, 4, 2}), "a <unk> b");
  EXPECT_EQ(codec.separator(), " ");
}

TEST(TextCodec, RareWordsAndThoseBeyondTheLimitAreUnknown) {
  const Texts texts = {"a a a b b c"};
  EXPECT_EQ(vocabulary(built(texts, TokenizerKind::word, {.min_count = 2})), (Texts{"<unk>", "<s>", "</s>", "a", "b"}));
  EXPECT_EQ(vocabulary(built(texts, TokenizerKind::word, {.max_vocab = 4})), (Texts{"<unk>", "<s>", "</s>", "a"}));
  EXPECT_EQ(vocabulary(built({"abbé"}, TokenizerKind::character, {.min_count = 2})),
            (Texts{"<unk>", "<s>", "</s>", "b"}));
}

TEST(TextCodec, TokensInLowerCase) {
  const TextCodec codec = built({"Don't stop, STOP!"}, TokenizerKind::token, {.lowercase = true});
  EXPECT_EQ(vocabulary(codec), (Texts{"<unk>", "<s>", "</s>", "stop", "don't", ",", "!"}));
  EXPECT_EQ(codec.encode("stop DON'T"), (Ids{3, 4}));
  EXPECT_EQ(codec.pieces("No!"), (Texts{"no", "!"}));
  EXPECT_EQ(codec.decode(Ids{4, 3, 6}), "don't stop !");
}

TEST(TextCodec, CharactersGoByFrequencyThenCode) {
  const TextCodec codec = built({"b漢b", "a\n😀"}, TokenizerKind::character);
  EXPECT_EQ(vocabulary(codec), (Texts{"<unk>", "<s>", "</s>", "b", "\n", "a", "漢", "😀"}));
  EXPECT_EQ(codec.encode("a漢x"), (Ids{5, 6, 0}));
  EXPECT_EQ(codec.decode(Ids{1, 5, 6, 0, 2}), "a漢<unk>");
  EXPECT_EQ(codec.separator(), "");
}

TEST(TextCodec, SubwordsReadLikeTheText) {
  const Texts texts = {"the cat sat on the mat", "the dog\tsat", "漢字 naïve <s> </s>", "  "};
  const TextCodec codec = built(texts, TokenizerKind::subword);
  EXPECT_GT(codec.size(), 25);
  EXPECT_LE(codec.size(), 100);
  EXPECT_EQ(codec.piece(0) + codec.piece(1) + codec.piece(2), "<unk><s></s>");
  for (const std::string text : {"the cat sat", "dog 漢字", ""}) {
    Ids ids = codec.encode(text);
    ids.insert(ids.begin(), codec.begin());
    ids.push_back(codec.end());
    EXPECT_EQ(codec.decode(ids), text);
  }
  for (const int id : codec.encode("<s> </s>")) EXPECT_GT(id, 2);
  EXPECT_EQ(codec.decode(codec.encode("the\ncat 😀 sat")), "the cat <unk> sat");
  std::string joined;
  for (const std::string& piece : codec.pieces("the cat 😀 sat")) joined += piece;
  EXPECT_EQ(joined, "the cat 😀 sat");
  EXPECT_EQ(codec.pieces("the cat 😀 sat").size(), codec.encode("the cat 😀 sat").size());
  EXPECT_EQ(built(texts, TokenizerKind::subword).to_json(), codec.to_json()) << "the same text gives the same model";
}

// As they stand inside a text: at its beginning, too, and if they are unknown.
TEST(TextCodec, SpellingsTellPiecesApart) {
  CodecOptions options{TokenizerKind::subword, {}};
  options.subwords = 15;
  TextCodec::Builder builder(options);
  for (int i = 0; i < 5; ++i) builder.add("hat cat hat");
  const TextCodec codec = builder.build();
  using Strings = std::vector<std::string>;
  EXPECT_EQ(codec.spellings("hat hat"), (Strings{" hat", " hat"}));
  EXPECT_EQ(codec.pieces("hat hat"), (Strings{"hat", " hat"}));
  EXPECT_EQ(codec.spelling(codec.encode("hat").front()), " hat");
  EXPECT_EQ(codec.spellings("hat\u00e9").back(), "\u00e9");

  const TextCodec words = codec_of(TokenizerKind::word, {"a </s> b"});
  EXPECT_EQ(words.spellings("x </s> b <unk>"), (Strings{"x", "</s>", "b", "<unk>"}));
  for (const int id : words.encode("a </s> b")) {
    EXPECT_EQ(words.spellings(words.piece(id)), Strings{words.spelling(id)});
  }
}

TEST(TextCodec, SubwordsOfTextWithoutEnd) {
  const TextCodec codec = built({std::string(100000, 'a'), "漢" + std::string(2000, 'b')}, TokenizerKind::subword);
  const std::string text(3000, 'a');
  EXPECT_EQ(codec.decode(codec.encode(text)), text);
}

TEST(TextCodec, OfATokenizerHasItsIdsAndNoSpecials) {
  const TextFile file("b a b\n");
  const Tokenizer words = Tokenizer::build(InputFile(file.path()), TokenizerKind::word, {.min_count = 2});
  for (const TextCodec& codec : {TextCodec::of(words), again(TextCodec::of(words))}) {
    EXPECT_EQ(vocabulary(codec), words.vocabulary().tokens());
    EXPECT_EQ(codec.encode("a b\nb"), words.encode_prompt("a b\nb"));
    EXPECT_EQ(codec.unknown(), words.vocabulary().unknown());
  }
  const Tokenizer characters = Tokenizer::build(InputFile(file.path()), TokenizerKind::character);
  for (const TextCodec& codec : {TextCodec::of(characters), again(TextCodec::of(characters))}) {
    EXPECT_EQ(codec.size(), characters.vocabulary().size() + 1);
    EXPECT_EQ(codec.unknown(), characters.vocabulary().size());
    EXPECT_EQ(codec.piece(*codec.unknown()), "<unk>");
    EXPECT_EQ(codec.encode("axb"), (Ids{2, *codec.unknown(), 3}));
    EXPECT_EQ(codec.pieces("axb"), (Texts{"a", "x", "b"}));
    EXPECT_EQ(codec.decode(codec.encode("ab\n")), "ab\n");
  }
  const Tokenizer bytes = Tokenizer::build(InputFile(file.path()), TokenizerKind::byte);
  EXPECT_EQ(again(TextCodec::of(bytes)).encode("ab\xFF"), (Ids{2, 3, 4}));
}

// Model files that were made before such codecs knew <unk>, and before a word could be spelled like a special.
TEST(TextCodec, OlderOnesReadAsTheyDid) {
  const TextCodec characters = TextCodec::from_json(Json::parse(R"({"kind":"char","specials":false,"tokens":["a"]})"));
  EXPECT_FALSE(characters.unknown());
  EXPECT_EQ(characters.size(), 1);
  EXPECT_EQ(characters.encode("xax"), Ids{0});
  const TextCodec words = TextCodec::from_json(Json::parse(R"({"kind":"word","specials":true,"tokens":["a"]})"));
  EXPECT_EQ(words.encode("<s> a </s> <unk>"), (Ids{0, 3, 0, 0}));
}

TEST(TextCodec, TravelsAsJson) {
  const std::string text = "A \"é漢😀\u0301\n\uFEFF <unk> don't";
  for (const TokenizerKind kind :
       {TokenizerKind::character, TokenizerKind::word, TokenizerKind::token, TokenizerKind::subword}) {
    for (const bool lowercase : {false, true}) {
      if (lowercase && kind == TokenizerKind::subword) continue;
      const TextCodec before = built({text}, kind, {.lowercase = lowercase});
      const TextCodec after = again(before);
      EXPECT_EQ(after.kind(), kind);
      EXPECT_EQ(after.lowercase(), lowercase);
      EXPECT_EQ(vocabulary(after), vocabulary(before));
      EXPECT_EQ(after.encode(text + " B new"), before.encode(text + " B new"));
      EXPECT_EQ(after.unknown(), 0);
    }
  }
}

TEST(TextCodec, RefusesWhatMakesNoSense) {
  const auto message = [](const Texts& texts, TokenizerKind kind, TokenizerOptions words = {}, std::size_t size = 100) {
    return error_of([&] { built(texts, kind, words, size); });
  };
  for (const TokenizerKind kind :
       {TokenizerKind::character, TokenizerKind::word, TokenizerKind::token, TokenizerKind::subword}) {
    EXPECT_TRUE(contains(message({}, kind), "no text"));
    EXPECT_TRUE(contains(message({""}, kind), "no text"));
    EXPECT_EQ(message({"漢 \xFF"}, kind), "text: byte 4: invalid UTF-8 (0xFF); expected UTF-8");
  }
  EXPECT_TRUE(contains(message({"a"}, TokenizerKind::byte), "expected char, word, token or subword, got byte"));
  EXPECT_TRUE(contains(message({"a"}, TokenizerKind::word, {.max_vocab = 3}), "--max-vocab: expected 0"));
  EXPECT_TRUE(contains(message({"a"}, TokenizerKind::subword, {.min_count = 3}), "not for --tokenizer subword"));
  EXPECT_EQ(message({"ab"}, TokenizerKind::subword, {}, 6), "");
  EXPECT_TRUE(contains(message({"ab"}, TokenizerKind::subword, {}, 5), "--subwords: expected 6 "));
}

TEST(TextCodec, FromJsonRefusesWhatToJsonCannotWrite) {
  for (const char* text : {
           R"([])",
           R"({"kind":"word"})",
           R"({"kind":"word","tokens":["a"]})",
           R"({"kind":"word","specials":1,"tokens":["a"]})",
           R"({"kind":"word","specials":true,"tokens":["a","a"]})",
           R"({"kind":"word","specials":true,"tokens":["a b"]})",
           R"({"kind":"word","specials":true,"tokens":["<s>"]})",
           R"({"kind":"word","specials":true,"tokens":["\n"]})",
           R"({"kind":"word","specials":true,"tokens":["A"],"lowercase":true})",
           R"({"kind":"word","specials":true,"tokens":[" <unk>"]})",
           R"({"kind":"char","specials":true,"tokens":[" <s>"]})",
           R"({"kind":"word","specials":false,"tokens":["a"]})",
           R"({"kind":"char","specials":false,"unknown":1,"tokens":["a"]})",
           R"({"kind":"char","specials":false,"unknown":false,"tokens":["a"]})",
           R"({"kind":"word","specials":false,"unknown":true,"tokens":["<eos>","<unk>"]})",
           R"({"kind":"char","specials":true,"tokens":["ab"]})",
           R"({"kind":"byte","specials":true,"tokens":[97]})",
           R"({"kind":"subword"})",
           R"({"kind":"subword","model":7})",
           R"({"kind":"subword","model":""})",
           R"({"kind":"subword","model":"Zg=="})",
           R"({"kind":"subword","model":"Z"})",
       }) {
    EXPECT_NE(error_of([&] { TextCodec::from_json(Json::parse(text)); }), "") << text;
  }
  const std::string model =
      from_base64(built({"the cat"}, TokenizerKind::subword).to_json()["model"].get<std::string>());
  const Json cut = {{"kind", "subword"}, {"model", to_base64(model.substr(0, model.size() / 2))}};
  EXPECT_NE(error_of([&] { TextCodec::from_json(cut); }), "");
}

}  // namespace
}  // namespace recur::text_codec_test
