#include "io/options_json.h"

#include "base/json_fields.h"
#include "data/text_fields.h"
#include "nn/network_fields.h"
#include "train/training_fields.h"

namespace recur {
namespace {

using nlohmann::json;

template <class Options, class Visit>
void visit_network(Options& o, const Visit& visit) {
  visit_recurrent(o, visit);
  visit("embedding", o.embedding);
  visit("tied", o.tied);
  visit("embedding-dropout", o.embedding_dropout);
  visit("softmax", o.softmax);
  visit("samples", o.samples);
}

template <class Job, class Visit>
void visit_job(Job& job, const Visit& visit) {
  visit("data", job.data);
  visit("valid", job.validation);
  visit("out", job.model);
  visit("tokenizer", job.tokenizer);
  visit("min-count", job.words.min_count);
  visit("max-vocab", job.words.max_vocab);
  visit("lowercase", job.words.lowercase);
  visit_network(job.network, visit);
  visit_training(job.training, visit);
}

}  // namespace

json to_json(const LanguageModelOptions& options) {
  json object = json::object();
  visit_network(options, WriteFields{object});
  return object;
}

json to_json(const LanguageModelJob& job) {
  json object = json::object();
  visit_job(job, WriteFields{object});
  return object;
}

LanguageModelOptions language_model_options(const json& object) {
  LanguageModelOptions options;
  visit_network(options, ReadFields{object});
  return options;
}

LanguageModelJob language_model_job(const json& object) {
  LanguageModelJob job;
  visit_job(job, ReadFields{object});
  return job;
}

}  // namespace recur
