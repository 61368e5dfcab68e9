// What the first layer reads of a batch: a part of a network (recur/types/recipe.h has the kinds).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "data/batch.h"
#include "data/field.h"
#include "data/knob_field.h"
#include "data/numbers_field.h"
#include "nn/recurrent_stack.h"
#include "nn/run.h"
#include "recur/types/recipe.h"

namespace recur {

// A vector for each step of each sequence, [steps.total(), width]; or, of a one-hot input, an index.
struct Sequence {
  Var values;
  std::span<const int> indices;
  const Steps* steps = nullptr;
};

class Input {
 public:
  virtual ~Input() = default;

  // Of a one-hot input: how many indices there are.
  virtual std::size_t width() const = 0;
  virtual bool one_hot() const { return false; }
  // The batch must outlive the tape's contents.
  virtual Sequence read(const Run& run, const Batch& batch) const = 0;

  // Once parameters have their initial values: takes those that come from elsewhere. Returns what there is to say of
  // it.
  virtual std::string start(Parameters& /*parameters*/) const { return ""; }
  // Its embedding's table, if it has one.
  virtual std::optional<Parameters::Id> table() const { return {}; }
  // Whether what it says at a step follows from one step of its field, as it is.
  virtual bool one_step() const { return true; }
  // The field of numbers that it hands on as they are; null for tokens.
  virtual const NumbersField* numbers() const { return nullptr; }
  // Whether it hands on numbers of the data, of which none are dropped.
  virtual bool as_they_are() const { return false; }
  // Of an input of knobs, which stand beside every step of another: these.
  virtual std::span<const KnobField* const> knobs() const { return {}; }
  // Layers of its own; null for none.
  virtual const RecurrentStack* layers() const { return nullptr; }
  // For people: what it is, and what there is to say of it.
  virtual std::pair<std::string, std::string> describe() const = 0;
};

// Declares its parameters. Throws Error naming the flag of an option that makes no sense. `network` says how what it
// reads is regularised; names of parameters begin with `prefix`. The fields must outlive it.
std::unique_ptr<Input> make_input(const InputSpec& spec, const Fields& fields, const RecurrentOptions& network,
                                  Parameters& parameters, const std::string& prefix);

}  // namespace recur
