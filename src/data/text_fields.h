// The fields of recur/text.h by the names of their flags, for base/json_fields.h.
#pragma once

#include <string>

#include "data/tokenizer.h"
#include "recur/text.h"

namespace recur {

inline void parse(const std::string& text, TokenizerKind& kind) { kind = tokenizer_kind(text); }

}  // namespace recur
