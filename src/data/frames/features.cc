#include "data/frames/features.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/error.h"

namespace recur {
namespace {

constexpr float kEmphasis = 0.97F, kLeastEnergy = 1e-10F;
constexpr double kLowest = 20, kLifter = 22;
constexpr double kPi = std::numbers::pi;

double mel(double frequency) { return 1127 * std::log1p(frequency / 700); }

std::size_t samples_of(std::size_t milliseconds, std::size_t rate) { return rate * milliseconds / 1000; }

}  // namespace

FeatureMaker::FeatureMaker(const SoundOptions& options)
    : options_(options),
      frame_(samples_of(options.frame_ms, options.sample_rate)),
      hop_(samples_of(options.hop_ms, options.sample_rate)) {
  if (options.features == Features::samples) return;
  if (frame_ < 2) fail("--frame-ms: {} ms are less than two samples; expected more", options.frame_ms);
  if (hop_ < 1) fail("--hop-ms: {} ms are less than a sample; expected more", options.hop_ms);
  const std::size_t size = std::bit_ceil(frame_);
  spectrum_.emplace(size);
  padded_.resize(size);
  powers_.resize(size / 2 + 1);
  energies_.resize(options.mels);
  for (std::size_t n = 0; n < frame_; ++n) {
    const double turn = 2 * kPi * static_cast<double>(n) / static_cast<double>(frame_ - 1);
    window_.push_back(static_cast<float>(0.54 - 0.46 * std::cos(turn)));
  }
  make_bands();
  if (options.features == Features::mfcc) make_cosines();
}

void FeatureMaker::make_bands() {
  const double rate = static_cast<double>(options_.sample_rate), size = static_cast<double>(padded_.size());
  const double low = mel(kLowest), high = mel(rate / 2);
  const double step = (high - low) / static_cast<double>(options_.mels + 1);
  for (std::size_t m = 0; m < options_.mels; ++m) {
    const double left = low + step * static_cast<double>(m);
    Band band;
    for (std::size_t k = 0; k + 1 < powers_.size(); ++k) {
      const double at = (mel(static_cast<double>(k) * rate / size) - left) / step;  // 1 at the top, 2 at the right end
      if (at <= 0 || at >= 2) continue;
      if (band.weights.empty()) band.first = k;
      band.weights.push_back(static_cast<float>(at <= 1 ? at : 2 - at));
    }
    if (band.weights.empty()) {
      fail("--mels: {} bands are too many for frames of {} ms at {} samples a second; expected fewer", options_.mels,
           options_.frame_ms, options_.sample_rate);
    }
    bands_.push_back(std::move(band));
  }
}

void FeatureMaker::make_cosines() {
  const double mels = static_cast<double>(options_.mels);
  if (options_.coefficients > options_.mels) {
    fail("--coefficients: expected at most {}, as many as --mels, got {}", options_.mels, options_.coefficients);
  }
  for (std::size_t i = 0; i < options_.coefficients; ++i) {
    const double order = static_cast<double>(i);
    const double scale = std::sqrt((i == 0 ? 1 : 2) / mels) * (1 + kLifter / 2 * std::sin(kPi * order / kLifter));
    for (std::size_t m = 0; m < options_.mels; ++m) {
      cosines_.push_back(static_cast<float>(scale * std::cos(kPi * order * (static_cast<double>(m) + 0.5) / mels)));
    }
  }
}

void FeatureMaker::log_energies(std::span<const float> frame, std::span<float> to) {
  std::ranges::fill(padded_, 0.0F);
  std::ranges::copy(frame, padded_.begin());
  const std::span<float> x(padded_.data(), frame_);
  const float mean = std::accumulate(x.begin(), x.end(), 0.0F) / static_cast<float>(frame_);
  for (float& sample : x) sample -= mean;
  for (std::size_t n = frame_; n-- > 0;) x[n] = (x[n] - kEmphasis * x[n == 0 ? 0 : n - 1]) * window_[n];
  spectrum_->power(padded_, powers_);
  for (std::size_t m = 0; m < bands_.size(); ++m) {
    float energy = 0;
    for (std::size_t k = 0; k < bands_[m].weights.size(); ++k)
      energy += bands_[m].weights[k] * powers_[bands_[m].first + k];
    to[m] = std::log(std::max(energy, kLeastEnergy));
  }
}

Frames FeatureMaker::operator()(std::span<const float> samples) {
  assert(!samples.empty());
  if (options_.features == Features::samples) return {{samples.begin(), samples.end()}, 1};
  const bool mfcc = options_.features == Features::mfcc;
  const std::size_t steps = samples.size() < frame_ ? 1 : 1 + (samples.size() - frame_) / hop_;
  Frames frames{{}, mfcc ? options_.coefficients : options_.mels};
  frames.values.resize(steps * frames.width);
  for (std::size_t t = 0; t < steps; ++t) {
    const auto frame = samples.subspan(t * hop_, std::min(frame_, samples.size() - t * hop_));
    const std::span<float> to(frames.values.data() + t * frames.width, frames.width);
    log_energies(frame, mfcc ? std::span<float>(energies_) : to);
    for (std::size_t i = 0; mfcc && i < to.size(); ++i) {
      to[i] = std::inner_product(energies_.begin(), energies_.end(),
                                 cosines_.begin() + static_cast<std::ptrdiff_t>(i * energies_.size()), 0.0F);
    }
  }
  return frames;
}

Frames with_deltas(const Frames& frames, std::size_t deltas) {
  const std::size_t steps = frames.steps(), width = frames.width, whole = width * (deltas + 1);
  Frames all{std::vector<float>(steps * whole), whole};
  for (std::size_t t = 0; t < steps; ++t) {
    std::copy_n(frames.values.data() + t * width, width, all.values.data() + t * whole);
  }
  const auto step_at = [&](std::size_t t, std::ptrdiff_t away) {
    return std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(t) + away, 0, static_cast<std::ptrdiff_t>(steps) - 1);
  };
  // Column c of deltas is the slope of the one `width` columns before it.
  for (std::size_t c = width; c < whole; c += width) {
    for (std::size_t t = 0; t < steps; ++t) {
      const auto row = [&](std::ptrdiff_t away) {
        return all.values.data() + static_cast<std::size_t>(step_at(t, away)) * whole + c - width;
      };
      const float *one = row(1), *two = row(2), *back = row(-1), *back_two = row(-2);
      float* to = all.values.data() + t * whole + c;
      for (std::size_t i = 0; i < width; ++i) to[i] = (one[i] - back[i] + 2 * (two[i] - back_two[i])) / 10;
    }
  }
  return all;
}

void normalize(Frames& frames) {
  const std::size_t steps = frames.steps(), width = frames.width;
  for (std::size_t column = 0; column < width; ++column) {
    double sum = 0, squares = 0;
    for (std::size_t t = 0; t < steps; ++t) sum += static_cast<double>(frames.values[t * width + column]);
    const double mean = sum / static_cast<double>(steps);
    for (std::size_t t = 0; t < steps; ++t) {
      const double off = static_cast<double>(frames.values[t * width + column]) - mean;
      squares += off * off;
    }
    const double scale = std::sqrt(static_cast<double>(steps) / squares);
    for (std::size_t t = 0; t < steps; ++t) {
      float& value = frames.values[t * width + column];
      value = std::isfinite(scale) ? static_cast<float>((static_cast<double>(value) - mean) * scale) : 0;
    }
  }
}

}  // namespace recur
