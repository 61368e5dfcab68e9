#include "api/read_asked.h"

#include <limits>
#include <utility>
#include <vector>

#include "api/given_knobs.h"
#include "base/error.h"
#include "data/endless_text_field.h"
#include "data/series_field.h"
#include "infer/line_scores.h"

namespace recur {

LengthLimit limit_of(const Network& network, const PredictOptions& options) {
  return {network.recipe().windows ? std::numeric_limits<std::uint32_t>::max() : options.max_length, false};
}

namespace {

std::unique_ptr<Records> read_given(const Network& network, RecordData data, std::vector<NamedCell> given,
                                    const PredictOptions& options, bool answers, bool empty_lines, bool before_bad) {
  data.give(std::move(given));
  return read_records(network.fields(), data,
                      {.length = limit_of(network, options),
                       .answers = answers,
                       .empty_lines = empty_lines,
                       .skip_bad = options.skip_bad,
                       .parts = options.decode.n_best == 1,
                       .before_bad = before_bad});
}

void check_length(const PredictOptions& options) {
  if (options.max_length == 0) fail("--max-length: expected a whole number of at least 1, got 0");
}

}  // namespace

void check_skips(const Network& network, const PredictOptions& options) {
  if (options.skip_bad && series_field(network.fields()) != nullptr) {
    fail("--skip-bad: a series is read whole, and a model of the task {} has no records; leave it out", network.task());
  }
}

std::unique_ptr<Records> read_unanswered(const Network& network, const RecordData& data, const PredictOptions& options,
                                         bool before_bad) {
  check_length(options);
  std::vector<NamedCell> given = given_knobs(network, options.knobs);
  if (const EndlessTextField* text = endless_text(network.fields())) {
    return read_lines(text->tokenizer(), data, options, before_bad);
  }
  check_skips(network, options);
  if (const SeriesField* series = series_field(network.fields())) return series->ends(data);
  return read_given(network, data, std::move(given), options, options.score, true, before_bad);
}

std::unique_ptr<Records> read_answered(const Network& network, const RecordData& data, const PredictOptions& options) {
  check_length(options);
  return read_given(network, data, given_knobs(network, options.knobs), options, true, false, false);
}

}  // namespace recur
