#include <fmt/format.h>

#include <algorithm>

#include "autograd/arrange.h"
#include "autograd/crf.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "nn/heads/heads.h"

namespace recur {
namespace {

// What a row of a packed batch has.
template <class T>
std::vector<T> of_row(const Steps& steps, std::span<const T> packed, std::size_t row) {
  std::vector<T> own;
  for (std::size_t t = 0; t < steps.length_of(row); ++t) own.push_back(packed[steps.offset(t) + row]);
  return own;
}

// [tags * tags + 2 * tags]: kForbidden for transitions, starts and ends that have no place in the order.
std::vector<float> forbidden_by(const TagOrder& order, std::size_t tags) {
  std::vector<float> scores;
  const auto add = [&](bool allowed) { scores.push_back(allowed ? 0 : kForbidden); };
  for (std::size_t i = 0; i < tags; ++i) {
    for (std::size_t j = 0; j < tags; ++j) add(order.may_follow(i, j));
  }
  for (std::size_t j = 0; j < tags; ++j) add(order.may_begin(j));
  for (std::size_t j = 0; j < tags; ++j) add(order.may_end(j));
  return scores;
}

}  // namespace

TagHead::TagHead(const TagHeadSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "tags")),
      tags_(field_as<TagsField>(place.fields, spec.field, "tags")),
      output_(tags_.names().size(), place.layers.output_width(), place.parameters) {
  output_.name_rows(place.parameters, spec.field);
  if (!spec.words.empty()) {
    words_ = &field_as<WordsField>(place.fields, spec.words, "tags");
    words_field_ = field_named(place.fields, spec.words, "tags");
  }
  const std::size_t tags = tags_.names().size();
  if (spec.constrain) order_.emplace(tags_);
  forbidden_ = order_ ? forbidden_by(*order_, tags) : std::vector<float>(tags * tags + 2 * tags, 0.0F);
  if (!spec.crf) return;
  transitions_ = place.parameters.declare("crf.transitions", tags, tags, InitialValues::within(0.1F));
  starts_ = place.parameters.declare("crf.starts", 0, tags, InitialValues::within(0.1F));
  ends_ = place.parameters.declare("crf.ends", 0, tags, InitialValues::within(0.1F));
  place.parameters.name_rows(transitions_, spec.field, true);
  for (const Parameters::Id id : {starts_, ends_}) place.parameters.name_rows(id, spec.field);
}

// Without a CRF nothing is scored but by what is forbidden, and nothing is learned of it.
TagHead::Chain TagHead::chain(const Run& run) const {
  const std::size_t tags = tags_.names().size();
  if (spec_.crf && !order_) return {run[transitions_], run[starts_], run[ends_]};
  float* const scores = run.tape.arena().take<float>(forbidden_.size()).data();
  std::ranges::copy(forbidden_, scores);
  Chain chain{{scores, nullptr, tags, tags},
              {scores + tags * tags, nullptr, 1, tags},
              {scores + tags * tags + tags, nullptr, 1, tags}};
  if (!spec_.crf) return chain;
  float* to = scores;
  const auto add = [&](Parameter& part, const Parameter& learned) {
    part.gradient = learned.gradient;
    for (std::size_t i = 0; i < part.rows * part.columns; ++i) *to++ += learned.value[i];
  };
  add(chain.transitions, run[transitions_]);
  add(chain.starts, run[starts_]);
  add(chain.ends, run[ends_]);
  return chain;
}

std::string TagHead::unlearnable(const Records& records, std::size_t record) const {
  if (!order_ || !spec_.crf) return "";
  const std::span<const int> tags = records.columns[field_].ids[record];
  const std::optional<std::size_t> step = order_->broken_at(tags);
  return step ? order_->problem(tags, *step) : "";
}

std::span<const int> TagHead::without_broken(Tape& tape, const Steps& steps, std::span<const int> targets) const {
  const std::span<int> kept = tape.arena().take<int>(targets.size());
  std::ranges::copy(targets, kept.begin());
  for (std::size_t row = 0; row < steps.batch(); ++row) {
    if (!order_->broken_at(of_row(steps, targets, row))) continue;
    for (std::size_t t = 0; t < steps.length_of(row); ++t) kept[steps.offset(t) + row] = -1;
  }
  return kept;
}

