#include "measures/error_rate.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "data/white_space.h"
#include "measures/edit_distance.h"
#include "measures/right_counts.h"

namespace recur {
namespace {

std::vector<std::string> characters_of(std::span<const std::string> words) {
  std::vector<std::string> characters;
  for (const std::string& word : words) {
    if (!characters.empty()) characters.emplace_back(" ");
    for (const char c : word) {
      if (begins_character(c) || characters.empty()) {
        characters.emplace_back(1, c);
      } else {
        characters.back() += c;
      }
    }
  }
  return characters;
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

// Appends each in a column as wide as the widest.
void append_column(std::array<std::string, 3>& lines, const std::array<std::string, 3>& cells) {
  std::size_t width = 0;
  for (const std::string& cell : cells) width = std::max(width, width_of(cell));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].empty()) lines[i] += ' ';
    lines[i] += cells[i] + std::string(width - width_of(cells[i]), ' ');
  }
}

ErrorRates::Text show(std::span<const Edit> edits, std::uint64_t errors, std::span<const std::string> wanted,
                      std::span<const std::string> got) {
  constexpr const char* kMissing = "***";
  std::array<std::string, 3> lines;
  for (const Edit& edit : edits) {
    switch (edit.kind) {
      case Edit::Kind::hit:
        append_column(lines, {wanted[edit.wanted], got[edit.got], ""});
        break;
      case Edit::Kind::substitution:
        append_column(lines, {wanted[edit.wanted], got[edit.got], "S"});
        break;
      case Edit::Kind::deletion:
        append_column(lines, {wanted[edit.wanted], kMissing, "D"});
        break;
      case Edit::Kind::insertion:
        append_column(lines, {kMissing, got[edit.got], "I"});
        break;
    }
  }
  return {lines[0], lines[1], lines[2], errors};
}

double rate_of(std::uint64_t errors, std::uint64_t wanted) {
  return static_cast<double>(errors) / static_cast<double>(std::max<std::uint64_t>(wanted, 1));
}

}  // namespace

std::vector<Edit> align(std::span<const std::string> wanted, std::span<const std::string> got) {
  const auto [front, back] = common_ends(wanted, got);
  const std::size_t rows = got.size() - front - back, columns = wanted.size() - front - back;
  // distance(r, c): from the first c of what is wanted to the first r of what was got, in between.
  std::vector<std::uint32_t> distances((rows + 1) * (columns + 1));
  const auto distance = [&](std::size_t r, std::size_t c) -> std::uint32_t& {
    return distances[r * (columns + 1) + c];
  };
  for (std::size_t r = 0; r <= rows; ++r) {
    for (std::size_t c = 0; c <= columns; ++c) {
      if (r == 0 || c == 0) {
        distance(r, c) = static_cast<std::uint32_t>(r + c);
        continue;
      }
      const std::uint32_t other = wanted[front + c - 1] == got[front + r - 1] ? 0 : 1;
      distance(r, c) = std::min({distance(r - 1, c - 1) + other, distance(r - 1, c) + 1, distance(r, c - 1) + 1});
    }
  }
  std::vector<Edit> edits;  // from the end on
  for (std::size_t i = 0; i < back; ++i) {
    edits.push_back({Edit::Kind::hit, wanted.size() - 1 - i, got.size() - 1 - i});
  }
  for (std::size_t r = rows, c = columns; r > 0 || c > 0;) {
    if (r == 0 || (c > 0 && distance(r, c) == distance(r, c - 1) + 1)) {
      --c;
      edits.push_back({Edit::Kind::deletion, front + c, front + r});
    } else if (c == 0 || distance(r - 1, c) + 1 == distance(r - 1, c - 1)) {
      --r;
      edits.push_back({Edit::Kind::insertion, front + c, front + r});
    } else {
      --r;
      --c;
      const bool same = wanted[front + c] == got[front + r];
      edits.push_back({same ? Edit::Kind::hit : Edit::Kind::substitution, front + c, front + r});
    }
  }
  for (std::size_t i = front; i-- > 0;) edits.push_back({Edit::Kind::hit, i, i});
  std::ranges::reverse(edits);
  return edits;
}

void EditCounts::add(std::span<const Edit> edits) {
  for (const Edit& edit : edits) {
    switch (edit.kind) {
      case Edit::Kind::hit:
        ++hits;
        break;
      case Edit::Kind::substitution:
        ++substitutions;
        break;
      case Edit::Kind::deletion:
        ++deletions;
        break;
      case Edit::Kind::insertion:
        ++insertions;
        break;
    }
  }
}

double EditCounts::rate() const { return rate_of(errors(), hits + substitutions + deletions); }

void ErrorRates::add(std::string_view wanted, std::string_view got) {
  const std::vector<std::string> wanted_words = cut_at_blanks(wanted), got_words = cut_at_blanks(got);
  const std::vector<Edit> edits = align(wanted_words, got_words);
  const std::uint64_t before = words_.errors();
  words_.add(edits);
  ++texts_;
  const std::vector<std::string> wanted_characters = characters_of(wanted_words);
  characters_ += wanted_characters.size();
  const std::uint64_t errors = words_.errors() - before;
  if (errors == 0) return;
  ++wrong_;
  wrong_characters_ += edit_distance(wanted_characters, characters_of(got_words));
  const auto place = std::ranges::find_if(worst_, [&](const Text& other) { return other.errors < errors; });
  if (place == worst_.end() && worst_.size() == kWorst) return;
  worst_.insert(place, show(edits, errors, wanted_words, got_words));
  if (worst_.size() > kWorst) worst_.pop_back();
}

double ErrorRates::character_rate() const { return rate_of(wrong_characters_, characters_); }

double ErrorRates::sentence_rate() const { return share_of(wrong_, texts_); }

}  // namespace recur
