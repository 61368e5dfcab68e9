// The options of include/recur/network.h.
#pragma once

#include "recur/network.h"
#include "recur/options.h"

namespace recur {

// All but `bidirectional`, which not every network may have.
void list_options(OptionList& list, RecurrentOptions& options);
void list_bidirectional(OptionList& list, RecurrentOptions& options);
// Of the table that tokens are embedded by.
void list_embedding(OptionList& list, std::size_t& width, float& dropout, const char* help);

}  // namespace recur
