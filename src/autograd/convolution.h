// What convolutions of pictures are made of. Gradients are always added to what is there.
#pragma once

#include <cstddef>

#include "autograd/tape.h"

namespace recur {

// Pictures one after the other, each row after row: [pictures * height * width, channels].
struct Grid {
  std::size_t pictures = 0, height = 0, width = 0;

  std::size_t places() const { return pictures * height * width; }
  // Of every second row and column.
  Grid halved() const { return {pictures, (height + 1) / 2, (width + 1) / 2}; }
};

// What a filter of 3 x 3 sees at every second row and column, 0 beyond the edges: from x [grid.places(), channels] to
// [grid.halved().places(), 9 * channels], the rows of a patch one after the other.
Var patches(Tape& tape, Var x, const Grid& grid);

// max(x, 0) of every element.
Var positive(Tape& tape, Var x);

}  // namespace recur
