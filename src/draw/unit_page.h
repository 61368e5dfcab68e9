// A unit_report.h as one HTML page, which needs nothing but itself and works when opened from a disk: for each unit the
// text on a background from blue, -1, over the page's own colour, 0, to red, 1 (a gate from 0 to 1); the units that
// follow a feature; the saturation of gates, as a table and as pictures; the statistics of states.
//
// Without scripts all units stand one below the other; with them one shows, and the list of units picks it. What stands
// under the mouse shows its value, rounded to a 1/32 of the range. The page follows the reader's light or dark colours.
#pragma once

#include <string>

#include "draw/unit_report.h"

namespace recur {

std::string unit_page(const UnitReport& report);

}  // namespace recur
