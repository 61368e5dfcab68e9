// What a network is told of each record before its layers read: a part of a network (recur/types/recipe.h,
// ConditionSpec). A label has a row in a table; a text is read by layers of its own, of which the last outputs of both
// directions count; numbers go through a linear layer and tanh.
//
// Parameters: of a label label.weight [labels, size]; of a text condition.embedding.weight, unless it shares the table
// of what is read, and condition.rnn.*; of numbers condition.weight [size, width] and condition.bias.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "data/field.h"
#include "data/label_field.h"
#include "data/numbers_field.h"
#include "data/text_field.h"
#include "nn/first_states.h"
#include "nn/recurrent_stack.h"
#include "nn/run.h"
#include "recur/types/recipe.h"

namespace recur {

class Condition {
 public:
  // `table`: of the input's embedding, which a text shares that shares its vocabulary. The fields must outlive it.
  // Throws Error naming the flag of an option that makes no sense.
  Condition(const ConditionSpec& spec, const Fields& fields, std::optional<Parameters::Id> table,
            Parameters& parameters);

  // How wide its vector is, and whether that stands beside every input.
  std::size_t width() const { return width_; }
  bool fed() const { return spec_.feed; }
  // [records, width()], in the batch's order.
  Var vector(const Run& run, const Batch& batch) const;

  // Makes the states of the layers that it starts, once these are declared.
  void start_layers(const RecurrentStack& layers, Parameters& parameters);
  const std::optional<FirstStates>& starts() const { return starts_; }

  // Of labels: these, and the row of one; null for another kind.
  const LabelField* labels() const { return labels_; }
  Var row(const Run& run, std::span<const int> labels) const;
  std::span<const float> row(const Parameters& parameters, int label) const;

  // Layers of its own; null for none. For people: what there is to say of it.
  const RecurrentStack* layers() const { return reader_ ? &*reader_ : nullptr; }
  std::vector<std::pair<std::string, std::string>> describe() const;

 private:
  void declare(const LabelField& labels, Parameters& parameters);
  void declare(const NumbersField& numbers, Parameters& parameters);
  void declare(const TextField& text, std::optional<Parameters::Id> table, Parameters& parameters);
  Var read_text(const Run& run, const FieldBatch& text) const;
  Var read_numbers(const Run& run, const FieldBatch& numbers) const;

  ConditionSpec spec_;
  std::size_t field_, width_;
  const LabelField* labels_ = nullptr;
  const NumbersField* numbers_ = nullptr;
  const TextField* text_ = nullptr;
  Parameters::Id table_ = 0;              // of labels or of a text's tokens
  Parameters::Id weight_ = 0, bias_ = 0;  // of numbers
  std::optional<RecurrentStack> reader_;  // of a text
  std::optional<FirstStates> starts_;
};

}  // namespace recur
