// A tune in ABC as bars with the marks of its repeats, and these played out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recur/types/score.h"

namespace recur {

// Notes that begin together, or, without notes, a rest; of `length` quarter notes.
struct AbcSound {
  std::vector<int> notes = {};
  double length = 0;
  bool tied = false;  // to what comes next, where that has the same notes
};

struct AbcBar {
  std::vector<AbcSound> sounds = {};
  bool begins_repeat = false, ends_repeat = false;
  bool ends_part = false;         // a double bar, or the end of a repeat
  std::vector<int> endings = {};  // begins an ending that is played at these times
};

// The bars in the order in which they are played, each repeat once more, or as often as it has endings.
std::vector<Note> play_bars(const std::vector<AbcBar>& bars);

}  // namespace recur