LossSum TagHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  std::span<const int> targets = batch.fields[field_].targets;
  if (order_ && spec_.crf) targets = without_broken(run.tape, *encoded.steps, targets);
  const KnownTargets known(run.tape, targets);
  if (known.targets.empty()) return {};
  const float scale = gradient_scale(batch, known.targets.size());
  const Var x = encoded.stack.output;
  if (!spec_.crf) return {separate_loss(run, x, known, scale), known.targets.size()};
  return {joint_loss(run, x, *encoded.steps, targets, known.whole, scale), known.targets.size()};
}

double TagHead::separate_loss(const Run& run, Var x, const KnownTargets& known, float scale) const {
  return linear_cross_entropy(run.tape, known.rows_of(run.tape, x), run[output_.weight], run[output_.bias],
                              known.targets, {scale});
}

double TagHead::joint_loss(const Run& run, Var x, const Steps& steps, std::span<const int> targets, bool all_known,
                           float scale) const {
  const Var scores = output_(run, x);
  const Chain order = chain(run);
  const auto loss = [&](Var emissions, std::span<const int> tags, float gradient) {
    return crf_loss(run.tape, emissions, order.transitions, order.starts, order.ends, tags, steps, gradient);
  };
  if (all_known) return loss(scores, targets, scale);
  // What is known has the probability of all sequences of tags that agree with it. A loss is the logarithm of the sum
  // over all sequences without the score of one; the same one, which must not be forbidden, is taken off both.
  const Var agreeing = add(run.tape, scores, forbid_other_tags(run.tape, targets));
  const std::span<int> one = run.tape.arena().take<int>(targets.size());
  if (order_) {
    crf_decode(run.tape.value(agreeing), order.transitions, order.starts, order.ends, steps, one);
  } else {
    std::ranges::transform(targets, one.begin(), [](int tag) { return is_known(tag) ? tag : 0; });
  }
  const double all = loss(scores, one, scale);
  return all - loss(agreeing, one, -scale);
}

Var TagHead::forbid_other_tags(Tape& tape, std::span<const int> targets) const {
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

void TagHead::check(const PredictOptions& options) const {
  if (options.probabilities && options.decode.n_best > 1) {
    fail("--probabilities: of the tags of one sequence; leave it out, or --n-best");
  }
}

std::vector<int> TagHead::best_tags(const Chain& chain, const ConstMatrix& scores, const Steps& steps) const {
  std::vector<int> best(scores.rows);
  if (spec_.crf || order_) {
    crf_decode(scores, chain.transitions, chain.starts, chain.ends, steps, best);
    return best;
  }
  for (std::size_t i = 0; i < scores.rows; ++i) {
    const std::span<const float> row(scores.data + i * scores.stride, scores.columns);
    best[i] = static_cast<int>(std::ranges::max_element(row) - row.begin());
  }
  return best;
}

std::vector<std::string> TagHead::names_of(std::span<const int> tags) const {
  std::vector<std::string> names;
  for (const int tag : tags) names.push_back(tags_.names()[static_cast<std::size_t>(tag)]);
  return names;
}

void TagHead::predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
                      std::span<Prediction> predictions) const {
  const Matrix scores = run.tape.value(output_(run, encoded.stack.output));
  check_results({scores.data, scores.rows * scores.stride}, "the score of a tag");
  const Steps& steps = *encoded.steps;
  const Chain order = chain(run);
  const std::vector<int> best = best_tags(order, scores, steps);
  std::vector<float> probabilities(options.probabilities ? scores.rows : 0);
  if (options.probabilities) {
    crf_marginals(scores, order.transitions, order.starts, order.ends, steps, best, probabilities);
  }
  std::vector<std::vector<TagPath>> several;
  const std::size_t n = options.decode.n_best;
  if (n > 1) several = crf_best(scores, order.transitions, order.starts, order.ends, steps, n);
  for (std::size_t row = 0; row < predictions.size(); ++row) {
    TagsPrediction& prediction = predictions[row].emplace<TagsPrediction>();
    if (words_ != nullptr) prediction.words = words_of(batch, row);
    prediction.tags = names_of(of_row<int>(steps, best, row));
    if (options.probabilities) prediction.probabilities = of_row<float>(steps, probabilities, row);
    if (n <= 1) continue;
    for (const TagPath& path : several[row]) prediction.best.push_back({names_of(path.tags), path.log_probability});
  }
}

std::optional<StepOutput> TagHead::step_output() const {
  return spec_.crf || order_ ? std::nullopt : std::optional(output_.of_step());
}

std::vector<std::pair<std::string, std::string>> TagHead::describe() const { return {{"tags", tags_.describe()}}; }

}  // namespace recur
