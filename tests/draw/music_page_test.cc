#include "draw/music_page.h"

#include <gtest/gtest.h>

#include "draw/piano_roll.h"

namespace recur::music_page_test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(PianoRoll, HasABarForEachNote) {
  const std::string svg = piano_roll({"", 120, {{60, 0, 1}, {71, 1, 2.5}}});
  EXPECT_EQ(count(svg, "class=\"note\""), 2U);
  // An octave from C to C: rows of 7 from the top, 24 a quarter note; a half of a row and a whole of 24 are free.
  EXPECT_NE(svg.find("class=\"note\" x=\"34.0\" y=\"84.5\" width=\"23.0\" height=\"6.0\""), svg.npos) << svg;
  EXPECT_NE(svg.find("class=\"note\" x=\"58.0\" y=\"7.5\" width=\"59.0\" height=\"6.0\""), svg.npos) << svg;
  EXPECT_EQ(count(svg, "class=\"black\""), 5U);
  EXPECT_NE(svg.find(">C4<"), svg.npos);
  EXPECT_NE(svg.find(">C5<"), svg.npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(PianoRoll, OfNothingIsEmpty) { EXPECT_EQ(count(piano_roll({}), "class=\"note\""), 0U); }

// Notes in the order in which a browser strikes them.
TEST(MusicPage, HoldsAllThatItPlays) {
  const std::string page = page_of_score({"A <tune> & more", 90, {{64, 1, 0.5}, {60, 0, 1.0 / 3}}});
  EXPECT_NE(page.find("const notes = [[60,0,0.333333333],[64,1,0.5]];"), page.npos) << page;
  EXPECT_NE(page.find("const beat = 0.666666667, left = 34, width = 24;"), page.npos);
  EXPECT_EQ(count(page, "<h1>A &lt;tune&gt; &amp; more</h1>"), 1U);
  EXPECT_EQ(count(page, "<tune>"), 0U);
  EXPECT_EQ(count(page, "<svg"), 1U);
  // Nothing from elsewhere.
  EXPECT_EQ(count(page, "src="), 0U);
  EXPECT_EQ(count(page, "href="), 0U);
  EXPECT_EQ(count(page, "http"), 1U);  // the namespace of SVG
}

}  // namespace
}  // namespace recur::music_page_test
