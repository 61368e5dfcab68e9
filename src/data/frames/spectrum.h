// The power of a signal at each frequency. One thread at a time uses one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace recur {

class Spectrum {
 public:
  // Of `size` samples, an even number.
  explicit Spectrum(std::size_t size);
  ~Spectrum();
  Spectrum(const Spectrum&) = delete;
  Spectrum& operator=(const Spectrum&) = delete;

  // powers [size / 2 + 1] of samples [size]: |sum over n of samples[n] e^(-2 pi i k n / size)|^2 of each k.
  void power(std::span<const float> samples, std::span<float> powers);

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace recur
