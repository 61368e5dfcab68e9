// Where records end in lines that come one after the other, for who answers them as they come.
#pragma once

#include <optional>
#include <span>

#include "base/line_blocks.h"
#include "data/source.h"

namespace recur {

// Of sentences in CoNLL's columns, of CSV, and of lines with tabs whose columns are named. Nothing for other formats.
std::optional<RecordEnds> record_ends(DataFormat format, const DataLayout& layout,
                                      std::span<const FieldRequest> fields);

}  // namespace recur
