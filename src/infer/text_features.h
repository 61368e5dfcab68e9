// What a reader knows of a text at each position, as numbers: inside a quotation or not, how far into the line, how
// deep in brackets. interpret.h looks for units of a network that follow them.
//
// Every feature is a function of what has been read so far, never of what comes; so is the state of a network.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

struct TextFeature {
  const char* name;         // "in quotes"
  const char* explanation;  // one sentence
  // Of each character, the feature's value once that character has been read: 0 or 1, or a count. Code points that
  // are not Unicode stand for bytes that are not UTF-8.
  std::vector<float> (*of_characters)(std::u32string_view text);
};

std::span<const TextFeature> text_features();

// The feature after each piece: [pieces.size()]. The pieces, one after the other, are the text. The value of a piece is
// that of its last character which is no white space, or else of its last one: a word is followed by a space in its
// own piece. A piece that is only a part of a character in UTF-8 has the value before that character, except the last
// part. Before any character, a feature is 0.
std::vector<float> measure(const TextFeature& feature, const std::vector<std::string>& pieces);

}  // namespace recur
