// Standard MIDI files (MIDI 1.0, "Standard MIDI Files 1.0", 1996).
#pragma once

#include <string>

#include "recur/types/score.h"

namespace recur {

// Ticks of a quarter note.
inline constexpr int kMidiDivision = 480;

// See recur/music.h.
std::string midi_bytes(const Score& score);

}  // namespace recur
