// Parts of the table of presets (recur/types/presets.h).
#pragma once

#include <vector>

#include "recur/types/presets.h"

namespace recur {

// Of language models, classifiers and taggers.
std::vector<Preset> make_text_presets();

}  // namespace recur
