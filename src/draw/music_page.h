// A score as one HTML page, which needs nothing but itself and works when opened from a disk: its piano roll, and a
// button that plays it with the browser's oscillators.
#pragma once

#include <string>

#include "recur/types/score.h"

namespace recur {

std::string page_of_score(const Score& score);

}  // namespace recur
