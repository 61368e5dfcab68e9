// What outputs are compared with where data has several right ones for a source.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/read_records.h"
#include "recur/types/task.h"

namespace recur {

// The references of each record: its target, and of each file the line with its number, unless that is empty. Throws
// Error where the task does not translate, or a file has other than a line a record.
std::vector<std::vector<std::string>> read_references(const TaskOptions& options, const RecordData& data,
                                                      std::span<const std::string> files);

}  // namespace recur
