// The fields of recur/training.h by the names of their flags, and where a run is, for base/json_fields.h.
#pragma once

#include <string>

#include "recur/training.h"
#include "train/loop.h"
#include "train/schedule.h"

namespace recur {

inline void parse(const std::string& text, OptimizerKind& kind) { kind = optimizer_kind(text); }
inline void parse(const std::string& text, ClipKind& kind) { kind = clip_kind(text); }
inline void parse(const std::string& text, ScheduleKind& kind) { kind = schedule_kind(text); }

template <class Options, class Visit>
void visit_training(Options& o, const Visit& visit) {
  visit("batch", o.batch);
  visit("unroll", o.unroll);
  visit("epochs", o.epochs);
  visit("steps", o.steps);
  visit("time-limit", o.time_limit);
  visit("patience", o.patience);
  visit("optimizer", o.optimizer.kind);
  visit("momentum", o.optimizer.momentum);
  visit("rmsprop-decay", o.optimizer.decay);
  visit("beta1", o.optimizer.beta1);
  visit("beta2", o.optimizer.beta2);
  visit("epsilon", o.optimizer.epsilon);
  visit("weight-decay", o.optimizer.weight_decay);
  visit("clip-by", o.clipping.kind);
  visit("clip", o.clipping.limit);
  visit("schedule", o.schedule.kind);
  visit("lr", o.schedule.learning_rate);
  visit("lr-decay", o.schedule.decay);
  visit("lr-decay-after", o.schedule.decay_after);
  visit("warmup", o.schedule.warmup_steps);
  visit("lr-final", o.schedule.final_share);
  visit("init-range", o.initial_range);
  visit("seed", o.seed);
}

template <class P, class Visit>
void visit_progress(P& p, const Visit& visit) {
  visit("step", p.step);
  visit("epoch", p.epoch);
  visit("batch", p.batch);
  visit("predictions", p.predictions);
  visit("best_loss", p.best_loss);
  visit("best_measure", p.best_measure);
  visit("best_epoch", p.best_epoch);
  visit("seconds", p.seconds);
}

}  // namespace recur
