// The mean of several models' parameters, as one model: those of the last epochs of a training (TrainingOptions::keep),
// or of trainings that went on from the same model.
//
// Safe from any thread.
#pragma once

#include <span>
#include <string>

namespace recur {

// Of the models in these files, two at least, written to `out`. What was fitted to validation data besides
// (temperature, thresholds) is the first one's. Throws Error naming the file and what differs where their tasks,
// options or vocabularies do.
void average_models(std::span<const std::string> models, const std::string& out);

}  // namespace recur
