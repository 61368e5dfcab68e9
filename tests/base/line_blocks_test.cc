#include "base/line_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/temp_folder.h"
#include "data/line_reader.h"

namespace recur::line_blocks_test {
namespace {

std::string text_of(const InputFile& file) {
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, text);
  return text;
}

TEST(LineBlocks, AreWholeLinesThatKnowTheirPlace) {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 400'000; ++i) text += "line " + std::to_string(i) + (i % 7 == 0 ? "\r\n" : "\n");
  const std::string path = folder.write("data", text + "the end");
  LineBlocks blocks(path);
  EXPECT_EQ(blocks.peek()->lines_before(), 0U);
  std::string all;
  std::uint64_t lines = 0;
  std::size_t count = 0;
  while (const auto block = blocks.next()) {
    ++count;
    EXPECT_EQ(block->name(), path);
    EXPECT_EQ(block->lines_before(), lines);
    EXPECT_LE(block->size(), std::size_t{1} << 23);
    const std::string part = text_of(*block);
    LineReader reader(*block);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.number(), lines + 1);
    EXPECT_EQ(reader.line(), "line " + std::to_string(lines));
    lines += static_cast<std::uint64_t>(std::ranges::count(part, '\n'));
    all += part;
  }
  EXPECT_GT(count, 1U);
  EXPECT_EQ(all, text + "the end");
  EXPECT_EQ(blocks.next(), nullptr);
}

TEST(LineBlocks, OfAVeryLongLineKeepItsBeginning) {
  const TempFolder folder;
  const std::size_t longest = std::size_t{1} << 25;
  const std::string path = folder.write("data", "a\n" + std::string(longest + 100'000, 'x') + "\nb\n");
  LineBlocks blocks(path);
  std::string all;
  std::uint64_t last_lines = 0;
  while (const auto block = blocks.next()) {
    const std::string part = text_of(*block);
    EXPECT_LE(part.size(), longest + (std::size_t{1} << 16));
    if (part == "b\n") last_lines = block->lines_before();
    all += part;
  }
  EXPECT_TRUE(all.starts_with("a\nxxx"));
  EXPECT_TRUE(all.ends_with("xb\n"));
  EXPECT_EQ(last_lines, 2U) << "the line that was cut counts";
}

TEST(LineBlocks, OfNothingAreNone) {
  const TempFolder folder;
  LineBlocks blocks(folder.write("data", ""));
  EXPECT_EQ(blocks.peek(), nullptr);
  EXPECT_EQ(blocks.all()->size(), 0U);
}

}  // namespace
}  // namespace recur::line_blocks_test
