// What include/recur/language_model.h promises, put together from the floors below.
#include "recur/language_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/describe.h"
#include "api/job_options.h"
#include "api/training_run.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/option_json.h"
#include "infer/generate.h"
#include "infer/stepper.h"
#include "io/language_model_file.h"
#include "tasks/held_out.h"
#include "tasks/task_options.h"

namespace recur {
namespace {

using nlohmann::json;

// The texts of a job and which of their tokens are for training and which for validation.
struct Texts {
  std::unique_ptr<Corpus> data, validation;  // validation: null when part of the data is held out
  CorpusRange training_range, validation_range;

  Texts(const LanguageModelJob& job, const std::shared_ptr<const InputFile>& file, const Tokenizer& tokenizer) {
    data = std::make_unique<Corpus>(file, tokenizer);
    if (job.validation.empty()) {
      const std::uint64_t last = data->size() - data->size() / kHeldOut;
      training_range = {data.get(), 0, last};
      validation_range = {data.get(), last, data->size()};
      if (data->size() - last < 2) {
        fail("{}: {} tokens are too few to hold out one in {} for validation; give more text, or --valid FILE",
             data->name(), data->size(), kHeldOut);
      }
    } else {
      validation = std::make_unique<Corpus>(job.validation, tokenizer);
      training_range = {data.get(), 0, data->size()};
      validation_range = {validation.get(), 0, validation->size()};
    }
  }
  std::uint64_t unseen() const { return validation ? validation->unseen() : 0; }
};

Provenance provenance_of(const LanguageModelJob& job, const Progress& progress, std::uint64_t tokens) {
  return {
      {"recur", RECUR_VERSION},    {"data", job.data},
      {"tokens", tokens},          {"validation", job.validation.empty() ? "the last 5 % of the data" : job.validation},
      {"step", progress.step},     {"epoch", progress.best_epoch},
      {"seed", job.training.seed}, {"valid_nats_per_token", progress.best_loss}};
}

}  // namespace

LanguageModelJob read_job(const std::string& model) {
  const ModelFile file(checkpoint_path(model));
  if (file.task() != kLanguageModelTask) {
    fail("{}: a checkpoint of task {}, expected a {}", file.name(), json(file.task()).dump(), kLanguageModelTask);
  }
  const TrainingState state = read_training_state(file);
  LanguageModelJob job;
  file.checked([&] { read_options_of(job, state.job); });
  job.model = model;
  job.resume = true;
  return job;
}

double Evaluation::bits_per_token() const { return nats_per_token / std::log(2.0); }
double Evaluation::perplexity() const { return std::exp(nats_per_token); }

LanguageModel::LanguageModel(std::unique_ptr<const LanguageNetwork> network, std::string provenance)
    : network_(std::move(network)), provenance_(std::move(provenance)) {}
LanguageModel::~LanguageModel() = default;
LanguageModel::LanguageModel(LanguageModel&&) noexcept = default;
LanguageModel& LanguageModel::operator=(LanguageModel&&) noexcept = default;

LanguageModel LanguageModel::load(const std::string& path) {
  const ModelFile file(path);
  auto network = read_language_network(file);
  return LanguageModel(std::move(network), file.provenance().dump());
}

LanguageModel LanguageModel::untrained(const LanguageModelOptions& options, std::size_t vocabulary) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < vocabulary; ++i) tokens.push_back(fmt::format("w{}", i));
  tokens.insert(tokens.begin(), std::string(kEndOfLineToken));
  tokens.resize(vocabulary);
  auto network = std::make_unique<LanguageNetwork>(options, Tokenizer(TokenizerKind::word, Vocabulary(tokens)));
  network->parameters().allocate();
  network->parameters().initialise(1, std::nullopt);
  return LanguageModel(std::move(network), json::object().dump());
}

LanguageModel LanguageModel::train(const LanguageModelJob& job, const TrainingHooks& hooks,
                                   const std::function<void(const LanguageModelSummary&)>& begin,
                                   TrainingResult* result) {
  LanguageModelJob listed = job;
  OptionList options;
  list_options(options, listed);
  options.check();
  TrainingRun run(job.model, job.resume, options);
  std::unique_ptr<LanguageNetwork> network;
  if (run.checkpoint() != nullptr) network = read_language_network(*run.checkpoint());
  const auto file = std::make_shared<const InputFile>(job.data);
  if (!network) {
    network = std::make_unique<LanguageNetwork>(job.network, Tokenizer::build(*file, job.tokenizer, job.words));
    network->parameters().allocate();
    network->parameters().initialise(job.training.seed, job.training.initial_range);
  }
  const Texts texts(job, file, network->tokenizer());
  const std::uint64_t tokens = texts.training_range.size(), held_out = texts.validation_range.size();
  run.set_data({{"tokens for training", tokens}, {"tokens for validation", held_out}}, *file,
               texts.validation ? &texts.validation->file() : nullptr);
  LanguageModelTask task(*network, texts.training_range, texts.validation_range, job.training.batch,
                         job.training.unroll, job.training.seed);
  if (begin) begin({tokens, held_out, texts.unseen(), network->vocabulary_size(), network->parameters().count()});
  const auto provenance = [&](const Progress& progress) { return provenance_of(job, progress, tokens); };
  const TrainingResult outcome =
      run.train({head_of(*network), network->parameters(), provenance}, task, job.training, hooks);
  if (result != nullptr) *result = outcome;
  if (outcome.best_epoch > 0) return load(job.model);
  return LanguageModel(std::move(network), provenance({}).dump());
}

