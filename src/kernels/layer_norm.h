// Layer normalisation (Ba, Kiros & Hinton 2016) of the gates of a stage: each gate's pre-activation is brought to mean
// 0 and variance 1 over its units, then multiplied by a gain and shifted, both of which are learned for every unit.
#pragma once

#include <cstddef>

namespace recur {

// Rows of `gates` times `width` floats, one after the other.
struct NormRows {
  std::size_t rows, gates, width;
};

// z -> gain * normalised + shift, in place; keeps `normalised` (rows like z) and the factor 1 / deviation, [rows,
// gates]. Where nobody wants `normalised` it may be z, which is written last.
void normalise(const NormRows& shape, const float* gain, const float* shift, float* z, float* normalised,
               float* factor);

// From gradients of what came out, in place, those of what went in; adds gradients of gain and shift to a row of sums
// for each row, [rows, gates * width].
void normalise_backward(const NormRows& shape, const float* gain, const float* normalised, const float* factor,
                        float* d, float* d_gain, float* d_shift);

}  // namespace recur
