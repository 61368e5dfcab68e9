// What a model that makes predictions, or is evaluated, reads of data.
#pragma once

#include <memory>

#include "data/read_records.h"
#include "recur/types/tasks.h"
#include "tasks/network.h"

namespace recur {

// What is read in windows may have any length.
LengthLimit limit_of(const Network& network, const PredictOptions& options);

// Throws Error where bad records are to be skipped and the model reads no records one by one.
void check_skips(const Network& network, const PredictOptions& options);

// Records, whose answers need not be there unless they are to be scored; of series the windows at their ends; lines for
// a language model of one text. With `before_bad` those before one that cannot be read, and what is wrong with it.
std::unique_ptr<Records> read_unanswered(const Network& network, const RecordData& data, const PredictOptions& options,
                                         bool before_bad = false);

// Records with their answers.
std::unique_ptr<Records> read_answered(const Network& network, const RecordData& data, const PredictOptions& options);

}  // namespace recur
