// Every state, gate and activation of a language network along a text; recur/inspect.h says what they are.
#pragma once

#include "recur/inspect.h"
#include "tasks/language_model.h"

namespace recur {

std::vector<UnitGroup> unit_groups(const RecurrentStack& stack);

// Throws Error if there is no token.
UnitTrace trace_units(const LanguageNetwork& network, const Corpus& corpus, std::size_t length);

}  // namespace recur
