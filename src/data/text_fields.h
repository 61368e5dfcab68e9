// The fields of recur/text.h by the names of their flags, for base/json_fields.h.
#pragma once

#include <string>

#include "data/tokenizer.h"
#include "recur/text.h"

namespace recur {

inline void parse(const std::string& text, TokenizerKind& kind) { kind = tokenizer_kind(text); }

template <class Options, class Visit>
void visit_codec(Options& o, const Visit& visit) {
  visit("tokenizer", o.kind);
  visit("min-count", o.words.min_count);
  visit("max-vocab", o.words.max_vocab);
  visit("lowercase", o.words.lowercase);
  visit("subwords", o.subwords);
}

}  // namespace recur
