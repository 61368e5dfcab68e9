#include <fmt/format.h>

#include <algorithm>

#include "autograd/arrange.h"
#include "autograd/crf.h"
#include "autograd/readout.h"
#include "base/finite.h"
#include "nn/heads/heads.h"

namespace recur {
namespace {

bool is_known(int tag) { return tag >= 0; }

}  // namespace

TagHead::TagHead(const TagHeadSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "tags")),
      tags_(field_as<TagsField>(place.fields, spec.field, "tags")),
      output_(tags_.names().size(), place.layers.output_width(), place.parameters) {
  if (!spec.words.empty()) {
    words_ = &field_as<WordsField>(place.fields, spec.words, "tags");
    words_field_ = field_named(place.fields, spec.words, "tags");
  }
  if (!spec.crf) return;
  const std::size_t tags = tags_.names().size();
  transitions_ = place.parameters.declare("crf.transitions", tags, tags, InitialValues::within(0.1F));
  starts_ = place.parameters.declare("crf.starts", 0, tags, InitialValues::within(0.1F));
  ends_ = place.parameters.declare("crf.ends", 0, tags, InitialValues::within(0.1F));
}

LossSum TagHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const int> targets = batch.fields[field_].targets;
  const auto known = static_cast<std::size_t>(std::ranges::count_if(targets, is_known));
  if (known == 0) return {};
  const float scale = gradient_scale(batch, targets.size());
  const Var x = encoded.stack.output;
  if (!spec_.crf) return {separate_loss(run, x, targets, known, scale), known};
  return {joint_loss(run, x, *encoded.steps, targets, known, scale), known};
}

double TagHead::separate_loss(const Run& run, Var x, std::span<const int> targets, std::size_t known,
                              float scale) const {
  if (known < targets.size()) {
    const std::span<std::size_t> rows = run.tape.arena().take<std::size_t>(known);
    const std::span<int> tags = run.tape.arena().take<int>(known);
    std::size_t found = 0;
    for (std::size_t row = 0; row < targets.size(); ++row) {
      if (!is_known(targets[row])) continue;
      tags[found] = targets[row];
      rows[found++] = row;
    }
    x = select_rows(run.tape, x, rows);
    targets = tags;
  }
  return linear_cross_entropy(run.tape, x, run[output_.weight], run[output_.bias], targets, {scale});
}

double TagHead::joint_loss(const Run& run, Var x, const Steps& steps, std::span<const int> targets, std::size_t known,
                           float scale) const {
  const Var scores = output_(run, x);
  const auto loss = [&](Var emissions, std::span<const int> tags, float gradient) {
    return crf_loss(run.tape, emissions, run[transitions_], run[starts_], run[ends_], tags, steps, gradient);
  };
  if (known == targets.size()) return loss(scores, targets, scale);
  // What is known has the probability of all sequences of tags that agree with it. A loss is the logarithm of the sum
  // over all sequences without the score of one; the same one is taken off both.
  const Var agreeing = add(run.tape, scores, forbid_other_tags(run.tape, targets));
  const std::span<int> one = run.tape.arena().take<int>(targets.size());
  std::ranges::transform(targets, one.begin(), [](int tag) { return is_known(tag) ? tag : 0; });
  const double all = loss(scores, one, scale);
  return all - loss(agreeing, one, -scale);
}

Var TagHead::forbid_other_tags(Tape& tape, std::span<const int> targets) const {
  constexpr float kForbidden = -1e30F;
  const std::size_t tags = tags_.names().size();
  const Var mask = tape.add(targets.size(), tags);
  float* row = tape.value(mask).data;
  for (const int target : targets) {
    std::fill_n(row, tags, is_known(target) ? kForbidden : 0.0F);
    if (is_known(target)) row[target] = 0;
    row += tags;
  }
  return mask;
}

std::vector<std::string> TagHead::words_of(const Batch& batch, std::size_t row) const {
  return std::get<std::vector<std::string>>(words_->cell(*batch.fields[words_field_].column, batch.records[row]));
}

void TagHead::predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& /*options*/,
                      std::span<Prediction> predictions) const {
  const Matrix scores = run.tape.value(output_(run, encoded.stack.output));
  check_results({scores.data, scores.rows * scores.stride}, "the score of a tag");
  std::vector<int> best(scores.rows);
  if (spec_.crf) {
    crf_decode(scores, run[transitions_], run[starts_], run[ends_], *encoded.steps, best);
  } else {
    for (std::size_t i = 0; i < scores.rows; ++i) {
      const std::span<const float> row(scores.data + i * scores.stride, scores.columns);
      best[i] = static_cast<int>(std::ranges::max_element(row) - row.begin());
    }
  }
  for (std::size_t row = 0; row < predictions.size(); ++row) {
    TagsPrediction& prediction = predictions[row].emplace<TagsPrediction>();
    if (words_ != nullptr) prediction.words = words_of(batch, row);
    for (std::size_t t = 0; t < encoded.steps->length_of(row); ++t) {
      prediction.tags.push_back(tags_.names()[static_cast<std::size_t>(best[encoded.steps->offset(t) + row])]);
    }
  }
}

std::optional<StepOutput> TagHead::step_output() const {
  return spec_.crf ? std::nullopt : std::optional(output_.of_step());
}

std::vector<std::pair<std::string, std::string>> TagHead::describe() const { return {{"tags", tags_.describe()}}; }

}  // namespace recur
