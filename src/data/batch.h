// Some records as a network reads them: of each field the rows, packed by time (recur/types/steps.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/records.h"
#include "recur/types/steps.h"

namespace recur {

// A field of some records. A sequence's rows are in the order of `steps`, longest first; what is one a record is in the
// batch's order.
struct FieldBatch {
  Steps steps;
  std::vector<int> ids;            // [total]: tokens that are read
  std::vector<int> targets;        // [total], or one a record: what is to be predicted; below 0 for what is not known
  std::vector<float> numbers;      // [total, width]; of notes [total, keys], 1 for each that sounds
  std::vector<float> wanted;       // of series, [total] or [records, horizon]: what is to be predicted; NaN: not known
  std::vector<float> ahead;        // of series, [records, horizon, known]: what is known ahead
  std::vector<int> spellings;      // [total], of words
  std::vector<std::size_t> of;     // of each row of the first step: which of the batch's records it is
  const Column* column = nullptr;  // where it comes from
};

// All fields of a batch; the first with a sequence that is no answer is in the batch's order.
struct Batch {
  std::span<const std::size_t> records;  // which of all; empty for windows of a text
  std::vector<std::size_t> lengths;  // of each what Records::lengths says, before an encoder makes fewer steps of it
  std::vector<FieldBatch> fields;
  // What the gradient of the summed loss is multiplied with; 0: 1 / predictions.
  float gradient_scale = 0;
  std::size_t first_step = 0;  // of a window of longer sequences: where it begins in them

  std::size_t size() const { return records.size(); }
};

// The order in which the rows of some sequences lie: longest first, of equal lengths the first first.
std::vector<std::size_t> longest_first(std::span<const std::size_t> lengths);

}  // namespace recur
