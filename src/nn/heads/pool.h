// A sequence's outputs as one vector.
#pragma once

#include "nn/parameters.h"
#include "nn/recurrent_stack.h"
#include "nn/run.h"
#include "recur/types/recipe.h"

namespace recur {

class Pool {
 public:
  // Declares attention.weight, .bias, .vector and .shift where the pooling is that.
  Pool(Pooling kind, const RecurrentStack& layers, Parameters& parameters);

  // x [steps.total(), width] to [steps.batch(), width].
  Var operator()(const Run& run, Var x, const Steps& steps) const;
  Pooling kind() const { return kind_; }

 private:
  Pooling kind_;
  std::size_t forward_columns_;
  Parameters::Id weight_ = 0, bias_ = 0, vector_ = 0, shift_ = 0;
};

}  // namespace recur
