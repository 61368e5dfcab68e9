// Draws chords from what a model says of each key of a piano.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// The notes that sound at step `step`, numbered as in MIDI, of the logits of a piano's keys: each for itself, with
// probability sigmoid(logit / temperature); at temperature 0 those that are more likely than not. Which follows from
// seed and step alone.
std::vector<int> pick_chord(std::span<const float> logits, float temperature, std::uint64_t seed, std::size_t step);

}  // namespace recur
