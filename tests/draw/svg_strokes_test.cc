#include "draw/svg_strokes.h"

#include <gtest/gtest.h>

namespace recur::svg_strokes_test {
namespace {

using Drawings = std::vector<std::vector<PenStep>>;

TEST(SvgStrokes, DrawsWhatThePenDraws) {
  // 160 pixels are the longer side: a line, one that is not drawn, a line, and a dot.
  const Drawings drawings = {{{40, 0, true}, {0, 10, false}, {-40, 0, true}, {20, 0, true}}};
  const std::string svg = svg_strokes(drawings);
  EXPECT_NE(svg.find("viewBox=\"0 0 184 64\""), svg.npos) << svg;
  EXPECT_NE(svg.find("<path d=\"M12.00 12.00L172.00 12.00M172.00 52.00L12.00 52.00M92.00 52.00l0 0\"/>"), svg.npos)
      << svg;
}

TEST(SvgStrokes, StandSideBySide) {
  const Drawings squares(9, {{1, 0, false}, {0, 1, false}});
  EXPECT_NE(svg_strokes(squares).find("viewBox=\"0 0 552 552\""), std::string::npos) << svg_strokes(squares);
  const Drawings lines(4, {{100, 1, false}});
  EXPECT_NE(svg_strokes(lines).find("width=\"184\" height=\"102\""), std::string::npos) << svg_strokes(lines);
}

TEST(SvgStrokes, OfNothing) {
  for (const Drawings& drawings : {Drawings{}, Drawings{{}}, Drawings{{{0, 0, true}}}}) {
    const std::string svg = svg_strokes(drawings);
    EXPECT_EQ(svg.find("nan"), svg.npos);
    EXPECT_EQ(svg.find("inf"), svg.npos);
  }
}

}  // namespace
}  // namespace recur::svg_strokes_test
