#include "data/token_scanner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::token_scanner_test {
namespace {

using Pieces = std::vector<std::string>;

Pieces rest_of(TokenScanner& scanner) {
  Pieces pieces;
  while (scanner.next()) pieces.emplace_back(scanner.piece());
  return pieces;
}

Pieces pieces_of_file(std::string_view text, TokenizerKind kind, std::size_t chunk_bytes, bool lowercase = false) {
  const TextFile text_file(text);
  const InputFile file(text_file.path());
  TokenScanner scanner(file, kind, chunk_bytes, lowercase);
  return rest_of(scanner);
}

Pieces pieces_of_text(std::string_view text, TokenizerKind kind, bool lowercase = false) {
  TokenScanner scanner(text, kind, "prompt", lowercase);
  return rest_of(scanner);
}

TEST(TokenScanner, CharactersOfEveryLengthOverEveryChunkEdge) {
  const Pieces characters = {"😀", "a", "é", "漢", "\n", "\U0010FFFF", "\u0301", "😀", "\r", "b", "漢"};
  std::string text;
  for (const std::string& character : characters) text += character;
  for (std::size_t chunk = 4; chunk < 30; ++chunk) {
    EXPECT_EQ(pieces_of_file(text, TokenizerKind::character, chunk), characters) << "chunk " << chunk;
  }
  EXPECT_EQ(pieces_of_text(text, TokenizerKind::character), characters);
}

TEST(TokenScanner, CodesAreBytesAndCodePoints) {
  TokenScanner characters("😀", TokenizerKind::character, "prompt");
  ASSERT_TRUE(characters.next());
  EXPECT_EQ(characters.code(), 0x1F600u);
  TokenScanner bytes("\xFF", TokenizerKind::byte, "prompt");
  ASSERT_TRUE(bytes.next());
  EXPECT_EQ(bytes.code(), 0xFFu);
}

TEST(TokenScanner, WordsOverEveryChunkEdge) {
  const std::string text = " the qui漢\r\n\r\n\tfox,\v<unk> \n end";
  const Pieces words = {"the", "qui漢", "<eos>", "<eos>", "fox,", "<unk>", "<eos>", "end", "<eos>"};
  for (std::size_t chunk = 6; chunk < 40; ++chunk) {
    EXPECT_EQ(pieces_of_file(text, TokenizerKind::word, chunk), words) << "chunk " << chunk;
  }
}

TEST(TokenScanner, WordsOfSubwordsKeepTheirBlank) {
  const std::string text = " the  qui漢\r\n\tfox,\u2581 end ";
  const Pieces words = {" the", " ", " qui漢", "\r", "\n", "\t", "fox,", "\u2581", " end", " "};
  EXPECT_EQ(pieces_of_text(text, TokenizerKind::subword), words);
  const std::string before(Subwords::kLongestWord - 12, 'x');
  for (std::size_t more = 0; more < 30; ++more) {
    std::string first = before + std::string(more, 'x');
    Pieces expected = {first.substr(0, Subwords::kLongestWord)};
    if (first.size() > Subwords::kLongestWord) expected.push_back(first.substr(Subwords::kLongestWord));
    expected.insert(expected.end(), words.begin(), words.end());
    EXPECT_EQ(pieces_of_file(first + text, TokenizerKind::subword, Subwords::kLongestWord), expected) << more;
  }
}

TEST(TokenScanner, TokensOverEveryChunkEdge) {
  const std::string text =
      " Don't stop!\r\n\n\u00A0rock'n\u2019roll 'tis dogs' 3'x b'2 a1b2 \u3000漢e\u0301字, ...😀\u20AC<unk>\v½ x";
  const Pieces tokens = {
      "Don't", "stop", "!", "<eos>", "<eos>", "rock'n\u2019roll", "'", "tis", "dogs", "'", "3", "'",
      "x",     "b",    "'", "2",     "a1b2",  "漢e\u0301字",      ",", ".",   ".",    ".", "😀", "\u20AC",
      "<",     "unk",  ">", "½",     "x"};
  EXPECT_EQ(pieces_of_text(text, TokenizerKind::token), tokens);
  Pieces file_tokens = tokens;
  file_tokens.push_back("<eos>");
  for (std::size_t chunk = 13; chunk < 60; ++chunk) {
    EXPECT_EQ(pieces_of_file(text, TokenizerKind::token, chunk), file_tokens) << "chunk " << chunk;
  }
}

TEST(TokenScanner, LowerCaseOfEveryLength) {
  // Of two bytes in one case and three in the other, both ways round; a capital without a simple lower case.
  const std::string text = "ÀB \u023A\u212A İ\u1E9E ΣΑΣ ẞ 漢\n";
  EXPECT_EQ(pieces_of_file(text, TokenizerKind::word, 8, true),
            (Pieces{"àb", "\u2C65k", "iß", "σασ", "ß", "漢", "<eos>"}));
  EXPECT_EQ(pieces_of_text("Don't \u023A!", TokenizerKind::token, true), (Pieces{"don't", "\u2C65", "!"}));
  EXPECT_EQ(pieces_of_file("A\u023A\nÉ", TokenizerKind::character, 4, true), (Pieces{"a", "\u2C65", "\n", "é"}));
  TokenScanner scanner("\u212A", TokenizerKind::character, "prompt", true);
  ASSERT_TRUE(scanner.next());
  EXPECT_EQ(scanner.code(), 'k');
  EXPECT_EQ(scanner.bytes_in_text(), 3u);
}

TEST(TokenScanner, OnlyAFileEndsItsLastLine) {
  EXPECT_EQ(pieces_of_file("a\nb\n", TokenizerKind::word, 8), (Pieces{"a", "<eos>", "b", "<eos>"}));
  EXPECT_EQ(pieces_of_file("a\n ", TokenizerKind::word, 8), (Pieces{"a", "<eos>", "<eos>"}));
  EXPECT_EQ(pieces_of_file("", TokenizerKind::word, 8), Pieces{});
  EXPECT_EQ(pieces_of_text("a\nb", TokenizerKind::word), (Pieces{"a", "<eos>", "b"}));
  EXPECT_EQ(pieces_of_text("", TokenizerKind::word), Pieces{});
}

TEST(TokenScanner, AByteOrderMarkIsTextOnlyForBytesOrInside) {
  const std::string text = "\uFEFFa \uFEFF";
  EXPECT_EQ(pieces_of_file(text, TokenizerKind::byte, 4).size(), 8u);
  EXPECT_EQ(pieces_of_file(text, TokenizerKind::character, 4), (Pieces{"a", " ", "\uFEFF"}));
  EXPECT_EQ(pieces_of_file(text, TokenizerKind::word, 4), (Pieces{"a", "\uFEFF", "<eos>"}));
  EXPECT_EQ(pieces_of_file("\uFEFF", TokenizerKind::word, 4), Pieces{});
  EXPECT_EQ(pieces_of_text("\uFEFF", TokenizerKind::character), Pieces{"\uFEFF"});
}

TEST(TokenScanner, InvalidUtf8NamesLineAndByteWhereverTheChunkEnds) {
  // A lone continuation, overlong forms, a surrogate, beyond U+10FFFF, cut short by another byte and by the end.
  for (const std::string bad : {"\x80 z", "\xC0\x80 z", "\xE0\x80\x80 z", "\xED\xA0\x80 z", "\xF4\x90\x80\x80 z",
                                "\xFF z", "\xE6\xBC z", "\xF0\x9F\x98"}) {
    for (std::size_t blanks = 0; blanks < 9; ++blanks) {
      for (const TokenizerKind kind : {TokenizerKind::character, TokenizerKind::word, TokenizerKind::token}) {
        const std::string text = std::string(blanks, ' ') + "\n漢" + bad;
        const std::string message = error_of([&] { pieces_of_file(text, kind, 8); });
        const std::string problem =
            fmt::format(": line 2, byte {}: invalid UTF-8 (0x{:02X});", blanks + 4, static_cast<unsigned char>(bad[0]));
        EXPECT_TRUE(contains(message, problem) && contains(message, "--tokenizer byte")) << message;
      }
    }
  }
}

TEST(TokenScanner, AWordAsLongAsTheChunkIsTheLongest) {
  EXPECT_EQ(pieces_of_file("a 12345678", TokenizerKind::word, 8), (Pieces{"a", "12345678", "<eos>"}));
  EXPECT_EQ(pieces_of_file("a 12345678\n", TokenizerKind::word, 8), (Pieces{"a", "12345678", "<eos>"}));
  EXPECT_TRUE(contains(error_of([] { pieces_of_file("a\n 123456789 b", TokenizerKind::word, 8); }),
                       ": line 2, byte 3: a word is longer than 8 bytes;"));
  EXPECT_TRUE(contains(error_of([] { pieces_of_file("1234567漢", TokenizerKind::word, 8); }), "a word is longer"));
  EXPECT_TRUE(contains(error_of([] {
                         pieces_of_file(
                             "12\x80"
                             "456789",
                             TokenizerKind::word, 8);
                       }),
                       "byte 2: invalid"));
}

TEST(TokenScanner, ATokenAsLongAsTheChunkIsTheLongest) {
  EXPECT_EQ(pieces_of_file("a,12345678", TokenizerKind::token, 8), (Pieces{"a", ",", "12345678", "<eos>"}));
  EXPECT_EQ(pieces_of_file("abcdefgh'", TokenizerKind::token, 8), (Pieces{"abcdefgh", "'", "<eos>"}));
  EXPECT_TRUE(contains(error_of([] { pieces_of_file("a\n,123456789,", TokenizerKind::token, 8); }),
                       ": line 2, byte 3: a word is longer than 8 bytes;"));
  EXPECT_TRUE(
      contains(error_of([] { pieces_of_file("abcdefgh\u2019漢", TokenizerKind::token, 8); }), "a word is longer"));
}

TEST(TokenScanner, GoesOnFromEveryPosition) {
  const TextFile text_file("\uFEFFone 漢\n\n two\r\n é");
  const InputFile file(text_file.path());
  for (const TokenizerKind kind :
       {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word, TokenizerKind::token}) {
    TokenScanner scanner(file, kind, 5);
    std::vector<TextPosition> positions = {scanner.position()};
    Pieces all;
    while (scanner.next()) {
      all.emplace_back(scanner.piece());
      positions.push_back(scanner.position());
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
      scanner.seek(positions[i]);
      EXPECT_EQ(rest_of(scanner), Pieces(all.begin() + static_cast<std::ptrdiff_t>(i), all.end())) << "piece " << i;
    }
  }
}

}  // namespace
}  // namespace recur::token_scanner_test
