// What captions would be worth that nobody has written: of each picture that of the most similar one.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/read_records.h"
#include "recur/types/task.h"

namespace recur {

// bleu_1, bleu_4 and cider (null for a single picture) of the first caption of the most similar of the known pictures,
// for each of those that are asked for; similar are pictures whose numbers, or the means of whose places, have the
// highest cosine. Throws Error where the task does not write about pictures, or the two have vectors of other widths.
nlohmann::ordered_json nearest_caption_scores(const TaskOptions& options, const RecordData& known,
                                              const RecordData& asked);

}  // namespace recur
