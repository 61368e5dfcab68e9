#include "data/line_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/error_of.h"
#include "text_file.h"

namespace recur::line_reader_test {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;  // of the reader

// The lines of a file that holds `text`; a cut line ends with "[cut]".
Lines lines_of(std::string_view text, std::size_t most_bytes = std::size_t{1} << 24) {
  const TextFile text_file(text);
  const InputFile file(text_file.path());
  LineReader reader(file, most_bytes);
  Lines lines;
  while (reader.next()) {
    lines.push_back(std::string(reader.line()) + (reader.cut() ? "[cut]" : ""));
    EXPECT_EQ(reader.number(), lines.size());
  }
  return lines;
}

TEST(LineReader, LinesEndWithLineFeedOrBothOrTheFile) {
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("\r\n"), Lines{""});
  EXPECT_EQ(lines_of("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines_of("a\r\n\r\nb\r\r\nc\rd\n\n"), (Lines{"a", "", "b\r", "c\rd", ""}));
  EXPECT_EQ(lines_of("a\r"), Lines{"a\r"});
}

TEST(LineReader, RawLinesAreAllBetweenLineFeeds) {
  const auto raw = [](std::string_view text, LineKind kind) {
    const TextFile text_file(text);
    const InputFile file(text_file.path());
    LineReader reader(file, kind);
    Lines lines;
    while (reader.next()) lines.emplace_back(reader.line());
    return lines;
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(raw("\uFEFFa\r\n\r\nb\rc"sv, LineKind::raw_text), (Lines{"a\r", "\r", "b\rc"}));
  EXPECT_EQ(raw("\0\n"sv, LineKind::raw_text), Lines{std::string(1, '\0')});
  EXPECT_TRUE(contains(error_of([&] { raw("a\n\xFF"sv, LineKind::raw_text); }), "line 2: expected UTF-8, got 0xFF"));
  EXPECT_EQ(raw("\xFF\xFE\r\na"sv, LineKind::raw_bytes), (Lines{"\xFF\xFE\r", "a"}));
  EXPECT_EQ(raw("\uFEFFa"sv, LineKind::raw_bytes), Lines{"\uFEFFa"});
}

TEST(LineReader, SkipsAByteOrderMarkOnlyAtTheBeginning) {
  EXPECT_EQ(lines_of("\uFEFFa\n\uFEFFb"), (Lines{"a", "\uFEFFb"}));
  EXPECT_EQ(lines_of("\uFEFF"), Lines{});
  EXPECT_EQ(lines_of("\uFEFF\n"), Lines{""});
}

TEST(LineReader, LinesOverEveryEdgeOfTheBuffer) {
  for (std::size_t length = kBufferBytes - 5; length < kBufferBytes + 3; ++length) {
    const std::string filler(length, 'x');
    EXPECT_EQ(lines_of(filler + "\nb"), (Lines{filler, "b"})) << length;
    EXPECT_EQ(lines_of(filler + "\r\nb"), (Lines{filler, "b"})) << length;
    EXPECT_EQ(lines_of(filler + "漢😀é\r\n\r\n"), (Lines{filler + "漢😀é", ""})) << length;
    EXPECT_EQ(lines_of(filler), Lines{filler}) << length;
  }
}

TEST(LineReader, CutsWhatIsTooLongAfterAWholeCharacter) {
  EXPECT_EQ(lines_of("12345\n12345\r\n123456\n123456\r\n\n", 5),
            (Lines{"12345", "12345", "12345[cut]", "12345[cut]", ""}));
  EXPECT_EQ(lines_of("123漢\n123漢\r\n12漢4\nb", 5), (Lines{"123[cut]", "123[cut]", "12漢[cut]", "b"}));
  EXPECT_EQ(lines_of("😀😀", 3), Lines{"[cut]"});
  EXPECT_EQ(lines_of("é", 0), Lines{"[cut]"});
  EXPECT_EQ(lines_of(std::string(3 * kBufferBytes, 'x') + "\nend", 5), (Lines{"xxxxx[cut]", "end"}));
}

TEST(LineReader, InvalidUtf8NamesLineAndByte) {
  for (const std::string bad : {"\x80 z", "\xC0\x80 z", "\xE0\x80\x80 z", "\xED\xA0\x80 z", "\xF4\x90\x80\x80 z",
                                "\xFF z", "\xE6\xBC z", "\xF0\x9F\x98"}) {
    const std::string problem =
        fmt::format(": line 2: expected UTF-8, got 0x{:02X} at byte 4 of the line", static_cast<unsigned char>(bad[0]));
    EXPECT_TRUE(contains(error_of([&] { lines_of("a\r\n漢 " + bad + "\n"); }), problem)) << problem;
  }
  EXPECT_TRUE(contains(error_of([] { lines_of("123\xFF 5", 5); }), "at byte 3"));
  EXPECT_EQ(lines_of("12345\xFF", 5), Lines{"12345[cut]"}) << "what is skipped is not looked at";
}

TEST(LineReader, CarriageReturnsAloneEndNoLines) {
  const std::string problem = ": line 1: expected lines that end with \\n or \\r\\n, got \\r alone";
  EXPECT_TRUE(contains(error_of([] { lines_of("a\tb\rc\td\r"); }), problem));
  EXPECT_TRUE(contains(error_of([] { lines_of("a\r\rb"); }), problem));
  EXPECT_TRUE(contains(error_of([] { lines_of("1\r" + std::string(3 * kBufferBytes, 'x'), 5); }), problem));
  EXPECT_EQ(lines_of("a\rb\n"), Lines{"a\rb"}) << "where there is a line end it is a character";
}

TEST(LineReader, Utf16IsRecognised) {
  const auto message = [](std::string_view text) { return error_of([&] { lines_of(text); }); };
  const std::string little = ": expected UTF-8, got what looks like UTF-16; convert it: iconv -f UTF-16LE -t UTF-8";
  const std::string big = ": expected UTF-8, got what looks like UTF-16; convert it: iconv -f UTF-16BE -t UTF-8";
  EXPECT_TRUE(contains(message({"\xFF\xFE"
                                "a\0",
                                4}),
                       little));
  EXPECT_TRUE(contains(message({"\xFE\xFF\0a", 4}), big));
  EXPECT_TRUE(contains(message({"a\0\t\0b\0\n\0", 8}), little));
  EXPECT_TRUE(contains(message({"\0a\0\t\0b\0\n", 8}), big));
  // Cyrillic letters have no zero byte, only the blanks between them have.
  std::string cyrillic;
  for (int i = 0; i < 9000; ++i) cyrillic += i % 12 == 11 ? std::string(" \0", 2) : std::string("\x30\x04", 2);
  EXPECT_TRUE(contains(message(cyrillic), little));
}

TEST(LineReader, BlankLinesHaveNothingButWhiteSpace) {
  const TextFile text_file("\n \t\v\f\r\r\n\u00A0\u3000\u2028\n.\n\u200B\n\u00A0x\n");
  const InputFile file(text_file.path());
  LineReader reader(file);
  for (const bool blank : {true, true, true, false, false, false}) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.blank(), blank) << reader.number();
  }
}

TEST(LineReader, ANulByteIsNoText) {
  EXPECT_TRUE(contains(error_of([] { lines_of(std::string_view("a\nb\0c", 5)); }),
                       ": line 2: expected text, got a NUL byte at byte 1 of the line"));
}

TEST(LineReader, FailsWithFileAndLine) {
  const TextFile text_file("a\nb\n");
  const InputFile file(text_file.path());
  LineReader reader(file);
  ASSERT_TRUE(reader.next() && reader.next());
  EXPECT_EQ(error_of([&] { reader.fail("too bad"); }), text_file.path() + ": line 2: too bad");
}

}  // namespace
}  // namespace recur::line_reader_test
