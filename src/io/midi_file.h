// Standard MIDI files (MIDI 1.0, "Standard MIDI Files 1.0", 1996).
#pragma once

#include <string>

#include "recur/types/score.h"

namespace recur {

// Ticks of a quarter note.
inline constexpr int kMidiDivision = 480;

// Throws Error for notes that MIDI has not, and for a tempo that nobody plays.
void check_score(const Score& score);

// See recur/music.h; of a score that has been checked.
std::string midi_bytes(const Score& score);

}  // namespace recur
