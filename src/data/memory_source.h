// Records that a program has in memory, as a source.
#pragma once

#include "data/source.h"

namespace recur {

// Throws Error naming the record and the field where a cell is of another kind than was asked for.
std::unique_ptr<Source> open_memory(std::span<const Record> records, std::span<const FieldRequest> fields,
                                    const SourceOptions& options);

// One record, which it keeps.
std::unique_ptr<Source> open_record(Record record, std::span<const FieldRequest> fields, const SourceOptions& options);

// To tell whether they are still what they were.
std::uint64_t hash_of(std::span<const Record> records);
// To tell whether records have the same in some fields.
std::uint64_t hash_of(std::span<const Cell> cells);

}  // namespace recur
