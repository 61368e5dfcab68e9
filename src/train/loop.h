// The training loop, the same for every task.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "recur/types/training.h"
#include "tasks/task.h"
#include "train/average.h"
#include "train/optimizer.h"

namespace recur {

// Where a run is: with the parameters, the optimiser's state and the task's carried state, all that resuming needs.
struct Progress {
  std::uint64_t step = 0, epoch = 0, batch = 0, predictions = 0;
  // Of the best epoch; the measure only where the task has one.
  double best_loss = std::numeric_limits<double>::infinity();
  double best_measure = std::numeric_limits<double>::infinity();
  std::uint64_t best_epoch = 0;
  double best_share = 1;  // of the data of its validation, which a time limit may have cut
  double seconds = 0;
};

// Throws Error unless a run can be there whose epochs have `batches` batches and whose optimiser has done so many
// steps.
void check_progress(const Progress& progress, std::uint64_t optimizer_steps, std::uint64_t batches);

struct CheckpointHooks {
  // Saves everything to go on from here: at the start, after every epoch, every few minutes, and when the run stops.
  std::function<void(const Progress&)> save_checkpoint;
  // Saves the model: it is the best so far.
  std::function<void(const Progress&)> save_best;
  // Saves the model as one of the last, after every epoch; `best_epoch` and what goes with it are then this epoch's.
  std::function<void(const Progress&)> save_epoch = {};
  // Called after every so many steps, 0: never.
  std::uint64_t sample_every = 0;
  std::function<void(std::uint64_t step)> sample = {};
};

// Trains from `progress` on, which it keeps up to date. A resumed run does to the bit what an unbroken one does (unless
// a time limit makes the schedule depend on the clock). Throws Error naming the step when the loss, the gradient or a
// parameter is not a finite number; the last checkpoint is then the one before.
//
// Once there is a mean in `average`, it is what is validated and saved as a model; training goes on from the parameters
// themselves.
//
// `clock` tells the seconds since this run began, reading its data included. Under a time limit a run takes the steps,
// at least one, that leave time for validating and saving as far as both are known: as long as they took before; a
// tenth of the limit for the first validation. A validation that comes to the limit stops there. What it says of a part
// of the data makes a model the best only where there is none yet, and only until there is a whole one.
TrainingResult train(Task& task, Optimizer& optimizer, Average& average, const TrainingOptions& options,
                     Progress& progress, const TrainingHooks& hooks, const CheckpointHooks& checkpoint,
                     const std::function<double()>& clock);

}  // namespace recur
