// A training with its files: the best model so far, and beside it the checkpoint from which it can go on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "io/model_file.h"
#include "recur/types/options.h"

namespace recur {

class TrainingRun {
 public:
  // `job`: all its options; `standard`: what they are by default. With `resume`, opens the checkpoint of `model`:
  // throws Error unless the job that wrote it had the same options, but for how long it runs and for rates, clipping
  // and averaging.
  TrainingRun(const std::string& model, bool resume, const OptionList& job, const OptionList& standard);

  // What to go on from; null when not resuming.
  const ModelFile* checkpoint() const { return checkpoint_.get(); }

  // The data: what was counted in it, by name, and what it is, where validation has some of its own. Throws Error
  // naming what is not as it was when the resumed run began.
  struct Data {
    std::string name;
    std::uint64_t hash;
  };
  void set_data(const nlohmann::json& counts, const Data& training, const std::optional<Data>& validation);

  struct Model {
    std::function<ModelHead()> head;  // as it is now: validation may change what it has besides parameters
    Parameters& parameters;
    std::function<std::string(const Progress&)> provenance;  // a JSON object
    std::uint64_t sample_every = 0;                          // steps, after which sample() is called; 0: never
    std::function<void(std::uint64_t step)> sample = {};
  };
  // Trains, and writes both files and those of the last epochs as it goes; a model that never was the best of an epoch
  // is written at the end, unless the run was interrupted.
  TrainingResult train(const Model& model, Task& task, const TrainingOptions& options, const TrainingHooks& hooks);

 private:
  // Of a run that goes on, which has written it before.
  void check_best() const;

  std::string model_, checkpoint_path_;
  std::unique_ptr<ModelFile> checkpoint_;
  TrainingState state_;
  std::vector<ChangedOption> changes_;
};

}  // namespace recur
