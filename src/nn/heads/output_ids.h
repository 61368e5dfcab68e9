// A linear layer behind the layers.
#pragma once

#include <cstddef>
#include <string>

#include "autograd/operations.h"
#include "nn/head.h"

namespace recur {

// output.weight [outputs, width] and output.bias.
struct OutputIds {
  OutputIds(std::size_t outputs, std::size_t width, Parameters& parameters);
  // The outputs stand for the names of this vocabulary.
  void name_rows(Parameters& parameters, const std::string& vocabulary) const {
    for (const Parameters::Id id : {weight, bias}) parameters.name_rows(id, vocabulary);
  }
  Var operator()(const Run& run, Var x) const { return linear(run.tape, x, run[weight], run[bias]); }
  StepOutput of_step(const NumbersField* numbers = nullptr) const { return {weight, bias, count, numbers}; }

  std::size_t count;
  Parameters::Id weight, bias;
};

}  // namespace recur
