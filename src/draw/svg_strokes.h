// Drawings as the way of a pen, as one SVG image.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/types/strokes.h"

namespace recur {

// See recur/strokes.h.
std::string svg_strokes(std::span<const std::vector<PenStep>> drawings);

}  // namespace recur
