#include "data/frames/spectrum.h"

#include <kiss_fftr.h>

#include <cassert>
#include <new>
#include <vector>

namespace recur {

struct Spectrum::Plan {
  explicit Plan(std::size_t size) : fft(kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr)) {
    if (fft == nullptr) throw std::bad_alloc();
    values.resize(size / 2 + 1);
  }
  ~Plan() { kiss_fftr_free(fft); }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  kiss_fftr_cfg fft;
  std::vector<kiss_fft_cpx> values;
};

Spectrum::Spectrum(std::size_t size) : plan_(std::make_unique<Plan>(size)) { assert(size % 2 == 0); }
Spectrum::~Spectrum() = default;

void Spectrum::power(std::span<const float> samples, std::span<float> powers) {
  assert(samples.size() / 2 + 1 == plan_->values.size() && powers.size() == plan_->values.size());
  kiss_fftr(plan_->fft, samples.data(), plan_->values.data());
  for (std::size_t k = 0; k < powers.size(); ++k) {
    const kiss_fft_cpx& value = plan_->values[k];
    powers[k] = value.r * value.r + value.i * value.i;
  }
}

}  // namespace recur
