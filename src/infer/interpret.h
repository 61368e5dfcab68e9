// What units of a network follow, and how far their gates are open, from nothing but the text and the activations that
// a network had while it read it: Karpathy, Johnson & Fei-Fei 2015, "Visualizing and understanding recurrent networks".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace recur {

// values: [length, channels]. A channel is one unit of one state or gate of a layer; row t is after reading piece t.
struct Activations {
  std::span<const float> values;
  std::size_t channels = 0;

  std::size_t length() const { return channels == 0 ? 0 : values.size() / channels; }
  float at(std::size_t step, std::size_t channel) const { return values[step * channels + channel]; }
};

struct UnitMatch {
  std::size_t channel = 0;
  double correlation = 0;  // Pearson's r, in [-1, 1]
};

struct FeatureMatches {
  std::string name, explanation;  // of text_features.h
  std::size_t positions = 0;  // where the feature is not 0; of a correlation over few of them, chance may be the cause
  std::vector<UnitMatch> best;  // by falling |r|; of equal ones the lower channel first
};

// The correlation of every channel with every feature of the text, and of each feature the `best` channels with the
// largest |r|. The features are in the order of their largest |r|. Left out: features that are the same all along the
// text; channels that never change or are not finite somewhere. activations.length() must be pieces.size(). The same
// bits whatever the number of threads; takes length x channels x features.
std::vector<FeatureMatches> match_features(const std::vector<std::string>& pieces, const Activations& activations,
                                           std::size_t best = 3);

// Of a gate with values in [0, 1]: the shares of steps at which it is all but closed and all but open.
struct Saturation {
  double left = 0;   // below 0.1
  double right = 0;  // above 0.9
};

// One for each of the channels [first, first + count).
std::vector<Saturation> saturation(const Activations& activations, std::size_t first, std::size_t count);

struct SaturationSummary {
  std::size_t units = 0;
  Saturation mean;
  std::size_t mostly_left = 0, mostly_right = 0;  // units with a share above one half
};

SaturationSummary summarize(std::span<const Saturation> units);

// Over all steps and all of the channels [first, first + count).
struct StateStatistics {
  double mean = 0, deviation = 0;  // the standard deviation, dividing by the number of values
  double saturated = 0;            // the share with a magnitude above 0.9
};

StateStatistics state_statistics(const Activations& activations, std::size_t first, std::size_t count);

}  // namespace recur
