// Every state, gate and activation of a language network along a text; recur/inspect.h says what they are.
#pragma once

#include "data/corpus.h"
#include "recur/types/inspection.h"
#include "tasks/network.h"

namespace recur {

std::vector<UnitGroup> unit_groups(const RecurrentStack& stack);

// Throws Error if there is no token.
UnitTrace trace_units(const Network& network, const Corpus& corpus, std::size_t length);

}  // namespace recur
