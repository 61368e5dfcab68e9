// Music as notes: which, when and how long.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace recur {

struct Note {
  int number = 60;               // as in MIDI: 60 is the C in the middle
  double start = 0, length = 1;  // in quarter notes
};

struct Score {
  std::string title = {};
  double tempo = 120;  // quarter notes a minute
  std::vector<Note> notes = {};
};

// What was read of a tune in ABC notation.
struct AbcTune {
  Score score;
  std::size_t bars = 0;  // that were read, each once
  std::string problem;   // "line 2, character 7: .." where reading ended before the tune did; else empty
};

// How a model of chords writes a piece.
struct Composition {
  std::size_t length = 64;  // steps
  float temperature = 1;    // logits are divided by it; 0: the notes that are more likely than not
  std::uint64_t seed = 1;
};

}  // namespace recur
