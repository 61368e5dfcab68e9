// Predictions as lines of text.
#pragma once

#include <string>

#include "recur/types/prediction.h"

namespace recur {

// label    LABEL, then LABEL=PROBABILITY, the most probable first, with tabs between
// labels   LABELS with commas between, then as above
// tags     a line a word, WORD<TAB>TAG, or <TAB>PROBABILITY more; numbered: each below # RANK<TAB>LOG PROBABILITY
// text     a line an output: OUTPUT, SCORE<TAB>OUTPUT or RECORD<TAB>SCORE<TAB>OUTPUT
// numbers  blanks between numbers, tabs between steps
// picture  NATS
// score    NATS<TAB>TOKENS<TAB>PERPLEXITY<TAB>UNKNOWN; tokens: a line a token, TOKEN<TAB>NATS, control characters as
//          escapes, and an empty line
// notes, strokes  NATS<TAB>STEPS
enum class OutputLines { plain, scored, numbered, tokens };
// With the end of the last line. `record`: which it is of the file, from 1.
std::string prediction_text(const Prediction& prediction, std::size_t record = 1,
                            OutputLines outputs = OutputLines::plain);

// A cell of CSV, in quotes where it has to be (RFC 4180).
std::string csv_cell(const std::string& text);

}  // namespace recur
