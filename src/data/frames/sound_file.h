// Samples of sound files: WAV, FLAC, Ogg and what else libsndfile reads.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// A sound has so many samples at most, 17 minutes at 16,000 a second: it is in memory whole.
inline constexpr std::size_t kMostSamples = std::size_t{1} << 24;

// Whether this program can read sounds, and make spectra of them.
bool has_sound();

// The samples of a file, between -1 and 1 where it has whole numbers; the mean of its channels, resampled to `rate`
// samples a second of the sound as it is at so many times its speed: pitch and tempo change together. Throws Error
// naming the file: one that cannot be read or is no sound, that has no samples, samples that are not finite, or more
// than kMostSamples.
std::vector<float> read_sound(const std::string& path, std::size_t rate, double speed = 1);
// The same of samples in memory. speed: above 0, at most 2.
std::vector<float> at_speed(std::span<const float> samples, double speed);

// Whether a path has the ending of a sound that can be written: .wav or .flac.
inline bool is_writable_sound(std::string_view path) { return path.ends_with(".wav") || path.ends_with(".flac"); }
// A sound of one channel, of 16 bits, rounded; what is beyond -1 and 1 is cut there: returns how many samples are.
// Throws Error naming the file.
std::size_t write_sound(const std::string& path, std::span<const float> samples, std::size_t rate);

}  // namespace recur
