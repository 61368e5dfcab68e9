// A whole training.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/training_sample.h"
#include "recur/model.h"

namespace recur {

struct Trained {
  TrainingResult result;
  std::unique_ptr<const Network> network;  // after the last step
  std::string provenance;                  // JSON
};
// See Model::train().
Trained run_job(const Job& job, const TrainingHooks& hooks, const std::function<void(const JobSummary&)>& begin,
                const TrainingSamples& samples = {});

}  // namespace recur
