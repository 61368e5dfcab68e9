// How well the next chords of pieces are known.
#pragma once

#include <memory>

#include "measures/measures.h"

namespace recur {

// -log probability of a step, and the accuracy of frames: of all notes that sound or are predicted, the share that both
// do (Bay, Ehmann & Downie 2009). A note is predicted that is more likely than not.
std::unique_ptr<Measures> make_note_measures(const NextNotesSpec& spec);

}  // namespace recur
