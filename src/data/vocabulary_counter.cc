#include "data/vocabulary_counter.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace recur {
namespace {

std::string text_of(TokenizerKind kind, std::uint32_t code) {
  if (kind == TokenizerKind::byte) return std::string(1, static_cast<char>(code));
  std::array<utf8proc_uint8_t, 4> bytes;
  const std::ptrdiff_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  return std::string(bytes.begin(), bytes.begin() + length);
}

}  // namespace

void VocabularyCounter::add(TokenScanner& scanner) {
  if (has_words(kind_)) {
    add_words(scanner);
  } else {
    add_codes(scanner);
  }
}

void VocabularyCounter::add_words(TokenScanner& scanner) {
  while (scanner.next()) add_word(scanner.piece());
}

void VocabularyCounter::add_word(std::string_view word) {
  auto place = places_.find(word);
  if (place == places_.end()) {
    place = places_.emplace(word, words_.size()).first;
    words_.push_back({place->first});
  }
  ++words_[place->second].count;
}

void VocabularyCounter::add_codes(TokenScanner& scanner) {
  while (scanner.next()) {
    if (scanner.code() >= code_counts_.size()) code_counts_.resize(scanner.code() + 1);
    ++code_counts_[scanner.code()];
  }
}

std::vector<PieceCount> VocabularyCounter::pieces() const {
  if (has_words(kind_)) return words_;
  std::vector<PieceCount> pieces;
  for (std::uint32_t code = 0; code < code_counts_.size(); ++code) {
    if (code_counts_[code] > 0) pieces.push_back({text_of(kind_, code), code_counts_[code]});
  }
  return pieces;
}

PieceCount take_out(std::vector<PieceCount>& pieces, std::string_view text) {
  PieceCount taken{std::string(text)};
  const auto place = std::ranges::find(pieces, text, &PieceCount::text);
  if (place != pieces.end()) {
    taken.count = place->count;
    pieces.erase(place);
  }
  return taken;
}

void sort_by_count(std::vector<PieceCount>& pieces) {
  std::ranges::stable_sort(pieces, std::ranges::greater{}, &PieceCount::count);
}

std::uint64_t keep_most_frequent(std::vector<PieceCount>& pieces, std::uint64_t min_count, std::size_t most) {
  const auto is_rare = [&](const PieceCount& piece) { return piece.count < min_count; };
  const auto first_rare = std::ranges::find_if(pieces, is_rare);
  const std::size_t kept = std::min(most, static_cast<std::size_t>(first_rare - pieces.begin()));
  std::uint64_t dropped = 0;
  for (std::size_t i = kept; i < pieces.size(); ++i) dropped += pieces[i].count;
  pieces.resize(kept);
  return dropped;
}

}  // namespace recur
