// Parts of the table of presets (recur/presets.h).
#pragma once

#include <vector>

#include "recur/presets.h"

namespace recur {

// Of language models, classifiers and taggers.
std::vector<Preset> make_text_presets();

}  // namespace recur
