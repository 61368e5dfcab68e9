#include "cli/unit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "base/show.h"
#include "cli/terminal.h"

namespace recur {
namespace {

// Of the 256 colours that terminals have, from white on; black text reads well on each.
constexpr int kReds[] = {231, 224, 217, 210, 203, 196};
constexpr int kBlues[] = {231, 189, 153, 117, 75, 33};
constexpr int kLevels = static_cast<int>(std::size(kReds)) - 1;
constexpr const char* kPlain = "\x1b[0m";

std::string background(int level) {
  return fmt::format("\x1b[38;5;16;48;5;{}m", level < 0 ? kBlues[-level] : kReds[level]);
}

std::string heading(const UnitView& unit) {
  return printable(unit.title) + (unit.caption.empty() ? "" : " (" + printable(unit.caption) + ")") + "\n";
}

std::string legend(const UnitView& unit, float scale) {
  std::string text = unit.gate ? "0 " : fmt::format("{:.3g} ", -scale);
  for (int level = unit.gate ? 0 : -kLevels; level <= kLevels; ++level) text += background(level) + "  ";
  return text + kPlain + fmt::format(" {:.3g}\n\n", scale);
}

std::string coloured(const std::vector<std::string>& pieces, const UnitView& unit) {
  const float scale = shade_scale(unit);
  std::string text = heading(unit) + legend(unit, scale);
  const std::vector<std::string> tokens = shown_pieces(pieces);
  bool is_plain = true;
  int last_level = 0;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const int level = shade_of(unit.values[t], scale, kLevels);
    for (const char c : tokens[t]) {
      if (is_plain || level != last_level) text += background(level);
      is_plain = false;
      last_level = level;
      if (c == '\n') {
        // Before the line's end the colours end too, or some terminals would colour the rest of it.
        text += std::string("↵") + kPlain + "\n";
        is_plain = true;
      } else if (c == '\t') {
        text += "→   ";
      } else {
        text += c;
      }
    }
  }
  return text + (is_plain ? "" : std::string(kPlain) + "\n");
}

std::string table(const std::vector<std::string>& pieces, const UnitView& unit) {
  std::string text = heading(unit) + fmt::format("{:>8}  {:>9}  token\n", "position", "value");
  for (std::size_t t = 0; t < pieces.size(); ++t) {
    text += fmt::format("{:>8}  {:>9.4f}  {}\n", t, unit.values[t], quote(pieces[t]));
  }
  return text;
}

// Columns as wide as their widest cell, the first left-aligned; the last is not filled up.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t left_aligned) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += "  " +
              (i < left_aligned ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("{:>{}}", row[i], widths[i]));
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

}  // namespace

std::string unit_text(const std::vector<std::string>& pieces, const UnitView& unit, bool colour) {
  assert(unit.values.size() == pieces.size());
  return colour ? coloured(pieces, unit) : table(pieces, unit);
}

std::string unit_tables_text(const UnitReport& report) {
  std::string text;
  if (!report.features.empty()) {
    std::vector<std::vector<std::string>> rows = {{"feature", "unit", "r", "positions"}};
    for (const FeatureRow& feature : report.features) {
      for (const FeatureRow::Unit& unit : feature.units) {
        const bool is_first = &unit == &feature.units.front();
        rows.push_back({is_first ? feature.name : "", printable(unit.title), fmt::format("{:.3f}", unit.correlation),
                        is_first ? with_thousands(feature.positions) : ""});
      }
    }
    text += "units that follow a feature of the text\n" + aligned(rows, 2);
  }
  if (!report.gates.empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"layer", "gate", "units", "steps < 0.1", "steps > 0.9", "mostly < 0.1", "mostly > 0.9"}};
    for (const GateRow& gate : report.gates) {
      const SaturationSummary s = summarize(gate.units);
      rows.push_back({printable(gate.layer), printable(gate.gate), std::to_string(s.units), percent(s.mean.left),
                      percent(s.mean.right), std::to_string(s.mostly_left), std::to_string(s.mostly_right)});
    }
    text += (text.empty() ? "" : "\n") + std::string("saturation of the gates\n") + aligned(rows, 2);
  }
  if (!report.states.empty()) {
    std::vector<std::vector<std::string>> rows = {{"layer", "state", "units", "mean", "deviation", "|x| > 0.9"}};
    for (const StateRow& state : report.states) {
      rows.push_back({printable(state.layer), printable(state.state), std::to_string(state.units),
                      fmt::format("{:.3f}", state.statistics.mean), fmt::format("{:.3f}", state.statistics.deviation),
                      percent(state.statistics.saturated)});
    }
    text += (text.empty() ? "" : "\n") + std::string("states\n") + aligned(rows, 2);
  }
  return text;
}

}  // namespace recur
