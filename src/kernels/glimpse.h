// A glimpse at a picture, and a stroke on a canvas: N x N places of it, through Gaussian filters on a grid that can be
// moved, widened and spread over it (DRAW: Gregor et al. 2015). A picture [height, width] of B x A pixels is seen as
//
//   gamma F_Y picture F_X^T                           [N, N]
//
// and a patch [N, N] is drawn as F_Y^T patch F_X / gamma, with filters F_X [N, width] and F_Y [N, height] whose rows
// are
//
//   F_X[j, a] = exp(-(a - m_j)^2 / (2 sigma^2)) / (their sum + 1e-8),  a = 1 .. A
//   m_j       = g_X + (j - (N - 1) / 2) delta,                         j = 0 .. N - 1
//
// made of five numbers: g_X = (A + 1) / 2 (numbers[0] + 1), g_Y = (B + 1) / 2 (numbers[1] + 1), log sigma^2, log of
// delta as a share of (max(A, B) - 1) / (N - 1), log gamma. Logarithms beyond +-15 are taken as that. Channels share
// filters.
#pragma once

#include <cstddef>

namespace recur {

struct GlimpseShape {
  std::size_t channels = 1, height = 0, width = 0;  // pictures are [channels, height, width]
  std::size_t size = 0;                             // N

  static constexpr std::size_t kNumbers = 5;
  std::size_t pixels() const { return channels * height * width; }
  std::size_t patch() const { return channels * size * size; }
  // Rows of filters are padded with zeros.
  std::size_t column() const { return padded(height); }
  std::size_t row() const { return padded(width); }
  // Floats that a glimpse or a stroke leaves for its way back: F_Y [N, column()], F_X [N, row()], and of each channel
  // F_Y picture, of both pictures, or patch F_X, [N, row()].
  std::size_t kept() const { return size * (column() + row() + 2 * channels * row()); }
  // Floats that it needs while it runs.
  std::size_t scratch() const { return size * (column() + 3 * row()) + 3 * row(); }

 private:
  static std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }
};

// Where a glimpse's grid lies: its middle, from the picture's upper left corner, and the distance of its places, all in
// pixels; the deviation of its filters.
struct GlimpsePlace {
  float x, y, distance, deviation;
};
GlimpsePlace place_of(const GlimpseShape& shape, const float* numbers);

// Of one picture x and what the canvas lacks of it, x - sigmoid(canvas): `seen` [2, channels, N, N].
void see(const GlimpseShape& shape, const float* numbers, const float* x, const float* canvas, float* kept,
         float* scratch, float* seen);
// Adds to the gradients of the numbers and of the canvas.
void see_backward(const GlimpseShape& shape, const float* numbers, const float* x, const float* canvas,
                  const float* kept, const float* seen, const float* d_seen, float* scratch, float* d_numbers,
                  float* d_canvas);

// after = before + the stroke of a patch [channels, N, N]; both may be the same.
void stroke(const GlimpseShape& shape, const float* numbers, const float* patch, const float* before, float* kept,
            float* scratch, float* after);
// From the gradient of `after`, adds to those of the numbers and of the patch.
void stroke_backward(const GlimpseShape& shape, const float* numbers, const float* patch, const float* kept,
                     const float* d_after, float* scratch, float* d_numbers, float* d_patch);

}  // namespace recur
