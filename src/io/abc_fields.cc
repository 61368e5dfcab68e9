#include "io/abc_fields.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include "base/parse.h"

namespace recur {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::string lowered(std::string_view text) {
  std::string lower;
  std::ranges::transform(text, std::back_inserter(lower),
                         [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return lower;
}

// By how many fifths the major key with the same notes lies above that of the same tonic.
std::optional<int> fifths_of_mode(const std::string& mode) {
  constexpr std::pair<std::string_view, int> kModes[] = {{"", 0},     {"maj", 0},  {"ion", 0},  {"mix", -1},
                                                         {"dor", -2}, {"min", -3}, {"aeo", -3}, {"m", -3},
                                                         {"phr", -4}, {"loc", -5}, {"lyd", 1}};
  const auto place = std::ranges::find(kModes, mode, &std::pair<std::string_view, int>::first);
  return place == std::end(kModes) ? std::nullopt : std::optional(place->second);
}

// "=c", "^f", "__b" behind a key: of all notes of that letter. Anything else changes none.
void add_accidental(std::string_view text, KeySignature& raised) {
  const std::size_t signs = std::min(text.find_first_not_of("_^="), text.size());
  if (signs == 0 || signs > 2 || signs + 1 != text.size() || text.substr(0, signs) == "==") return;
  const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(text.back())));
  if (letter < 'A' || letter > 'G' || (signs == 2 && text[0] != text[1])) return;
  const int by = text[0] == '^' ? 1 : text[0] == '_' ? -1 : 0;
  raised[static_cast<std::size_t>(letter - 'A')] = by * static_cast<int>(signs);
}

}  // namespace

std::optional<KeySignature> abc_key(std::string_view text) {
  constexpr std::string_view kFifths = "FCGDAEB";  // the order in which sharps come, from C major's -1
  text = trimmed(text);
  if (text.empty() || text == "none") return KeySignature{};
  const std::size_t tonic = kFifths.find(text[0]);
  if (tonic == kFifths.npos) return {};
  int sharps = static_cast<int>(tonic) - 1;
  text.remove_prefix(1);
  if (text.starts_with('#') || text.starts_with('b')) {
    sharps += text[0] == '#' ? 7 : -7;
    text.remove_prefix(1);
  }
  text = trimmed(text);
  const std::string mode = lowered(text.substr(0, text.find_first_of(" \t")));
  const bool none = mode.find('=') != mode.npos;  // clef=treble
  const auto fifths = fifths_of_mode(none ? "" : mode.substr(0, 3));
  if (!fifths) return {};
  sharps += *fifths;
  if (sharps < -7 || sharps > 7) return {};
  KeySignature raised{};
  const auto letter = [&](int fifth) -> int& {
    return raised[static_cast<std::size_t>(kFifths[static_cast<std::size_t>(fifth)] - 'A')];
  };
  for (int i = 0; i < sharps; ++i) letter(i) = 1;
  for (int i = 0; i < -sharps; ++i) letter(6 - i) = -1;
  // What stands behind: accidentals of its own, and clefs and the like, which change no note.
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    add_accidental(text.substr(0, end), raised);
    text = trimmed(text.substr(end));
  }
  return raised;
}

std::optional<double> abc_fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto over = parse_number<unsigned>(trimmed(text.substr(0, slash)));
  const auto under = slash == text.npos ? std::optional(1U) : parse_number<unsigned>(trimmed(text.substr(slash + 1)));
  constexpr unsigned kMost = 1024;
  if (!over || !under || *over == 0 || *under == 0 || *over > kMost || *under > kMost) return {};
  return static_cast<double>(*over) / *under;
}

std::optional<Metre> abc_metre(std::string_view text) {
  text = trimmed(text);
  if (text == "none") return Metre{0};
  if (text == "C" || text == "C|") return Metre{1};
  const std::size_t slash = text.find('/');
  const auto bar = slash == text.npos ? std::nullopt : abc_fraction(text);
  if (!bar) return {};
  const auto beats = *parse_number<unsigned>(trimmed(text.substr(0, slash)));
  return Metre{*bar, beats > 3 && beats % 3 == 0};
}

std::optional<double> abc_tempo(std::string_view text, double unit, double before) {
  const bool words = text.find('"') != text.npos;
  text = trimmed(text);
  while (text.find('"') != text.npos) {
    const std::size_t open = text.find('"'), close = text.find('"', open + 1);
    text = trimmed(open == 0 && close != text.npos ? text.substr(close + 1) : text.substr(0, open));
  }
  if (words && text.empty()) return before;
  const std::size_t equals = text.find('=');
  const auto beat = equals == text.npos ? std::optional(unit) : abc_fraction(trimmed(text.substr(0, equals)));
  const auto beats = parse_number<unsigned>(trimmed(equals == text.npos ? text : text.substr(equals + 1)));
  if (!beat || !beats) return {};
  const double tempo = *beat * 4 * *beats;
  return tempo >= 10 && tempo <= 1000 ? std::optional(tempo) : std::nullopt;
}

}  // namespace recur
