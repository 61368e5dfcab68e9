// Whether what is predicted with a probability of 0.8 is right eight times in ten: the expected calibration error
// (Naeini, Cooper & Hauskrecht 2015, Guo et al. 2017).
#pragma once

#include <array>
#include <cstdint>

namespace recur {

class CalibrationError {
 public:
  void add(double probability, bool right);
  // In bins of equal width, each with its lower end and the last with 1 as well, the distance between the share that is
  // right and the mean probability; the mean of these, weighted by how many there are in each. 0 when there is nothing.
  double value() const;

 private:
  struct Bin {
    std::uint64_t count = 0, right = 0;
    double probability = 0;  // added up
  };
  std::array<Bin, 15> bins_;
};

}  // namespace recur
