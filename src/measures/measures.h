// How good predictions are.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "data/field.h"
#include "nn/loss_sum.h"
#include "recur/types/prediction.h"
#include "recur/types/recipe.h"

namespace recur {

// What a task itself goes by, beside the loss.
struct Measure {
  const char* name = "";
  double value = 0;
  bool higher_is_better = true;
};

// Null where there was nothing to measure.
nlohmann::ordered_json or_null(bool known, double value);

// Takes predictions, each with what was wanted and what it was made of; then says how good they are.
class Measures {
 public:
  virtual ~Measures() = default;
  // `input` is what the record has in input_field(), or nothing.
  virtual void add(const Prediction& prediction, const Cell& wanted, const Cell& input) = 0;
  virtual std::string_view input_field() const { return ""; }
  // Outputs among them that had not ended at their longest.
  virtual std::uint64_t cut_outputs() const { return 0; }
  // What decides which model is the best; the loss where there is none.
  virtual std::optional<Measure> decisive() const { return {}; }
  // By name; `records` are those that they were made of.
  virtual nlohmann::ordered_json metrics(const LossSum& loss, const Records& records) const = 0;
};

// Of a head of that kind. The fields must outlive it.
std::unique_ptr<Measures> make_measures(const HeadSpec& head, const Fields& fields);

}  // namespace recur
