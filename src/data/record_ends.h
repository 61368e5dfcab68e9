// Where records end in lines that come one after the other, for who answers them as they come.
#pragma once

#include <optional>

#include "base/line_blocks.h"
#include "data/source_layout.h"

namespace recur {

// Of sentences in CoNLL's columns, of CSV, and of lines with tabs whose columns are named. Nothing for other formats.
std::optional<RecordEnds> record_ends(DataFormat format, const SourceLayout& layout);

}  // namespace recur
