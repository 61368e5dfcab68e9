#include "recur/types/options.h"
#include "recur/types/sound.h"

namespace recur {
namespace {

// Beyond, speech is none.
constexpr Reals kSpeedChange = {"a number from 0 to 0.5", [](double x) { return x >= 0 && x <= 0.5; }};

}  // namespace

void list_options(OptionList& list, SoundOptions& o) {
  list.group("Sound and pictures");
  list.choice("features", o.features, "What a frame of a sound holds");
  list.count("mels", o.mels, {1, 1000}, "Bands of the mel scale, of fbank and mfcc");
  list.count("coefficients", o.coefficients, {1, 1000}, "Of mfcc; and the width of .mfc files");
  list.count("deltas", o.deltas, {0, 2}, "Slopes of the columns beside them: 1, and the slopes' slopes: 2");
  list.count("frame-ms", o.frame_ms, {1, 1000}, "Milliseconds that a frame covers");
  list.count("hop-ms", o.hop_ms, {1, 1000}, "Milliseconds from a frame to the next");
  for (const char* name : {"mels", "frame-ms", "hop-ms"}) list.need(name, {"features", {"fbank", "mfcc"}});
  list.count("sample-rate", o.sample_rate, {100, 384'000}, "Samples a second; other sounds are resampled");
  list.count("height", o.height, {1, 1024}, "Of pictures, which are scaled to it; a frame is a column");
  list.choice("normalize", o.normalize, "Over what columns get mean 0 and deviation 1");
}

void list_options(OptionList& list, FramesOptions& o) {
  list.group("Network");
  list.count("stack", o.stack, {1, 100}, "So many frames of numbers become one, side by side");
  list.group("Regularisation");
  list.count("time-masks", o.time_masks, {0, 100}, "Runs of frames that are masked in each sequence of numbers");
  list.count("time-mask", o.time_mask, {1, 10'000}, "Frames of the longest, and at most a fifth of the sequence");
  list.need("time-mask", {"time-masks"});
  list.count("frequency-masks", o.frequency_masks, {0, 100}, "Runs of columns that are masked");
  list.count("frequency-mask", o.frequency_mask, {1, 10'000}, "Columns of the widest");
  list.need("frequency-mask", {"frequency-masks"});
  list.real("speed-perturbation", o.speed, kSpeedChange,
            "Each sound is heard in every epoch at a speed drawn from 1 - X, 1 and 1 + X");
  list.real("input-noise", o.noise, kSize, "Deviation of normal noise on numbers that are read");
}

}  // namespace recur
