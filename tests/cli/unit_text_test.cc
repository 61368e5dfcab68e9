#include "cli/unit_text.h"

#include <gtest/gtest.h>

namespace recur::unit_text_test {
namespace {

const std::string kRed = "\x1b[38;5;16;48;5;196m", kBlue = "\x1b[38;5;16;48;5;33m", kWhite = "\x1b[38;5;16;48;5;231m";
const std::string kPlain = "\x1b[0m";

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// What follows the heading and the legend.
std::string body(const std::vector<std::string>& pieces, const std::vector<float>& values) {
  const std::string text = unit_text(pieces, {"unit", "", false, values}, true);
  return text.substr(text.find("\n\n") + 2);
}

TEST(UnitText, ColoursTokens) {
  EXPECT_EQ(body({"ab", "c", "d"}, {1, 1, -1}), kRed + "abc" + kBlue + "d" + kPlain + "\n");
  EXPECT_EQ(body({"a", "b"}, {0, -7}), kWhite + "a" + kBlue + "b" + kPlain + "\n");
}

TEST(UnitText, ALineEndIsAMarkWithoutColourBehindIt) {
  EXPECT_EQ(body({"a", "\n", "b", "\n"}, {1, 1, 1, 1}), kRed + "a↵" + kPlain + "\n" + kRed + "b↵" + kPlain + "\n");
}

TEST(UnitText, ControlCharactersNeverReachTheTerminal) {
  const UnitView unit{"a\x1b[2J", "b\x1b[2J", false, {0, 0, 0}};
  const std::vector<std::string> pieces = {"\x1b[2J", "\r", "\t"};
  const std::string coloured = unit_text(pieces, unit, true);
  EXPECT_FALSE(holds(coloured, "\x1b[2J"));
  EXPECT_FALSE(holds(coloured, "\r"));
  EXPECT_TRUE(holds(coloured, "^[[2J^M→"));
  EXPECT_FALSE(holds(unit_text(pieces, unit, false), "\x1b"));
}

TEST(UnitText, HasALegend) {
  const auto legend = [](bool gate, float value) {
    const std::string text = unit_text({"a"}, {"unit", "caption", gate, {value}}, true);
    const std::size_t begin = text.find('\n') + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_TRUE(legend(false, 0.5F).starts_with("-1 " + kBlue));
  EXPECT_TRUE(legend(false, -7.5F).starts_with("-7.5 " + kBlue));
  EXPECT_TRUE(legend(false, -7.5F).ends_with(kRed + "  " + kPlain + " 7.5"));
  EXPECT_TRUE(legend(true, 0.5F).starts_with("0 " + kWhite));
}

TEST(UnitText, WithoutColoursItIsATable) {
  EXPECT_EQ(unit_text({"a", "\n", "é "}, {"layer 1, unit 5", "in quotes: r = 0.93", false, {0.5F, -1.25F, 0}}, false),
            "layer 1, unit 5 (in quotes: r = 0.93)\n"
            "position      value  token\n"
            "       0     0.5000  \"a\"\n"
            "       1    -1.2500  \"\\n\"\n"
            "       2     0.0000  \"é \"\n");
}

TEST(UnitTables, AreAligned) {
  UnitReport report;
  EXPECT_EQ(unit_tables_text(report), "");
  report.features = {{"in quotes", "Between.", 1234, {{"layer 0, unit 3", -0.5}, {"layer 1, unit 12", 0.25}}}};
  report.gates = {{"layer 0", "forget gate", {{0.5, 0.25}, {0.75, 0}}}};
  report.states = {{"layer 0", "state c", 8, {0.5, 0.25, 0.125}}};
  EXPECT_EQ(unit_tables_text(report),
            "units that follow a feature of the text\n"
            "  feature    unit                   r  positions\n"
            "  in quotes  layer 0, unit 3   -0.500      1,234\n"
            "             layer 1, unit 12   0.250\n"
            "\n"
            "saturation of the gates\n"
            "  layer    gate         units  steps < 0.1  steps > 0.9  mostly < 0.1  mostly > 0.9\n"
            "  layer 0  forget gate      2       62.5 %       12.5 %             1             0\n"
            "\n"
            "states\n"
            "  layer    state    units   mean  deviation  |x| > 0.9\n"
            "  layer 0  state c      8  0.500      0.250     12.5 %\n");
}

}  // namespace
}  // namespace recur::unit_text_test
