// The options of include/recur/text.h.
#pragma once

#include "recur/options.h"
#include "recur/text.h"

namespace recur {

// Of words: --min-count, --max-vocab and --lowercase.
void list_options(OptionList& list, TokenizerOptions& options);
void list_options(OptionList& list, CodecOptions& options);

}  // namespace recur
