// Texts that are hard on whatever reads text: the Big List of Naughty Strings, and random ones.
#pragma once

#include <utf8proc.h>

#include <array>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/philox.h"
#include "support/paths.h"

namespace recur {

// The lines of the list, comments and empty ones among them.
inline std::vector<std::string> naughty_strings() {
  std::ifstream file(source_folder() + "/tests/data/blns/blns.txt", std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) throw std::runtime_error("cannot read tests/data/blns/blns.txt");
  return lines;
}

inline std::string in_utf8(std::uint32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const std::ptrdiff_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  return {bytes.begin(), bytes.begin() + length};
}

// A text of up to 60 pieces, of which text `number` is always the same: letters, white space of all kinds and runs of
// it, controls, NUL among them, combining and astral characters, noncharacters, the last code point, what the
// vocabularies spell their specials like, and what SentencePiece reserves.
inline std::string random_text(std::uint32_t number) {
  constexpr const char* kPieces[] = {" ",      "  ",     "\t",     "\r\n",   "\n",         "\u00A0", "\u3000", "\u2028",
                                     "a",      "b",      "Z",      "'",      "\u2019",     "\u0301", "\u200D", "\uFEFF",
                                     "<unk>",  "<s>",    "</s>",   "<eos>",  "<pad>",      "<",      ">",      "\u2581",
                                     "\u2585", "\u2047", "\uFFFD", "\uFDD0", "\U0010FFFF", "\uFFFE", "\uFFFF", "\\"};
  const Random random(11, RandomPurpose::test, number);
  std::string text;
  for (std::uint32_t i = 0; i < random.word(0) % 60; ++i) {
    const auto [kind, first, second, third] = random.block(i + 1);
    if (kind % 8 == 0) {
      text += static_cast<char>(first % 0x20);
    } else if (kind % 8 == 1) {
      // 600 code points all over Unicode, none of them a surrogate.
      const std::uint32_t code = 0x80 + first % 600 * 1811;
      text += in_utf8(code >= 0xD800 && code < 0xE000 ? 0x301 : code);
    } else {
      text += kPieces[second % std::size(kPieces)];
    }
  }
  return text;
}

}  // namespace recur
