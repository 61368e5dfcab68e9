// A picture that a model has drawn.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

// The square that a stroke was about, in pixels from the picture's upper left corner.
struct DrawingWindow {
  float x = 0, y = 0;  // its middle
  float side = 0;
};

// What was on the canvas after each step, the last being the picture.
struct Drawing {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<float> canvases;         // [steps, height, width, channels], from 0 to 1
  std::vector<DrawingWindow> windows;  // of each step; empty where every stroke is about the whole picture

  std::size_t pixels() const { return height * width * channels; }
  std::size_t steps() const { return canvases.size() / pixels(); }
  std::span<const float> canvas(std::size_t step) const { return {canvases.data() + step * pixels(), pixels()}; }
  std::span<const float> picture() const { return canvas(steps() - 1); }
};

}  // namespace recur
