#include "train/training_options.h"

namespace recur {
namespace {

// The smallest does not vanish as a float, denormals being flushed: without it, 0 / 0.
constexpr Reals kEpsilon = {"a number above 0 (such as 1e-8) and below 1",
                            [](double x) { return x >= std::numeric_limits<float>::min() && x < 1; }};

void list_length(OptionList& list, TrainingOptions& o) {
  list.group("How long");
  list.count("epochs", o.epochs, {0, 1'000'000'000}, "Passes over the data; 0 saves an untrained model").change =
      Change::silent;
  list.count("steps", o.steps, {}, "Stop after so many steps; 0: no limit").change = Change::silent;
  list.seconds("time-limit", o.time_limit,
               "Be done after so long, validated and saved: 90, 90s, 10m or 2h; 0: no limit")
      .change = Change::silent;
  list.count("patience", o.patience, {}, "Stop after so many epochs without a better validation; 0: never").change =
      Change::silent;
  list.count("keep", o.keep, {},
             "Models of so many last epochs stay beside --out (x.epoch-7.safetensors), in place of older ones")
      .change = Change::silent;
}

void list_gradient(OptionList& list, TrainingOptions& o) {
  list.group("Batches and gradients");
  list.count("batch", o.batch, {1, 1'000'000}, "Sequences side by side");
  list.choice("clip-by", o.clipping.kind, "Clip the gradient's norm, or every element's value").change = Change::told;
  list.real("clip", o.clipping.limit, kPositive, "The largest norm or value").change = Change::told;
  list.need("clip", {"clip-by", {"norm", "value"}});
}

void list_rate(OptionList& list, Schedule& o) {
  list.group("Learning rate");
  list.real("lr", o.learning_rate, kPositive, "The base learning rate").change = Change::told;
  list.choice("schedule", o.kind, "How the rate changes").change = Change::told;
  list.real("lr-decay", o.decay, kProbability, "step: the factor an epoch").change = Change::told;
  list.count("lr-decay-after", o.decay_after, {}, "step: epochs at the base rate").change = Change::told;
  list.real("lr-final", o.final_share, kFraction, "cosine: the share of the base rate that it ends at").change =
      Change::told;
  for (const char* name : {"lr-decay", "lr-decay-after"}) list.need(name, {"schedule", {"step"}});
  list.need("lr-final", {"schedule", {"cosine"}});
  list.count("warmup", o.warmup_steps, {}, "Steps over which the rate grows from 0").change = Change::told;
}

void list_averaging(OptionList& list, Averaging& o) {
  list.group("Mean of the parameters");
  list.choice("average", o.kind, "Which mean is validated and saved; training goes on from the parameters themselves")
      .change = Change::told;
  list.real("average-decay", o.decay, kShare, "ema: decay of the mean, once the first steps are over").change =
      Change::told;
  list.count("average-from", o.from, {1}, "swa: the first epoch whose parameters are in it").change = Change::told;
  list.count("average-patience", o.patience, {},
             "asgd: it begins when an epoch is worse than the best but for so many right before it")
      .change = Change::told;
  list.need("average-decay", {"average", {"ema"}});
  list.need("average-from", {"average", {"swa"}});
  list.need("average-patience", {"average", {"asgd"}});
}

}  // namespace

void list_options(OptionList& list, OptimizerOptions& o) {
  list.group("Optimizer");
  list.choice("optimizer", o.kind, "How gradients become steps");
  list.real("momentum", o.momentum, kShare, "sgd: how much of the last step is kept");
  list.real("rmsprop-decay", o.decay, kShare, "rmsprop: decay of the mean square (PyTorch's alpha)");
  list.real("beta1", o.beta1, kShare, "adam, adamw: decay of the mean gradient");
  list.real("beta2", o.beta2, kShare, "adam, adamw: decay of the mean square");
  list.real("epsilon", o.epsilon, kEpsilon, "All but sgd: added to the divisor");
  list.need("momentum", {"optimizer", {"sgd"}});
  list.need("rmsprop-decay", {"optimizer", {"rmsprop"}});
  for (const char* name : {"beta1", "beta2"}) list.need(name, {"optimizer", {"adam", "adamw"}});
  list.need("epsilon", {"optimizer", {"rmsprop", "adagrad", "adam", "adamw"}});
  list.real("weight-decay", o.weight_decay, kNotNegative, "adamw: decoupled; the others: an L2 penalty");
}

void list_options(OptionList& list, TrainingOptions& o) {
  list_length(list, o);
  list_gradient(list, o);
  list_options(list, o.optimizer);
  list_rate(list, o.schedule);
  list_averaging(list, o.averaging);
  list.group("Start");
  list.real("init-range", o.initial_range, kNotNegative, "All weights start uniform in [-X, X]", "each layer's own");
  list.count("seed", o.seed, {}, "Of all random numbers");
}

void list_unroll(OptionList& list, TrainingOptions& o) {
  list.group("Batches and gradients");
  list.count("unroll", o.unroll, {1, 1'000'000}, "Steps that gradients flow back through");
}

}  // namespace recur
