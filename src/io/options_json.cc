#include "io/options_json.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "base/error.h"
#include "data/tokenizer.h"
#include "train/schedule.h"

namespace recur {
namespace {

using nlohmann::json;

// Each visit_fields lists the fields once: visit(name, field), for writing and reading alike.
template <class Options, class Visit>
void visit_network(Options& o, const Visit& visit) {
  visit("cell", o.cell);
  visit("layers", o.layers);
  visit("hidden", o.hidden);
  visit("projection", o.projection);
  visit("window", o.window);
  visit("connection", o.connection);
  visit("layer-norm", o.layer_norm);
  visit("learned-state", o.learned_state);
  visit("state-clip", o.state_clip);
  visit("embedding", o.embedding);
  visit("tied", o.tied);
  visit("dropout", o.dropout);
  visit("variational", o.variational);
  visit("embedding-dropout", o.embedding_dropout);
  visit("state-dropout", o.state_dropout);
  visit("weight-drop", o.weight_drop);
  visit("zoneout", o.zoneout);
  visit("zoneout-cell", o.zoneout_cell);
  visit("activation-penalty", o.activation_penalty);
  visit("temporal-penalty", o.temporal_penalty);
  visit("init", o.initialiser);
  visit("forget-bias", o.forget_bias);
}

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

template <class Job, class Visit>
void visit_job(Job& job, const Visit& visit) {
  visit("data", job.data);
  visit("valid", job.validation);
  visit("out", job.model);
  visit("tokenizer", job.tokenizer);
  visit("min-count", job.words.min_count);
  visit("max-vocab", job.words.max_vocab);
  visit_network(job.network, visit);
  visit_training(job.training, visit);
}

template <class P, class Visit>
void visit_progress(P& p, const Visit& visit) {
  visit("step", p.step);
  visit("epoch", p.epoch);
  visit("batch", p.batch);
  visit("predictions", p.predictions);
  visit("best_loss", p.best_loss);
  visit("best_epoch", p.best_epoch);
  visit("seconds", p.seconds);
}

void parse(const std::string& text, TokenizerKind& kind) { kind = tokenizer_kind(text); }
void parse(const std::string& text, OptimizerKind& kind) { kind = optimizer_kind(text); }
void parse(const std::string& text, ClipKind& kind) { kind = clip_kind(text); }
void parse(const std::string& text, ScheduleKind& kind) { kind = schedule_kind(text); }

struct Write {
  json& object;
  template <class T>
  void operator()(const char* name, const T& field) const {
    if constexpr (std::is_enum_v<T>) {
      object[name] = std::string(to_string(field));
    } else if constexpr (std::is_floating_point_v<T>) {
      // JSON has no infinity.
      object[name] = std::isfinite(field) ? json(field) : json(nullptr);
    } else {
      object[name] = field;
    }
  }
  void operator()(const char* name, const std::optional<float>& field) const {
    object[name] = field ? json(*field) : json(nullptr);
  }
};

struct Read {
  const json& object;

  const json& at(const char* name) const {
    if (!object.is_object() || !object.contains(name)) fail("its configuration has no '{}'", name);
    return object[name];
  }
  [[noreturn]] static void wrong(const char* name, const char* expected) {
    fail("its configuration's '{}' is not {}", name, expected);
  }

  template <class T>
  void operator()(const char* name, T& field) const {
    const json& value = at(name);
    if constexpr (std::is_enum_v<T>) {
      if (!value.is_string()) wrong(name, "a text");
      parse(value.get<std::string>(), field);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!value.is_boolean()) wrong(name, "true or false");
      field = value.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      if (!value.is_number_unsigned()) wrong(name, "a whole number of at least 0");
      field = value.get<T>();
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!value.is_number() && !value.is_null()) wrong(name, "a number");
      field = value.is_null() ? std::numeric_limits<T>::infinity() : value.get<T>();
    } else {
      if (!value.is_string()) wrong(name, "a text");
      field = value.get<std::string>();
    }
  }
  void operator()(const char* name, std::optional<float>& field) const {
    const json& value = at(name);
    if (!value.is_number() && !value.is_null()) wrong(name, "a number");
    field = value.is_null() ? std::nullopt : std::optional<float>(value.get<float>());
  }
};

}  // namespace

json to_json(const LanguageModelOptions& options) {
  json object = json::object();
  visit_network(options, Write{object});
  return object;
}

json to_json(const LanguageModelJob& job) {
  json object = json::object();
  visit_job(job, Write{object});
  return object;
}

json to_json(const Progress& progress) {
  json object = json::object();
  visit_progress(progress, Write{object});
  return object;
}

LanguageModelOptions language_model_options(const json& object) {
  LanguageModelOptions options;
  visit_network(options, Read{object});
  return options;
}

LanguageModelJob language_model_job(const json& object) {
  LanguageModelJob job;
  visit_job(job, Read{object});
  return job;
}

Progress progress(const json& object) {
  Progress p;
  visit_progress(p, Read{object});
  return p;
}

}  // namespace recur
