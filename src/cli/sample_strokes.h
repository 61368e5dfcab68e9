// What `recur sample` does with a model of strokes.
#pragma once

#include <string>

#include "recur/model.h"
#include "recur/types/strokes.h"

namespace recur {

// Writes the drawings as lines of JSON, as they are in data, or, into a file that is not "", a picture of all.
int sample_strokes(const Model& model, const Sketching& how, const std::string& picture);

}  // namespace recur
