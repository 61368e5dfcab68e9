#include "draw/svg_alignment.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur::svg_alignment_test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Whether every element that begins also ends, in the right order, and quotes pair up.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == xml.npos || xml.find('<', at + 1) < end) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (count(tag, "\"") % 2 != 0) return false;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty();
}

TEST(SvgAlignment, HasACellForEachPairOfTokens) {
  const std::string svg = svg_alignment({{"das", "Haus"}, {"the", "house", "</s>"}, {1, 0, 0.25F, 0.75F, 0.5F, 0.5F}});
  EXPECT_TRUE(is_well_formed(svg)) << svg;
  EXPECT_EQ(count(svg, "<title>"), 6U);
  EXPECT_EQ(count(svg, "fill-opacity=\"0.750\""), 1U);
  EXPECT_EQ(count(svg, "<text"), 5U);
  // Rows from top to bottom, the columns of a row from left to right.
  const std::size_t one = svg.find(">1.000<"), zero = svg.find(">0.000<"), quarter = svg.find(">0.250<");
  EXPECT_LT(one, zero);
  EXPECT_LT(zero, quarter);
}

TEST(SvgAlignment, EscapesMarkup) {
  const std::string svg = svg_alignment({{"<script>", "a&b", "\"\x01"}, {"</svg>"}, {1, 0, 0}});
  EXPECT_TRUE(is_well_formed(svg)) << svg;
  EXPECT_EQ(svg.find("<script"), svg.npos);
  EXPECT_NE(svg.find("&lt;script&gt;"), svg.npos);
  EXPECT_NE(svg.find("a&amp;b"), svg.npos);
  EXPECT_NE(svg.find("&lt;/svg&gt;"), svg.npos);
  EXPECT_EQ(svg.find('\x01'), svg.npos);
}

TEST(SvgAlignment, CutsLongTokensBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 31; ++i) umlauts += "ü";
  const std::string svg = svg_alignment({{umlauts}, {umlauts.substr(2)}, {1}});
  EXPECT_EQ(count(svg, umlauts), 0U);
  EXPECT_EQ(count(svg, umlauts.substr(2) + "…<"), 1U);
  EXPECT_EQ(count(svg, umlauts.substr(2) + "<"), 1U);
}

}  // namespace
}  // namespace recur::svg_alignment_test