void LanguageModel::save(const std::string& path) const {
  save_model(path, head_of(*network_), network_->parameters(), json::parse(provenance_));
}

const LanguageModelOptions& LanguageModel::options() const& { return network_->options(); }
LanguageModelOptions LanguageModel::options() && { return network_->options(); }
std::size_t LanguageModel::parameters() const { return network_->parameters().count(); }
std::size_t LanguageModel::vocabulary() const { return network_->vocabulary_size(); }
std::vector<int> LanguageModel::encode(std::string_view text) const {
  return network_->tokenizer().encode_prompt(text);
}
std::string LanguageModel::decode(int token) const {
  if (token < 0 || static_cast<std::size_t>(token) >= vocabulary()) {
    fail("token {}: expected an id from 0 to {}", token, vocabulary() - 1);
  }
  return network_->tokenizer().decode(token);
}

std::string LanguageModel::describe() const {
  return json{{"task", "language model"},
              {"parameters", parameters()},
              {"vocabulary", vocabulary()},
              {"tokenizer", to_string(network_->tokenizer().kind())},
              {"model", options_json(options())},
              {"layers", describe_layers(network_->stack())},
              {"tensors", describe_tensors(network_->parameters())},
              {"provenance", json::parse(provenance_)}}
      .dump(2);
}

std::string LanguageModel::describe_options(const LanguageModelOptions& options) {
  return options_json(options).dump();
}

Evaluation LanguageModel::evaluate(const std::string& path) const {
  const Corpus corpus(path, network_->tokenizer());
  const LossSum sum = recur::evaluate(*network_, corpus);
  return {sum.predictions, corpus.unseen(), sum.mean()};
}

void LanguageModel::generate(const Generation& options, const std::function<void(std::string_view)>& write) const {
  recur::generate(*network_, options, write);
}

std::string LanguageModel::generate(const Generation& options) const {
  std::string text;
  generate(options, [&](std::string_view piece) { text += piece; });
  return text;
}

class Session::Implementation {
 public:
  explicit Implementation(const LanguageNetwork& model) : network(model), stepper(model) {}
  const LanguageNetwork& network;
  Stepper stepper;
};

Session LanguageModel::session() const& { return Session(std::make_unique<Session::Implementation>(*network_)); }

Session::Session(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::span<const float> Session::step(int token) & { return implementation_->stepper.step(token); }
void Session::reset() { implementation_->stepper.reset(); }

SessionState Session::save() const {
  SessionState saved;
  saved.state_ = std::make_shared<const StackState>(implementation_->stepper.state());
  saved.vocabulary_ = implementation_->network.vocabulary_size();
  return saved;
}

void Session::restore(const SessionState& saved) {
  StackState& state = implementation_->stepper.state();
  if (!saved.state_ || saved.state_->layout() != state.layout() ||
      saved.vocabulary_ != implementation_->network.vocabulary_size()) {
    fail("restore: expected what a session of this model has saved, got the state of another model, or none");
  }
  std::ranges::copy(saved.state_->all(), state.all().begin());
}

std::span<float> Session::state(std::size_t layer, std::size_t slot) & {
  const RecurrentStack& stack = implementation_->network.stack();
  if (layer >= stack.layers() || slot >= stack.cell().states) {
    fail("state {} of layer {}: this model has {} layers of {} states", slot, layer, stack.layers(),
         stack.cell().states);
  }
  return implementation_->stepper.state().of(layer, slot);
}

StateTrace LanguageModel::states(std::span<const int> tokens, std::size_t layer, std::size_t slot) const {
  Session session = this->session();
  const std::span<const float> state = session.state(layer, slot);
  StateTrace trace{tokens.size(), state.size(), {}};
  for (const int token : tokens) {
    session.step(token);
    trace.values.insert(trace.values.end(), state.begin(), state.end());
  }
  check_results(trace.values, "a state");
  return trace;
}

}  // namespace recur
