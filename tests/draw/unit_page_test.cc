#include "draw/unit_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace recur::unit_page_test {
namespace {

using Pieces = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

UnitReport report_of(const Pieces& pieces, const std::vector<float>& values, bool gate = false) {
  UnitReport report;
  report.title = "t";
  report.pieces = pieces;
  report.units = {{"a unit", "a caption", gate, values}};
  return report;
}

TEST(ShownPieces, KeepEveryCharacterWhole) {
  EXPECT_EQ(shown_pieces({"a", "\xc3", "\xa9", "\xe2", "\x82", "\xac", "b"}), (Pieces{"a", "", "é", "", "", "€", "b"}));
  EXPECT_EQ(shown_pieces({"é ", "\n", "\t"}), (Pieces{"é ", "\n", "\t"}));
  EXPECT_EQ(shown_pieces({"\xe2\x82", "b"}), (Pieces{"",
                                                     "\uFFFD\uFFFD"
                                                     "b"}));
  EXPECT_EQ(shown_pieces({"\xff", "\xc3"}), (Pieces{"\uFFFD", "\uFFFD"}));
  EXPECT_EQ(shown_pieces({std::string(1, '\0'), "\r", "\x1b", "\x7f", "\u202E"}),
            (Pieces{"^@", "^M", "^[", "^?", "\uFFFD"}));
}

TEST(Shade, IsInProportionAndClamped) {
  EXPECT_EQ(shade_scale({"", "", false, {0.2F, -0.7F}}), 1);
  EXPECT_EQ(shade_scale({"", "", false, {0.2F, -4, std::numeric_limits<float>::infinity()}}), 4);
  EXPECT_EQ(shade_of(0.5F, 1, 16), 8);
  EXPECT_EQ(shade_of(-4, 4, 16), -16);
  EXPECT_EQ(shade_of(9, 4, 16), 16);
  EXPECT_EQ(shade_of(std::nanf(""), 1, 16), 0);
}

TEST(UnitReport, IsMadeFromActivations) {
  const std::string text = "He \"said\" no (not\nyet). \"A\" b \"c d\" e.\n";
  Pieces pieces;
  for (const char c : text) pieces.emplace_back(1, c);
  std::vector<float> values;
  bool inside = false;
  for (std::size_t t = 0; t < pieces.size(); ++t) {
    if (pieces[t] == "\"") inside = !inside;
    // Two units of a state, two of a gate.
    const float column[] = {static_cast<float>(t % 7) / 70, inside ? -0.8F : 0.6F, 0.95F, pieces[t] == "\n" ? 1.0F : 0};
    values.insert(values.end(), column, column + 4);
  }
  const std::vector<ChannelGroup> groups = {{"layer 1", "state c", false, 0, 2},
                                            {"layer 1", "forget gate", true, 2, 2}};
  const UnitReport report = make_unit_report("t", pieces, {values, 4}, groups, {}, 2);
  ASSERT_EQ(report.units.size(), 2);
  const auto quotes = std::ranges::find(report.units, "layer 1, state c, unit 1", &UnitView::title);
  ASSERT_NE(quotes, report.units.end());
  EXPECT_TRUE(quotes->caption.starts_with("in quotes: r = -1.00")) << quotes->caption;
  EXPECT_FALSE(quotes->gate);
  EXPECT_EQ(quotes->values[4], -0.8F);
  const auto lines = std::ranges::find(report.units, "layer 1, forget gate, unit 1", &UnitView::title);
  ASSERT_NE(lines, report.units.end());
  EXPECT_TRUE(lines->gate);
  ASSERT_EQ(report.gates.size(), 1);
  EXPECT_EQ(report.gates[0].units[0].right, 1);
  ASSERT_EQ(report.states.size(), 1);
  EXPECT_EQ(report.states[0].units, 2);
  EXPECT_GT(report.features.size(), 5);

  const UnitReport chosen = make_unit_report("t", pieces, {values, 4}, groups, {0}, 2);
  ASSERT_EQ(chosen.units.size(), 1);
  EXPECT_EQ(chosen.units[0].title, "layer 1, state c, unit 0");
}

TEST(UnitPage, ColoursTheTextInRunsOfOneShade) {
  const std::string page = unit_page(report_of({"a", "b", "c", "d"}, {1, 0.99F, -0.5F, 0}));
  EXPECT_TRUE(holds(page, "<i class=p16>ab</i><i class=n8>c</i><i class=p0>d</i></div>"));
  EXPECT_TRUE(holds(page, ".n8:hover::after{content:\"-0.50\"}"));
  EXPECT_TRUE(holds(page, "<h2>a unit</h2>\n<p class=\"note\">a caption</p>"));
}

TEST(UnitPage, LargeValuesAreDividedByTheLargestAndKeepTheirOwnNumbers) {
  const std::string page = unit_page(report_of({"a", "b"}, {8, -4}));
  EXPECT_TRUE(holds(page, "<i class=p16>a</i><i class=n8>b</i>"));
  EXPECT_TRUE(holds(page, "#unit1 .n8:hover::after{content:\"-4\"}"));
  EXPECT_FALSE(holds(unit_page(report_of({"a", "b"}, {1, -1})), "#unit1 ."));
}

TEST(UnitPage, EscapesEverything) {
  UnitReport report = report_of({"<script>", "&", "\n", "\t", "\x1b"}, {0, 0, 0, 0, 0});
  report.title = report.units[0].title = report.units[0].caption = "<script>";
  report.features = {{"<script>", "<script>", 1, {{"<script>", 0.5}}}};
  report.gates = {{"<script>", "<script>", {{0.5, 0.25}}}};
  report.states = {{"<script>", "<script>", 1, {}}};
  const std::string page = unit_page(report);
  EXPECT_EQ(page.find("<script>"), page.rfind("<script>"));  // its own
  EXPECT_TRUE(holds(page, "&lt;script&gt;&amp;<b></b>\n</i><i class=p0><u></u>\t^[</i>"));
}

TEST(UnitPage, HasTheTablesThatThereIsSomethingFor) {
  UnitReport report = report_of({"a"}, {0.5F}, true);
  const std::string plain = unit_page(report);
  for (const char* id : {"id=\"features\"", "id=\"gates\"", "id=\"states\"", "<svg"}) EXPECT_FALSE(holds(plain, id));
  report.features = {{"in quotes", "Between.", 1234, {{"layer 0, unit 3", -0.5}}}};
  report.gates = {
      {"layer 0", "forget gate", {{0.5, 0.25}}}, {"layer 1", "forget gate", {{0, 1}}}, {"layer 0", "input gate", {}}};
  report.states = {{"layer 0", "state c", 8, {0.5, 0.25, 0.125}}};
  const std::string page = unit_page(report);
  EXPECT_TRUE(holds(page, "<td>layer 0, unit 3</td><td class=\"n\">-0.500</td><td class=\"n\">1,234</td>"));
  EXPECT_TRUE(holds(page, "<td class=\"n\">50.0&nbsp;%</td><td class=\"n\">25.0&nbsp;%</td><td class=\"n\">0</td>"));
  EXPECT_TRUE(holds(page, "<td class=\"n\">12.5&nbsp;%</td>"));
  std::size_t plots = 0;
  for (std::size_t at = page.find("<svg"); at != page.npos; at = page.find("<svg", at + 1)) ++plots;
  EXPECT_EQ(plots, 2);  // a gate each, with both layers
}

TEST(UnitPage, StaysSmall) {
  constexpr std::size_t kLength = 20'000;
  UnitReport report;
  report.pieces.assign(kLength, "x");
  for (std::uint32_t unit = 0; unit < 6; ++unit) {
    UnitView view{"unit"};
    // The worst case: nearly every token has a shade of its own.
    for (std::uint32_t t = 0; t < kLength; ++t) {
      view.values.push_back(static_cast<float>((t * 2654435761U + unit) % 2001U) / 1000.0F - 1);
    }
    report.units.push_back(view);
  }
  EXPECT_LT(unit_page(report).size(), 3'000'000);
}

}  // namespace
}  // namespace recur::unit_page_test
