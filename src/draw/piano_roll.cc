#include "draw/piano_roll.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "draw/svg_chart.h"

namespace recur {
namespace {

constexpr double kRow = 7;  // the height of a note

// From the C at or below the lowest note to the one above the highest.
struct Range {
  explicit Range(const Score& score) {
    const auto [least, most] = std::ranges::minmax_element(score.notes, {}, &Note::number);
    if (least == score.notes.end()) return;
    low = least->number / 12 * 12;
    high = (most->number / 12 + 1) * 12;
  }
  double top_of(int note) const { return (high - note) * kRow; }
  double height() const { return top_of(low - 1); }

  int low = 60, high = 72;
};

bool is_black(int note) {
  constexpr int kBlack[] = {1, 3, 6, 8, 10};
  return std::ranges::find(kBlack, note % 12) != std::end(kBlack);
}

std::string rectangle(const char* kind, double x, double y, double width, double height, const char* colour) {
  return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                     kind, x, y, width, height, colour);
}

std::string line(const char* kind, double x1, double y1, double x2, double y2, const char* colour) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n",
                     kind, x1, y1, x2, y2, colour);
}

// Rows of black keys, lines at every C with its name, and at every fourth quarter note.
std::string background(const Range& range, double right) {
  std::string svg;
  for (int note = range.low; note <= range.high; ++note) {
    const double top = range.top_of(note);
    if (is_black(note)) svg += rectangle("black", kRollLeft, top, right - kRollLeft, kRow, "#f1f2f4");
    if (note % 12 != 0) continue;
    svg += line("grid", kRollLeft, top + kRow, right, top + kRow, "#cccccc");
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">C{}</text>\n", kRollLeft - 6, top + kRow,
                       note / 12 - 1);
  }
  for (double x = kRollLeft; x <= right; x += 4 * kBeatWidth) svg += line("grid", x, 0, x, range.height(), "#cccccc");
  return svg;
}

}  // namespace

double end_of(const Score& score) {
  double end = 0;
  for (const Note& note : score.notes) end = std::max(end, note.start + note.length);
  return end;
}

std::string piano_roll(const Score& score) {
  const Range range(score);
  const double right = kRollLeft + std::max(4.0, std::ceil(end_of(score))) * kBeatWidth;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"roll\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"10\" role=\"img\">\n<title>{2}</title>\n",
      right + 1, range.height() + 1, escape_markup(score.title.empty() ? "A piece of music" : score.title));
  svg += rectangle("paper", 0, 0, right + 1, range.height() + 1, "#ffffff") + background(range, right);
  for (const Note& note : score.notes) {
    svg += rectangle("note", kRollLeft + note.start * kBeatWidth, range.top_of(note.number) + 0.5,
                     std::max(note.length * kBeatWidth - 1, 1.0), kRow - 1, "#0072B2");
  }
  return svg + line("now", kRollLeft, 0, kRollLeft, range.height(), "#D55E00") + "</svg>\n";
}

}  // namespace recur
