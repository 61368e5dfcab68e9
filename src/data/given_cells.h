// Records that all have the same in some fields: what is told once for all of a data file.
#pragma once

#include <memory>
#include <vector>

#include "data/source.h"

namespace recur {

// A source of `fields`, of which it has those that are not among `given`, in their order. The records are as the
// source's, with the cells that are given.
std::unique_ptr<Source> with_given(std::unique_ptr<Source> source, std::span<const FieldRequest> fields,
                                   std::vector<NamedCell> given);
// The fields that are not among the given.
std::vector<FieldRequest> without_given(std::span<const FieldRequest> fields, std::span<const NamedCell> given);

}  // namespace recur
