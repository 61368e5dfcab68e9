// The temperature of a classifier (Guo, Pleiss, Sun & Weinberger 2017): its probabilities are softmax(logits / T), or
// sigmoid(logits / T), with T such that validation data is most probable. Which label is the most probable stays as it
// is.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>

namespace recur {

class Temperature {
 public:
  double value() const { return value_; }
  double inverse() const { return 1 / value_; }

  // T, from e^-3 to e^3, for which the sum of the losses -log p of what is right plus (log T)^2 / 2 is least: a few
  // records, all of them right, say little of how sure to be. slope(b): the derivative of that sum by b = 1 / T.
  void fit(const std::function<double(double inverse)>& slope);

  // A model that has none was made before there were any: 1. read() throws Error for what fit() cannot have found.
  void write(nlohmann::json& configuration) const;
  void read(const nlohmann::json& configuration);

 private:
  double value_ = 1;
};

}  // namespace recur
