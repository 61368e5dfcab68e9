// Units along a text, and the tables of unit_report.h, for a terminal.
#pragma once

#include <string>
#include <vector>

#include "draw/unit_report.h"

namespace recur {

// With colour: a line of title and caption, a legend, and the text, each token on a background from blue over white to
// red (256 colours); a newline is a mark and a real newline. Without: title and caption, and a table of position, value
// and token, a line each.
std::string unit_text(const std::vector<std::string>& pieces, const UnitView& unit, bool colour);

// The units that follow features, the saturation of gates, the statistics of states.
std::string unit_tables_text(const UnitReport& report);

}  // namespace recur
