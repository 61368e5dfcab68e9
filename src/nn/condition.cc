#include "nn/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "autograd/pooling.h"
#include "autograd/readout.h"
#include "base/error.h"
#include "nn/embedded_stack.h"

namespace recur {
namespace {

// From the batch's order to that of a field's rows, or back: row of[i] of the result is row i of x.
Var in_batch_order(const Run& run, Var x, const std::vector<std::size_t>& of) {
  const std::span<std::size_t> rows = run.tape.arena().take<std::size_t>(of.size());
  for (std::size_t i = 0; i < of.size(); ++i) rows[of[i]] = i;
  return select_rows(run.tape, x, rows);
}

}  // namespace

Condition::Condition(const ConditionSpec& spec, const Fields& fields, std::optional<Parameters::Id> table,
                     Parameters& parameters)
    : spec_(spec), field_(field_named(fields, spec.field, "condition")), width_(spec.size) {
  const Field* field = fields[field_].get();
  if (const auto* labels = dynamic_cast<const LabelField*>(field)) {
    declare(*labels, parameters);
  } else if (const auto* text = dynamic_cast<const TextField*>(field)) {
    declare(*text, text->shares().empty() ? std::nullopt : table, parameters);
  } else {
    declare(field_as<NumbersField>(fields, spec.field, "condition"), parameters);
  }
}

void Condition::declare(const LabelField& labels, Parameters& parameters) {
  labels_ = &labels;
  table_ = parameters.declare("label.weight", labels.names().size(), spec_.size, InitialValues::within(1));
  parameters.name_rows(table_, labels.name());
}

void Condition::declare(const NumbersField& numbers, Parameters& parameters) {
  numbers_ = &numbers;
  if (numbers.follows_input()) fail("{}: as a condition it is one vector: NumbersSpec::one_step", numbers.name());
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(numbers.width())));
  weight_ = parameters.declare("condition.weight", spec_.size, numbers.width(), start);
  bias_ = parameters.declare("condition.bias", 0, spec_.size, start);
}

void Condition::declare(const TextField& text, std::optional<Parameters::Id> table, Parameters& parameters) {
  text_ = &text;
  if (spec_.size == 0) fail("--embedding: expected at least 1, got 0");
  if (table) {
    const auto& shape = parameters.declarations()[*table].shape;
    const bool fits =
        static_cast<std::size_t>(shape[0]) == text.vocabulary() && static_cast<std::size_t>(shape[1]) == spec_.size;
    if (!fits) fail("{}: expected the vocabulary and the embedding that it shares", text.name());
  }
  table_ = table ? *table
                 : parameters.declare("condition.embedding.weight", text.vocabulary(), spec_.size,
                                      InitialValues::within(0.1F));
  parameters.name_rows(table_, text.name());
  reader_.emplace(spec_.network, spec_.size, false, parameters, "condition.rnn.");
  width_ = reader_->output_width();
}

Var Condition::vector(const Run& run, const Batch& batch) const {
  const FieldBatch& field = batch.fields[field_];
  if (labels_ != nullptr) return row(run, field.targets);
  return text_ != nullptr ? read_text(run.child("condition"), field) : read_numbers(run, field);
}

Var Condition::row(const Run& run, std::span<const int> labels) const {
  return embedding(run.tape, run[table_], labels, 0, run.noise);
}

std::span<const float> Condition::row(const Parameters& parameters, int label) const {
  return {parameters.value(table_) + static_cast<std::size_t>(label) * width_, width_};
}

Var Condition::read_text(const Run& run, const FieldBatch& text) const {
  const Var x = embed(run, table_, text.ids, text.steps, 0, spec_.network);
  StackState state(reader_->state_layout(), text.steps.batch());
  const StackResult read = reader_->forward(run.child("rnn"), x, text.steps, state);
  reader_->penalise(run, read, *read.steps, 1);
  const Var last = last_output(run.tape, read.output, *read.steps, width_ / reader_->directions());
  return in_batch_order(run, last, text.of);
}

Var Condition::read_numbers(const Run& run, const FieldBatch& numbers) const {
  const Var x = run.tape.add(numbers.steps.total(), numbers_->width());
  std::ranges::copy(numbers.numbers, run.tape.value(x).data);
  return tanh_of(run.tape, linear(run.tape, x, run[weight_], run[bias_]));
}

void Condition::start_layers(const RecurrentStack& layers, Parameters& parameters) {
  if (layers.directions() == 1) starts_.emplace(layers, width_, parameters, "");
}

std::vector<std::pair<std::string, std::string>> Condition::describe() const {
  const char* where = !starts_ ? "beside every input"
                      : fed()  ? "in the first states and beside every input"
                               : "in the first states";
  if (labels_ != nullptr) {
    return {{"condition", fmt::format("embedding {}, {}", width_, where)}, {"labels", labels_->describe()}};
  }
  const std::string what = text_ != nullptr
                               ? fmt::format("{}, {}, embedding {}", text_->name(), text_->describe(), spec_.size)
                               : fmt::format("{}, {}", numbers_->name(), numbers_->describe());
  return {{"condition", fmt::format("{}, {}", what, where)}};
}

}  // namespace recur
