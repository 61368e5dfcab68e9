// Where a caller says that knobs stand, and where records have them.
#pragma once

#include <vector>

#include "data/records.h"
#include "recur/model.h"
#include "tasks/network.h"

namespace recur {

// As cells that all records have. Throws Error for a knob that the model does not have, one that is there twice, or
// stands at what is no finite number.
std::vector<NamedCell> given_knobs(const Network& network, const std::vector<Knob>& knobs);
// Counts the records of which a knob stands outside the range that the network learned from; those that `predicted` has
// counted come before them.
void note_outside(const Network& network, const Records& records, Predicted& predicted);

}  // namespace recur
