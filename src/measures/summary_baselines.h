// Summaries that nobody wrote: parts of the sources themselves, beside which a model's are seen.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "measures/output_groups.h"

namespace recur {

// Up to the first . ! or ? that a blank or the end follows, or to the end of the line.
std::string_view first_sentence(std::string_view text);

// Words of a source, as ROUGE cuts them.
struct SourceSpan {
  std::size_t start = 0, words = 0;
};
// That one of at most 10 words left out and 1 to 40 taken whose mean F1 of ROUGE-1 over all texts is the highest, of
// several the first and shortest: it knows what was wanted, as no model does.
SourceSpan best_span(std::span<const OutputGroup> groups);
// What a source has there, with a blank between two words.
std::string cut_span(std::string_view source, const SourceSpan& span);

}  // namespace recur
