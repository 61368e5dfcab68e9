// A mean of a model's parameters over steps of its training, which is validated and kept in their place (AverageKind).
// Where p are the n-th parameters of the mean m, counted from 1,
//   ema         m = m + max(1 - decay, 10 / (n + 9)) * (p - m): the decay grows as (n - 1) / (n + 9)
//   swa, asgd   m = m + (p - m) / n
//
// asgd begins when the validation of an epoch is worse than the best of those more than `patience` epochs before it, as
// in the program of Merity, Keskar & Socher 2018.
//
// The same parameters give the same bits with any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recur/types/training.h"

namespace recur {

class Average {
 public:
  // Of `size` parameters.
  Average(const Averaging& options, std::size_t size);

  AverageKind kind() const { return options_.kind; }

  // After every step; at the end of every whole epoch, counted from 1.
  void after_step(std::span<const float> parameters);
  void after_epoch(std::uint64_t epoch, std::span<const float> parameters);
  // What the validation of a whole epoch came to, the lower the better.
  void after_validation(double value);

  // How many parameters the mean is of; at 0 there is none.
  std::uint64_t count() const { return count_; }
  std::span<float> values() { return values_; }

  // What a checkpoint keeps besides the values: the validations of asgd until it began, and whether it has.
  const std::vector<double>& validations() const { return validations_; }
  bool begun() const { return begun_; }
  void restore(std::uint64_t count, std::vector<double> validations, bool begun);

 private:
  void add(std::span<const float> parameters);

  Averaging options_;
  std::vector<float> values_;
  std::uint64_t count_ = 0;
  std::vector<double> validations_;
  bool begun_ = false;
};

// While it lives, parameters are their mean, if there is one.
class AverageInPlace {
 public:
  AverageInPlace(Average& average, std::span<float> parameters);
  ~AverageInPlace() { swap(); }
  AverageInPlace(const AverageInPlace&) = delete;
  AverageInPlace& operator=(const AverageInPlace&) = delete;

 private:
  void swap();

  std::span<float> mean_, parameters_;
};

}  // namespace recur
