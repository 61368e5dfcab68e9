#include "api/read_unanswered.h"

#include <limits>

#include "base/error.h"
#include "data/endless_text_field.h"
#include "data/series_field.h"
#include "infer/line_scores.h"

namespace recur {

LengthLimit limit_of(const Network& network, const PredictOptions& options) {
  return {network.recipe().windows ? std::numeric_limits<std::uint32_t>::max() : options.max_length, false};
}

ReadOptions reading_of(const Network& network, const PredictOptions& options, bool answers) {
  return {limit_of(network, options), answers, RecordPart::all, true, {}, options.skip_bad};
}

void check_skips(const Network& network, const PredictOptions& options) {
  if (options.skip_bad && series_field(network.fields()) != nullptr) {
    fail("--skip-bad: a series is read whole, and a model of the task {} has no records; leave it out", network.task());
  }
}

std::unique_ptr<Records> read_unanswered(const Network& network, const RecordData& data,
                                         const PredictOptions& options) {
  if (const EndlessTextField* text = endless_text(network.fields())) {
    return read_lines(text->tokenizer(), data, options);
  }
  check_skips(network, options);
  if (const SeriesField* series = series_field(network.fields())) return series->ends(data);
  return read_records(network.fields(), data, reading_of(network, options, options.score));
}

}  // namespace recur
