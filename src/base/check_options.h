// The check of a struct whose options list_options() lists.
#pragma once

#include "recur/types/options.h"

namespace recur {

// Throws Error naming the flag of the first of them that holds what it may not.
template <class Options>
void check_options_of(Options options) {
  OptionList list;
  list_options(list, options);
  list.check();
}

}  // namespace recur
