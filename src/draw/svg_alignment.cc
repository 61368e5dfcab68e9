#include "draw/svg_alignment.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "draw/svg_chart.h"

namespace recur {
namespace {

constexpr double kCell = 22, kLetter = 7.2, kGap = 6;  // pixels
constexpr std::size_t kMostLetters = 30;               // of a token's name
constexpr std::size_t kMostTokens = 200;               // of each side

// The beginning of a token that is too long, whole characters only.
std::string short_name(const std::string& token) {
  std::size_t letters = 0;
  for (std::size_t end = 0; end < token.size(); ++end) {
    if (begins_character(token[end]) && ++letters > kMostLetters) return token.substr(0, end) + "…";
  }
  return token;
}

// Of the names of the first `count` tokens.
double longest(const std::vector<std::string>& tokens, std::size_t count) {
  std::ptrdiff_t most = 0;
  for (std::size_t i = 0; i < count; ++i)
    most = std::max(most, std::ranges::count_if(short_name(tokens[i]), begins_character));
  return static_cast<double>(most) * kLetter;
}

}  // namespace

std::string svg_alignment(const Alignment& a) {
  const std::size_t rows = std::min(a.target.size(), kMostTokens), columns = std::min(a.source.size(), kMostTokens);
  const double left = longest(a.target, rows) + 2 * kGap, top = longest(a.source, columns) + 2 * kGap;
  const double width = left + kCell * static_cast<double>(columns) + kGap;
  const double height = top + kCell * static_cast<double>(rows) + kGap;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "font-family=\"monospace\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
  for (std::size_t j = 0; j < columns; ++j) {
    const double x = left + kCell * (static_cast<double>(j) + 0.65);
    svg += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\" transform=\"rotate(-90 {0:.1f} {1:.1f})\">{2}</text>\n", x,
                       top - kGap, escape_markup(short_name(a.source[j])));
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const double y = top + kCell * static_cast<double>(i);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - kGap, y + kCell * 0.7,
                       escape_markup(short_name(a.target[i])));
    for (std::size_t j = 0; j < columns; ++j) {
      const float weight = a.weights[i * a.source.size() + j];
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"#0072b2\" fill-opacity=\"{:.3f}\" "
          "stroke=\"#dddddd\"><title>{:.3f}</title></rect>\n",
          left + kCell * static_cast<double>(j), y, kCell, kCell, weight, weight);
    }
  }
  return svg + "</svg>\n";
}

}  // namespace recur
