// How a model is trained: plain options, shared by every task.
//
// Values, which any number of threads may read at once. Hooks are called on the thread that trains, and must be
// callable until it is done; names in a report or a result live as long as the program.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recur/types/choices.h"
#include "recur/types/options.h"

namespace recur {

enum class OptimizerKind { sgd, rmsprop, adagrad, adam, adamw };
template <>
inline constexpr auto choices<OptimizerKind> = std::array{
    Named{OptimizerKind::sgd, "sgd"}, Named{OptimizerKind::rmsprop, "rmsprop"},
    Named{OptimizerKind::adagrad, "adagrad"}, Named{OptimizerKind::adam, "adam"}, Named{OptimizerKind::adamw, "adamw"}};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  double momentum = 0;                // sgd
  double decay = 0.95;                // rmsprop; PyTorch calls it alpha
  double beta1 = 0.9, beta2 = 0.999;  // adam, adamw
  double epsilon = 1e-8;              // all but sgd
  double weight_decay = 0;            // adamw: decoupled (Loshchilov & Hutter 2019); the others: L2
};

enum class ClipKind { none, norm, value };
template <>
inline constexpr auto choices<ClipKind> =
    std::array{Named{ClipKind::none, "none"}, Named{ClipKind::norm, "norm"}, Named{ClipKind::value, "value"}};

// value: every element of the gradient into [-limit, limit]; norm: the whole gradient scaled so that its 2-norm is at
// most the limit (Pascanu et al. 2013).
struct Clipping {
  ClipKind kind = ClipKind::norm;
  float limit = 5;
};

enum class ScheduleKind { constant, step, cosine };
template <>
inline constexpr auto choices<ScheduleKind> =
    std::array{Named{ScheduleKind::constant, "constant"}, Named{ScheduleKind::step, "step"},
               Named{ScheduleKind::cosine, "cosine"}};

// The learning rate of each step: a base rate, a curve and a warm-up; train/schedule.h has the formulas.
struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  float learning_rate = 2e-3F;    // the base rate
  float decay = 0.5F;             // step: the factor an epoch
  std::uint64_t decay_after = 4;  // step: how many epochs run at the base rate
  std::uint64_t warmup_steps = 0;
  float final_share = 0;  // cosine: the share of the base rate that it ends at
};

// Which mean of the parameters of several steps is validated and kept as the model; training goes on from the
// parameters themselves:
//   ema   decays: mean = decay * mean + (1 - decay) * parameters (Polyak & Juditsky 1992)
//   swa   of those at the ends of epochs, from one on (Izmailov et al. 2018)
//   asgd  of those of all steps, once a validation was worse than the best of those more than `patience` epochs
//         before it (NT-ASGD: Merity, Keskar & Socher 2018)
enum class AverageKind { none, ema, swa, asgd };
template <>
inline constexpr auto choices<AverageKind> =
    std::array{Named{AverageKind::none, "none"}, Named{AverageKind::ema, "ema"}, Named{AverageKind::swa, "swa"},
               Named{AverageKind::asgd, "asgd"}};

struct Averaging {
  AverageKind kind = AverageKind::none;
  double decay = 0.999;        // ema; grows to this over the first steps
  std::uint64_t from = 1;      // swa: the epoch, counted from 1
  std::uint64_t patience = 5;  // asgd
};

// What a network starts from, and what of it is trained how. Parameters are named as in model files; in patterns * is
// any text, and commas are between several.
struct StartOptions {
  std::string init_from = {};  // a model whose vocabularies and parameters this one starts from, as far as they fit
  std::string freeze = {};     // patterns of parameters that are not trained, "=N": in the first N epochs
  std::uint64_t freeze_epochs = 0;  // in which only the head is trained
  std::string rates_of = {};        // "pattern=factor", by which the learning rate of these is multiplied
};

struct TrainingOptions {
  std::size_t batch = 50;   // streams or sequences side by side
  std::size_t unroll = 50;  // steps of a window of truncated backpropagation through time
  std::uint64_t epochs = 10;
  std::uint64_t steps = 0;     // stop after so many; 0: no limit
  double time_limit = 0;       // be done after so many seconds, resumed runs added up; 0: no limit
  std::uint64_t patience = 0;  // stop after so many epochs without a better validation; 0: never
  OptimizerOptions optimizer;
  Clipping clipping;
  Schedule schedule{.kind = ScheduleKind::cosine};
  Averaging averaging;
  std::uint64_t keep = 0;              // models of so many last epochs stay, beside the best one
  std::optional<float> initial_range;  // all parameters start uniform in [-range, range]; else each layer's own
  std::uint64_t seed = 1;
};

// What the loop reports: about once a second, and at the end of every epoch.
struct TrainingReport {
  std::uint64_t step = 0, epoch = 0;     // steps done; the epoch that is running or has just ended
  std::uint64_t batch = 0, batches = 0;  // done of this epoch
  std::uint64_t epochs = 0;              // of the whole run
  std::uint64_t predictions = 0;         // tokens learnt from since the start
  double train_loss = 0;                 // nats a prediction since the last report
  std::optional<double> valid_loss;      // at the end of an epoch
  const char* measure = nullptr;         // what the task goes by ("accuracy"); null where that is the loss
  double valid_measure = 0;              // its value, at the end of an epoch
  bool best = false;                     // the best so far
  double gradient_norm = 0;              // mean since the last report
  double clipped_share = 0;              // of steps (by norm) or of elements (by value), since the last report
  double learning_rate = 0;
  double predictions_per_second = 0;   // since the last report
  double seconds = 0;                  // since the start, resumed runs added up
  std::optional<double> seconds_left;  // an estimate
};

enum class StopReason { finished, time_limit, patience, interrupted };
template <>
inline constexpr auto choices<StopReason> =
    std::array{Named{StopReason::finished, "finished"}, Named{StopReason::time_limit, "time_limit"},
               Named{StopReason::patience, "patience"}, Named{StopReason::interrupted, "interrupted"}};

// What a resumed run does otherwise from its first step on: an option by the name of its flag.
struct ChangedOption {
  std::string name;
  OptionValue before, now;
};

struct TrainingHooks {
  std::function<void(const TrainingReport&)> report;
  std::function<bool()> stop_requested;  // asked after every step
  // Told before the first step, in one line, what there is to know of the run that is no error: that the checkpoint
  // which it goes on from comes from a machine with other vector instructions.
  std::function<void(const std::string& text)> notice;
  // Called before the first step of a resumed run that does not go on with the rates and the clipping of before;
  // `step`: how many steps are done.
  std::function<void(std::uint64_t step, const std::vector<ChangedOption>& options)> changed;
  // From when on time counts.
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

struct TrainingResult {
  StopReason reason = StopReason::finished;
  // Validation, of the best epoch: nats a prediction, and what the task goes by, if that is not the loss.
  double best_loss = 0;
  const char* measure = nullptr;
  double best_measure = 0;
  std::uint64_t best_epoch = 0;
  std::uint64_t steps = 0;
  double seconds = 0;
  // Of the validation data, that the last validation came to before the time limit.
  double validated_share = 1;
};

// Where the training that writes `model` keeps its checkpoint: "x.safetensors" -> "x.last.safetensors".
std::string checkpoint_path(const std::string& model);

}  // namespace recur
