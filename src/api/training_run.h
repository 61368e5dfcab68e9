// A training with its files: the best model so far, and beside it the checkpoint from which it can go on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/model_file.h"

namespace recur {

// Throws Error naming the flag of an option outside its range.
void check_training(const TrainingOptions& options);

class TrainingRun {
 public:
  // With `resume`, opens the checkpoint of `model`: throws Error unless the job that wrote it had the same options, but
  // for how long it runs.
  TrainingRun(const std::string& model, bool resume, const nlohmann::json& job);

  // What to go on from; null when not resuming.
  const ModelFile* checkpoint() const { return checkpoint_.get(); }

  // Of the data: numbers by name, of which a resumed run must find the same.
  void set_data(const nlohmann::json& data);

  struct Model {
    ModelHead head;
    Parameters& parameters;
    std::function<Provenance(const Progress&)> provenance;
  };
  // Trains, and writes both files as it goes; a model that never was the best of an epoch is written at the end, unless
  // the run was interrupted.
  TrainingResult train(const Model& model, Task& task, const TrainingOptions& options, const TrainingHooks& hooks);

 private:
  std::string model_, checkpoint_path_;
  std::unique_ptr<ModelFile> checkpoint_;
  TrainingState state_;
};

}  // namespace recur
