// Drawings as one picture: white is 1, black 0.
#pragma once

#include <span>

#include "data/frames/picture_decoder.h"
#include "recur/types/drawing.h"

namespace recur {

// Side by side, in about as many rows as columns. Pixels of small pictures become squares.
Picture picture_grid(std::span<const Drawing> drawings);

// A row a drawing, a column a step: of the canvas, and around what was drawn in a frame. Of more steps than
// `most_steps`, some of them, the last among them.
Picture canvas_strips(std::span<const Drawing> drawings, std::size_t most_steps = 16);

}  // namespace recur
