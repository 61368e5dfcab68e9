// What the fields of a tune in ABC say: its key, its metre, its tempo, how long a note without a length is.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace recur {

// How many semitones each letter from A to G is raised by; nothing for what is no key.
using KeySignature = std::array<int, 7>;
std::optional<KeySignature> abc_key(std::string_view text);

struct Metre {
  double bar = 1;         // the length of a bar, in whole notes; 0: free
  bool compound = false;  // beats of three: 6/8, 9/8, 12/8
};
std::optional<Metre> abc_metre(std::string_view text);

// 1/8; in whole notes.
std::optional<double> abc_fraction(std::string_view text);

// Quarter notes a minute of "1/4=120", or "120", which counts notes without a length, of `unit` whole notes. Words in
// quotes may stand beside it; where there is nothing else the tempo stays as it was `before`.
std::optional<double> abc_tempo(std::string_view text, double unit, double before);

}  // namespace recur
