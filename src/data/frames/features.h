// Frames of a sound: log energies in bands of the mel scale, or mel-frequency cepstral coefficients (Davis &
// Mermelstein 1980), as Kaldi computes them without dither (its feature-window, mel-computations and feature-mfcc):
//
//   frames   of frame_ms every hop_ms, all within the sound; a shorter sound is one frame, with zeros behind it
//   of each  its mean is taken off; x[n] -= 0.97 x[n - 1], and x[0] -= 0.97 x[0]; times a Hamming window; zeros up to a
//            power of two; the power |X|^2 of its spectrum
//   mels     triangles, evenly spaced over mel(f) = 1127 ln(1 + f / 700) from 20 Hz to half the rate, and straight in
//            mel; the natural logarithm of each one's sum, at least 1e-10
//   mfcc     c[i] = sqrt(2 / M) sum over m of mel[m] cos(pi i (m + 1/2) / M), c[0] over sqrt(2) of that; times
//            the lifter 1 + 11 sin(pi i / 22)
//
// Kaldi's samples are of 16 bits and these between -1 and 1: its log energies are larger by 2 ln 32768.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "data/frames/spectrum.h"
#include "recur/types/sound.h"

namespace recur {

// Vectors, one a step, [steps, width].
struct Frames {
  std::vector<float> values;
  std::size_t width = 1;

  std::size_t steps() const { return values.size() / width; }
};

// One thread at a time uses one.
class FeatureMaker {
 public:
  // Throws Error naming the flag of an option that makes no sense.
  explicit FeatureMaker(const SoundOptions& options);

  // The frames of samples, of which there is at least one.
  Frames operator()(std::span<const float> samples);

  // Samples of a frame, and from one's beginning to the next's.
  std::size_t frame() const { return frame_; }
  std::size_t hop() const { return hop_; }

 private:
  // A triangle over the powers from `first` on.
  struct Band {
    std::size_t first = 0;
    std::vector<float> weights;
  };
  void make_bands();
  void make_cosines();
  void log_energies(std::span<const float> frame, std::span<float> to);

  SoundOptions options_;
  std::size_t frame_, hop_;  // samples
  std::vector<float> window_, padded_, powers_, energies_;
  std::vector<Band> bands_;
  std::vector<float> cosines_;  // [coefficients, mels]
  std::optional<Spectrum> spectrum_;
};

// Puts beside each column its slope, and as often again the slopes' as `deltas` says (the HTK Book 5.6):
// d[t] = sum over n = 1, 2 of n (c[t + n] - c[t - n]) / 10, where steps beyond the ends are as the last ones.
Frames with_deltas(const Frames& frames, std::size_t deltas);

// Gives each column mean 0 and deviation 1; a constant one stays 0.
void normalize(Frames& frames);

}  // namespace recur
