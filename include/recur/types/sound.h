// How sounds, files of features and pictures of lines of text become frames: the vectors that layers read, one a step.
//
// Plain data and functions without state, safe from any thread.
#pragma once

#include <array>
#include <cstddef>

#include "recur/types/choices.h"

namespace recur {

// What a frame of a sound holds. fbank: the logarithms of its energies in bands of the mel scale; mfcc: the first
// coefficients of their cosine transform (Davis & Mermelstein 1980); samples: one sample a frame.
enum class Features { fbank, mfcc, samples };
template <>
inline constexpr auto choices<Features> =
    std::array{Named{Features::fbank, "fbank"}, Named{Features::mfcc, "mfcc"}, Named{Features::samples, "samples"}};

// Over what each column of the frames gets mean 0 and deviation 1: the training data, each recording, or nothing.
enum class Normalize { dataset, utterance, none };
template <>
inline constexpr auto choices<Normalize> = std::array{
    Named{Normalize::dataset, "dataset"}, Named{Normalize::utterance, "utterance"}, Named{Normalize::none, "none"}};

struct SoundOptions {
  Features features = Features::fbank;
  std::size_t mels = 40;             // bands of fbank and mfcc
  std::size_t coefficients = 13;     // of mfcc, the energy's among them; and the width of Sphinx's .mfc files
  std::size_t deltas = 0;            // how often the slopes of the columns are put beside them: 0, 1 or 2
  std::size_t frame_ms = 25;         // what a frame covers
  std::size_t hop_ms = 10;           // from a frame's beginning to the next one's
  std::size_t sample_rate = 16'000;  // of the model: sounds of another are resampled
  std::size_t height = 32;           // of pictures of lines, which are scaled to it; a frame is a column
  Normalize normalize = Normalize::dataset;
  bool operator==(const SoundOptions&) const = default;
};

// How layers read frames. Masks, noise and speeds are drawn anew, in each step or epoch of training (Park et al. 2019);
// what is masked has the column's mean, unless normalize is none: then it is 0.
struct FramesOptions {
  std::size_t stack = 1;            // so many frames become one, side by side; of the last ones what is not there is 0
  std::size_t time_masks = 0;       // runs of frames that are masked, of each sequence
  std::size_t time_mask = 20;       // their longest, and at most a fifth of the sequence
  std::size_t frequency_masks = 0;  // runs of columns that are masked
  std::size_t frequency_mask = 8;   // their widest
  // Each sound is heard in every epoch at a speed drawn from 1 - speed, 1 and 1 + speed (Ko et al. 2015); 0: as it is.
  float speed = 0;
  float noise = 0;  // the deviation of normal noise on scaled numbers (Graves et al. 2013)
  bool operator==(const FramesOptions&) const = default;
};

class OptionList;  // recur/types/options.h
void list_options(OptionList& list, SoundOptions& options);
void list_options(OptionList& list, FramesOptions& options);

}  // namespace recur
