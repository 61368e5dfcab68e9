// Drawings of a model of strokes (recur train strokes), and pictures of them.
//
//   const recur::Model model = recur::Model::load("strokes.safetensors");
//   file << recur::strokes_svg(recur::sketch(model, {.count = 12, .temperature = 0.5F}));
//
// Functions of values: any number of threads may use them at once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/model.h"
#include "recur/types/strokes.h"

namespace recur {

// Drawings from nothing, each until the model ends it. Throws Error for models of other tasks.
std::vector<std::vector<PenStep>> sketch(const Model& model, const Sketching& how = {});

// All of them as one SVG image, side by side in about as many rows as columns, at one scale.
std::string strokes_svg(std::span<const std::vector<PenStep>> drawings);

}  // namespace recur
