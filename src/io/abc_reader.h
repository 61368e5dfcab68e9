// Reads tunes in ABC notation, see recur/music.h.
#pragma once

#include <string_view>

#include "recur/types/score.h"

namespace recur {

AbcTune read_abc_tune(std::string_view text);

}  // namespace recur
