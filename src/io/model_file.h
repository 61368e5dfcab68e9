// The model file and the training checkpoint: one safetensors file each, weights under PyTorch's names and in its
// layouts, everything else as JSON in the metadata. A checkpoint is a model file plus the optimiser's state, the
// carried state and the position of the run.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "io/safetensors.h"
#include "nn/parameters.h"
#include "train/loop.h"
#include "train/optimizer.h"

namespace recur {

// Where a model comes from: free-form JSON that travels with it.
using Provenance = nlohmann::json;

// What a file holds besides parameters: the model's task, and configuration and vocabularies by name.
struct ModelHead {
  std::string task;
  std::map<std::string, nlohmann::json> parts;
};

void save_model(const std::string& path, const ModelHead& head, const Parameters& parameters,
                const Provenance& provenance);

class ModelFile {
 public:
  // Throws Error naming the file and what is wrong: not a model file, or of a later format.
  explicit ModelFile(const std::string& path);

  const std::string& name() const { return file_.name(); }
  const std::string& task() const { return task_; }
  // The format in which it was written.
  std::uint64_t format() const { return format_; }
  static constexpr std::uint64_t kFormat = 3, kOldestFormat = 1;

  // A part of the head, or of what a checkpoint adds. Throws Error where there is none or it is no JSON.
  nlohmann::json part(const char* key) const;
  bool has_part(const char* key) const { return file_.metadata().contains(key); }
  Provenance provenance() const { return part("provenance"); }

  // Gives declared parameters memory and the file's values. Throws Error naming the tensor that is missing or of
  // another shape; before anything is allocated, so that a wrong size cannot ask for more than the file holds.
  void read_parameters(Parameters& parameters) const;
  const SafetensorsFile& tensors() const { return file_; }

  // Calls read(), and says of this file what it throws.
  template <class Read>
  auto checked(const Read& read) const {
    try {
      return read();
    } catch (const Error& error) {
      fail("{}: not a valid model file: {}", name(), error.what());
    }
  }

 private:
  SafetensorsFile file_;
  std::string task_;
  std::uint64_t format_ = 0;
};

// Where a run is.
struct TrainingState {
  nlohmann::json job;   // all its options
  nlohmann::json data;  // numbers that tell its data from others': a resumed run must find the same
  Progress progress;
};

void save_checkpoint(const std::string& path, const ModelHead& head, const Parameters& parameters, Optimizer& optimizer,
                     Task& task, const TrainingState& state);
// Throws Error when the file is a model or of another format.
TrainingState read_training_state(const ModelFile& file);
// The optimiser's and the task's state, once they have been made.
void restore_training(const ModelFile& file, Optimizer& optimizer, Task& task);

}  // namespace recur
