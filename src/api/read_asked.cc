#include "api/read_asked.h"

#include <limits>
#include <utility>

#include "api/given_knobs.h"
#include "data/endless_text_field.h"
#include "data/series_field.h"
#include "infer/line_scores.h"

namespace recur {

LengthLimit limit_of(const Network& network, const PredictOptions& options) {
  return {network.recipe().windows ? std::numeric_limits<std::uint32_t>::max() : options.max_length, false};
}

namespace {

std::unique_ptr<Records> read_as_told(const Network& network, RecordData data, const PredictOptions& options,
                                      bool answers) {
  data.give(given_knobs(network, options.knobs));
  return read_records(network.fields(), data, {limit_of(network, options), answers, RecordPart::all});
}

}  // namespace

std::unique_ptr<Records> read_unanswered(const Network& network, const RecordData& data,
                                         const PredictOptions& options) {
  if (const EndlessTextField* text = endless_text(network.fields())) {
    return read_lines(text->tokenizer(), data, options.max_length);
  }
  if (const SeriesField* series = series_field(network.fields())) return series->ends(data);
  return read_as_told(network, data, options, options.score);
}

std::unique_ptr<Records> read_answered(const Network& network, const RecordData& data, const PredictOptions& options) {
  return read_as_told(network, data, options, true);
}

}  // namespace recur
