// Trainings that stop and go on.
#pragma once

#include <string>

#include "recur/model.h"

namespace recur {

// What a job's model says of its validation data, in a file or in memory, where training was stopped when it was asked
// for the `stop`th time, and then resumed; 0: it was not.
inline std::string metrics_resumed(Job job, int stop) {
  TrainingHooks hooks;
  int asked = 0;
  hooks.stop_requested = [&] { return ++asked == stop; };
  Model::train(job, hooks);
  job.resume = true;
  if (stop > 0) Model::train(job);
  const Model model = Model::load(job.model);
  return job.validation.empty() ? model.evaluate(job.validation_records).metrics
                                : model.evaluate(job.validation).metrics;
}

}  // namespace recur
