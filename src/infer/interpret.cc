#include "infer/interpret.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>
#include <utility>

#include "base/threads.h"
#include "infer/text_features.h"

namespace recur {
namespace {

constexpr std::size_t kBlock = 64;  // channels at a time: their sums, for all features, stay in the fastest cache
using Block = std::array<double, kBlock>;

constexpr float kClosed = 0.1F, kOpen = 0.9F, kSaturated = 0.9F;

struct MeasuredFeature {
  const TextFeature* feature = nullptr;
  std::vector<float> values;  // [length]
  double mean = 0;
  double deviation = 0;  // times the square root of the length
};

std::vector<MeasuredFeature> varying_features(const std::vector<std::string>& pieces) {
  std::vector<MeasuredFeature> measured;
  for (const TextFeature& feature : text_features()) {
    MeasuredFeature m{&feature, measure(feature, pieces)};
    if (std::ranges::adjacent_find(m.values, std::not_equal_to{}) == m.values.end()) continue;
    for (const float value : m.values) m.mean += double{value};
    m.mean /= static_cast<double>(m.values.size());
    double squares = 0;
    for (const float value : m.values) squares += (double{value} - m.mean) * (double{value} - m.mean);
    m.deviation = std::sqrt(squares);
    measured.push_back(std::move(m));
  }
  return measured;
}

// Of the channels from `first` on, at most kBlock: their correlation with each feature, to correlations: [features,
// channels]; NaN where there is none. products: [features], all 0. A channel is measured from its first value, so that
// sums of squares lose nothing to a large mean, and one that never changes has a variance of exactly 0.
void correlate_block(const std::vector<MeasuredFeature>& features, const Activations& activations, std::size_t first,
                     std::span<Block> products, std::vector<double>& correlations) {
  const std::size_t count = std::min(kBlock, activations.channels - first);
  Block x{}, sum{}, squares{};
  const float* origin = activations.values.data() + first;
  for (std::size_t t = 0; t < activations.length(); ++t) {
    const float* row = origin + t * activations.channels;
    for (std::size_t c = 0; c < count; ++c) x[c] = double{row[c]} - double{origin[c]};
    for (std::size_t c = 0; c < kBlock; ++c) {
      sum[c] += x[c];
      squares[c] += x[c] * x[c];
    }
    for (std::size_t f = 0; f < features.size(); ++f) {
      const double value = double{features[f].values[t]};
      if (value == 0) continue;  // the most common one
      Block& product = products[f];
      for (std::size_t c = 0; c < kBlock; ++c) product[c] += value * x[c];
    }
  }
  constexpr double kRounding = 1e-13;  // of the sums
  const auto length = static_cast<double>(activations.length());
  for (std::size_t f = 0; f < features.size(); ++f) {
    for (std::size_t c = 0; c < count; ++c) {
      const double variance = squares[c] - sum[c] * sum[c] / length;
      const double covariance = products[f][c] - features[f].mean * sum[c];
      // Not true for NaN either.
      correlations[f * activations.channels + first + c] =
          variance > kRounding * squares[c]
              ? std::clamp(covariance / (features[f].deviation * std::sqrt(variance)), -1.0, 1.0)
              : std::nan("");
    }
  }
}

std::vector<UnitMatch> largest(std::span<const double> correlations, std::size_t best) {
  std::vector<UnitMatch> matches;
  for (std::size_t c = 0; c < correlations.size(); ++c) {
    if (std::isfinite(correlations[c])) matches.push_back({c, correlations[c]});
  }
  const auto end = matches.begin() + static_cast<std::ptrdiff_t>(std::min(best, matches.size()));
  std::partial_sort(matches.begin(), end, matches.end(), [](const UnitMatch& a, const UnitMatch& b) {
    const double size_a = std::abs(a.correlation), size_b = std::abs(b.correlation);
    return size_a != size_b ? size_a > size_b : a.channel < b.channel;
  });
  matches.erase(end, matches.end());
  return matches;
}

}  // namespace

std::vector<FeatureMatches> match_features(const std::vector<std::string>& pieces, const Activations& activations,
                                           std::size_t best) {
  assert(activations.length() == pieces.size() &&
         activations.values.size() == activations.length() * activations.channels);
  const std::vector<MeasuredFeature> features = varying_features(pieces);
  std::vector<double> correlations(features.size() * activations.channels);
  const std::size_t blocks = features.empty() ? 0 : (activations.channels + kBlock - 1) / kBlock;
  std::vector<Block> products(blocks * features.size());
  parallel_for(blocks, [&](std::size_t block) {
    correlate_block(features, activations, block * kBlock,
                    std::span(products).subspan(block * features.size(), features.size()), correlations);
  });

  std::vector<FeatureMatches> all;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const auto& values = features[f].values;
    FeatureMatches matches{
        features[f].feature->name, features[f].feature->explanation,
        values.size() - static_cast<std::size_t>(std::ranges::count(values, 0.0F)),
        largest(std::span(correlations).subspan(f * activations.channels, activations.channels), best)};
    if (!matches.best.empty()) all.push_back(std::move(matches));
  }
  std::ranges::stable_sort(all, std::greater{},
                           [](const FeatureMatches& m) { return std::abs(m.best.front().correlation); });
  return all;
}

std::vector<Saturation> saturation(const Activations& activations, std::size_t first, std::size_t count) {
  std::vector<std::size_t> left(count), right(count);
  for (std::size_t t = 0; t < activations.length(); ++t) {
    for (std::size_t c = 0; c < count; ++c) {
      const float value = activations.at(t, first + c);
      left[c] += value < kClosed ? 1 : 0;
      right[c] += value > kOpen ? 1 : 0;
    }
  }
  const auto length = static_cast<double>(std::max<std::size_t>(activations.length(), 1));
  std::vector<Saturation> shares(count);
  for (std::size_t c = 0; c < count; ++c) {
    shares[c] = {static_cast<double>(left[c]) / length, static_cast<double>(right[c]) / length};
  }
  return shares;
}

SaturationSummary summarize(std::span<const Saturation> units) {
  SaturationSummary summary;
  summary.units = units.size();
  for (const Saturation& unit : units) {
    summary.mean.left += unit.left / static_cast<double>(units.size());
    summary.mean.right += unit.right / static_cast<double>(units.size());
    summary.mostly_left += unit.left > 0.5 ? 1 : 0;
    summary.mostly_right += unit.right > 0.5 ? 1 : 0;
  }
  return summary;
}

StateStatistics state_statistics(const Activations& activations, std::size_t first, std::size_t count) {
  if (activations.length() * count == 0) return {};
  const auto size = static_cast<double>(activations.length() * count);
  const auto mean_of = [&](const auto& function) {
    double sum = 0;
    for (std::size_t t = 0; t < activations.length(); ++t) {
      for (std::size_t c = 0; c < count; ++c) sum += function(double{activations.at(t, first + c)});
    }
    return sum / size;
  };
  const double mean = mean_of([](double x) { return x; });
  return {mean, std::sqrt(mean_of([mean](double x) { return (x - mean) * (x - mean); })),
          mean_of([](double x) { return std::abs(x) > double{kSaturated} ? 1.0 : 0.0; })};
}

}  // namespace recur
