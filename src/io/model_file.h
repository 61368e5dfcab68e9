// The model file and the training checkpoint: one safetensors file each, weights under PyTorch's names and in its
// layouts, everything else as JSON in the metadata. A checkpoint is a model file plus the optimiser's state, the
// carried state and the position of the run.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "recur/language_model.h"
#include "tasks/language_model.h"
#include "train/loop.h"
#include "train/optimizer.h"

namespace recur {

// Where a model comes from: free-form JSON that travels with it.
using Provenance = nlohmann::json;

void save_model(const std::string& path, const LanguageNetwork& network, const Provenance& provenance);

struct LoadedModel {
  std::unique_ptr<LanguageNetwork> network;
  Provenance provenance;
};
// Throws Error naming the file and what is wrong: not a model file, of a later format, a tensor missing or of another
// shape than the configuration says.
LoadedModel load_model(const std::string& path);

// Everything beside the network that a checkpoint keeps.
struct TrainingState {
  LanguageModelJob job;
  std::uint64_t training_tokens = 0, validation_tokens = 0;  // of the data: a resumed run must find the same
  Progress progress;
};

void save_checkpoint(const std::string& path, const LanguageNetwork& network, Optimizer& optimizer, Task& task,
                     const TrainingState& state);
// The network with its parameters, and where the run is.
struct LoadedCheckpoint {
  std::unique_ptr<LanguageNetwork> network;
  TrainingState state;
};
LoadedCheckpoint load_checkpoint(const std::string& path);
// The optimiser's and the task's state, once they have been made.
void restore_training(const std::string& path, Optimizer& optimizer, Task& task);

}  // namespace recur
