// A score as an SVG image: time from left to right, notes from low to high, a bar for each note.
//
// A page that holds the image may colour it by the classes of its parts: paper, black (the rows of black keys), grid,
// note; note i is the i-th rectangle of that class. The line of class now stands at the left.
#pragma once

#include <string>

#include "recur/types/score.h"

namespace recur {

inline constexpr double kBeatWidth = 24, kRollLeft = 34;  // of a quarter note; of the names of notes

std::string piano_roll(const Score& score);

// When its last note ends, in quarter notes.
double end_of(const Score& score);

}  // namespace recur
