#include "train/average.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/threads.h"

namespace recur {

Average::Average(const Averaging& options, std::size_t size)
    : options_(options), values_(options.kind == AverageKind::none ? 0 : size) {}

void Average::after_step(std::span<const float> parameters) {
  if (options_.kind == AverageKind::ema || begun_) add(parameters);
}

void Average::after_epoch(std::uint64_t epoch, std::span<const float> parameters) {
  if (options_.kind == AverageKind::swa && epoch >= options_.from) add(parameters);
}

void Average::after_validation(double value) {
  if (options_.kind != AverageKind::asgd || begun_ || !std::isfinite(value)) return;
  const std::size_t late = std::min<std::uint64_t>(options_.patience, validations_.size());
  const auto early = std::span(validations_).first(validations_.size() - late);
  begun_ = !early.empty() && value > std::ranges::min(early);
  validations_.push_back(value);
  if (begun_) validations_.clear();
}

void Average::restore(std::uint64_t count, std::vector<double> validations, bool begun) {
  count_ = count;
  validations_ = std::move(validations);
  begun_ = begun;
}

void Average::add(std::span<const float> parameters) {
  const auto n = static_cast<double>(++count_);
  const double share = options_.kind == AverageKind::ema ? std::max(1 - options_.decay, 10 / (n + 9)) : 1 / n;
  parallel_slices(values_.size(), kElementSlice, [&](std::size_t first, std::size_t last) {
    const auto s = static_cast<float>(share);
    for (std::size_t i = first; i < last; ++i) values_[i] += s * (parameters[i] - values_[i]);
  });
}

AverageInPlace::AverageInPlace(Average& average, std::span<float> parameters)
    : mean_(average.count() > 0 ? average.values() : std::span<float>()), parameters_(parameters) {
  swap();
}

void AverageInPlace::swap() { std::swap_ranges(mean_.begin(), mean_.end(), parameters_.begin()); }

}  // namespace recur
