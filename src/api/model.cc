// What include/recur/model.h promises, put together from the floors below.
#include "recur/model.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/describe.h"
#include "api/given_knobs.h"
#include "api/job_options.h"
#include "api/read_asked.h"
#include "api/run_job.h"
#include "api/search_guide.h"
#include "api/thread_limit.h"
#include "api/training_run.h"
#include "base/check_options.h"
#include "base/error.h"
#include "base/line_blocks.h"
#include "base/option_json.h"
#include "data/data_format.h"
#include "data/endless_text_field.h"
#include "data/frames/frame_reader.h"
#include "data/record_ends.h"
#include "data/series_field.h"
#include "infer/generate.h"
#include "infer/line_scores.h"
#include "infer/surprise.h"
#include "io/network_file.h"
#include "nn/heads/draw_head.h"
#include "nn/heads/heads.h"
#include "tasks/adaptation.h"
#include "tasks/ensemble.h"
#include "tasks/evaluate.h"
#include "tasks/windows_task.h"

namespace recur {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

const Tokenizer& tokenizer_of(const Network& network) {
  const EndlessTextField* text = endless_text(network.fields());
  if (text == nullptr)
    fail("a model of the task {} reads records; expected a language model of one text", network.task());
  return text->tokenizer();
}

Evaluation evaluate_text(const Network& network, const std::string& path, const PredictOptions& options) {
  if (options.skip_bad) fail("--skip-bad: a language model reads one text, which has no records; leave it out");
  const Adaptation& adaptation = options.adaptation;
  check_options_of(adaptation);
  const Corpus corpus(path, tokenizer_of(network));
  const LossSum sum = evaluate(network, corpus, adaptation);
  Evaluation e{.metrics = "", .predictions = sum.predictions, .nats = sum.mean(), .unseen = corpus.unseen()};
  ordered_json metrics = {{"tokens", e.predictions},
                          {"nats_per_token", e.nats},
                          {"bits_per_token", e.nats / std::log(2.0)},
                          {"perplexity", std::exp(e.nats)}};
  const TextSize text = corpus.text_size();
  const double bits = e.nats / std::log(2.0) * static_cast<double>(corpus.size());
  metrics["bits_per_character"] = bits / static_cast<double>(text.characters);
  metrics["bits_per_byte"] = bits / static_cast<double>(text.bytes);
  if (e.unseen > 0) metrics["unseen"] = e.unseen;
  e.metrics = metrics.dump();
  return e;
}

Evaluation evaluate_records(Ensemble networks, const RecordData& data, const PredictOptions& options) {
  const Network& network = *networks.front();
  if (endless_text(network.fields()) != nullptr) fail("a language model reads one text, not records");
  if (options.adaptation.rate > 0 || options.adaptation.cache > 0) {
    fail("--{}: only a language model of one text has a use for it; this one's task is {}",
         options.adaptation.rate > 0 ? "dynamic" : "cache", network.task());
  }
  const SeriesField* series = series_field(network.fields());
  check_skips(network, options);
  if (options.score) fail("score: outputs are evaluated, not targets; predict() says how probable these are");
  const SearchGuide guide(network, options);
  const auto records =
      series != nullptr ? series->windows(data, RecordPart::all, 0) : read_answered(network, data, options);
  if (records->size() == 0) fail_without_records(network.fields(), data);
  const Evaluated evaluated = evaluate(networks, *records, guide.options());
  std::vector<std::string> notes = records->notes;
  if (const Unlearnable left = unlearnable(network, *records); left.count > 0) {
    notes.push_back(fmt::format("{}: {} records are not in the loss: {}", data.name(), left.count, left.why));
  }
  return {metrics_of(evaluated, *records).dump(), evaluated.loss.predictions, evaluated.loss.mean(), 0,
          evaluated.measures->cut_outputs(),      records->skipped,           std::move(notes)};
}

// A language model of one text reads lines as it read its text, whatever they look like, unless it is told a format.
SourceLayout asked_layout(const Network& network, SourceLayout layout) {
  const bool told = layout.format != DataFormat::automatic || !layout.columns.empty();
  if (endless_text(network.fields()) != nullptr && !told) layout.format = DataFormat::lines;
  return layout;
}

// What is asked of each record that is predicted.
std::vector<FieldRequest> requests_for(const Network& network) {
  const EndlessTextField* text = endless_text(network.fields());
  if (text != nullptr) return requests_of(line_text(text->tokenizer()));
  return requests_of(network.fields());
}

// Whether the records of a file that begins so are lines, which stand for themselves; `layout` then says which format.
bool reads_by_line(const Network& network, const InputFile* beginning, SourceLayout& layout) {
  if (beginning == nullptr || series_field(network.fields()) != nullptr) return false;
  if (layout.format == DataFormat::lines) return true;
  if (is_record_path(beginning->name())) return false;
  const DataFormat format = format_of(*beginning, layout, requests_for(network));
  const bool lines = format == DataFormat::json || format == DataFormat::lines ||
                     (format == DataFormat::tsv && layout.columns.empty());
  if (lines) {
    layout.guessed = !is_told(*beginning, layout, format);
    layout.format = format;
  }
  return lines;
}

// The same of a pipe whose records are several lines each, or have a header: from now on its blocks are whole records.
bool reads_by_record(const Network& network, LineBlocks& blocks, SourceLayout& layout) {
  const InputFile* const beginning = blocks.peek();
  if (beginning == nullptr || series_field(network.fields()) != nullptr) return false;
  const DataFormat format = format_of(*beginning, layout, requests_for(network));
  std::optional<RecordEnds> ends = record_ends(format, layout);
  if (!ends) return false;
  layout.format = format;
  blocks.end_with(std::move(*ends));
  return true;
}

// Whether sentences have empty lines between them, which are answered, too.
bool has_empty_lines(const Network& network, const InputFile& file, const SourceLayout& layout) {
  const bool words = dynamic_cast<const TagHead*>(&network.head()) != nullptr;
  return !words || format_of(file, layout, requests_for(network)) == DataFormat::conll;
}

// `options` are those of a SearchGuide.
std::vector<Prediction> predictions_of(Ensemble networks, const Records& records, const PredictOptions& options) {
  std::vector<Prediction> predictions(records.size());
  const auto use = [&](std::size_t record, Prediction&& prediction) { predictions[record] = std::move(prediction); };
  if (endless_text(networks.front()->fields()) != nullptr) {
    score_lines(*networks.front(), records, options, use);
  } else {
    predict(networks, records, options, use);
  }
  return predictions;
}

}  // namespace

struct Model::Contents {
  std::unique_ptr<const Network> network;  // null of an ensemble
  std::string provenance;                  // JSON
  std::vector<Model> members;              // of an ensemble
  std::vector<const Network*> networks;    // the network, or the members'
  PackedOnce packed;
};

Model::Model(std::unique_ptr<const Network> network, std::string provenance) {
  auto contents = std::make_shared<Contents>();
  contents->network = std::move(network);
  contents->networks = {contents->network.get()};
  contents->provenance = std::move(provenance);
  contents_ = std::move(contents);
}

const Network& Model::network() const {
  if (contents_->network == nullptr) {
    fail("an ensemble of {} models only predicts and is evaluated; expected one model", contents_->networks.size());
  }
  return *contents_->network;
}

Model Model::with(std::span<const Model> others) const {
  Model ensemble = *this;
  if (others.empty()) return ensemble;
  auto contents = std::make_shared<Contents>();
  contents->members = {*this};
  contents->members.insert(contents->members.end(), others.begin(), others.end());
  for (const Model& member : contents->members) {
    for (const Network* one : member.contents_->networks) {
      check_alike(*contents_->networks.front(), *one);
      contents->networks.push_back(one);
    }
  }
  ensemble.contents_ = std::move(contents);
  return ensemble;
}

// Keeps the whole contents.
std::shared_ptr<const NetworkStepper> Model::stepper() const {
  return {contents_, &contents_->packed.stepper(network())};
}

std::string task_of_model(const std::string& path) { return ModelFile(path).task(); }

Job read_job(const std::string& model) {
  const ModelFile file(checkpoint_path(model));
  const TrainingState state = read_training_state(file);
  return file.checked([&] {
    Job job;
    job.task = find_task(file.task()).standard;
    read_options_of(job, json::parse(state.job));
    job.model = model;
    job.resume = true;
    return job;
  });
}

Model Model::load(const std::string& path) {
  const ModelFile file(path);
  auto network = read_network(file);
  return Model(std::move(network), file.provenance().dump());
}

Model Model::from_bytes(std::span<const std::byte> bytes) {
  const ModelFile file(bytes, "model");
  auto network = read_network(file);
  return Model(std::move(network), file.provenance().dump());
}

Model Model::untrained(const LanguageModelOptions& options, std::size_t vocabulary) {
  auto network = std::make_unique<Network>(blank_language_model(options, vocabulary));
  network->start({});
  return Model(std::move(network), json::object().dump());
}

Model Model::train(const Job& job, const TrainingHooks& hooks, const std::function<void(const JobSummary&)>& begin,
                   TrainingResult* result) {
  Trained trained = run_job(job, hooks, begin);
  if (result != nullptr) *result = trained.result;
  if (trained.result.best_epoch > 0) return load(job.model);
  return Model(std::move(trained.network), trained.provenance);
}

void Model::save(const std::string& path) const {
  save_model(path, head_of(network()), network().parameters(), contents_->provenance);
}

const std::string& Model::task() const { return contents_->networks.front()->task(); }
const TaskOptions& Model::options() const& { return contents_->networks.front()->options(); }
TaskOptions Model::options() && { return contents_->networks.front()->options(); }
std::size_t Model::parameters() const {
  std::size_t count = 0;
  for (const Network* one : contents_->networks) count += one->parameters().count();
  return count;
}

std::string Model::describe() const {
  json about = recur::describe(network());
  about["provenance"] = json::parse(contents_->provenance);
  return about.dump(2);
}

Evaluation Model::evaluate(const std::string& path, const PredictOptions& options) const {
  const ThreadLimit limit(options.threads);
  const Network& first = *contents_->networks.front();
  if (endless_text(first.fields()) != nullptr) return evaluate_text(first, path, options);
  const InputFile file(path);
  return evaluate_records(contents_->networks, {file, options.layout}, options);
}

Evaluation Model::evaluate(std::span<const Record> records, const PredictOptions& options) const {
  const ThreadLimit limit(options.threads);
  return evaluate_records(contents_->networks, RecordData(records), options);
}

std::vector<Prediction> Model::predict(std::span<const Record> records, const PredictOptions& options) const {
  const ThreadLimit limit(options.threads);
  if (options.skip_bad) fail("skip_bad: each record in memory has a prediction; expected a file, or no skip_bad");
  const SearchGuide guide(network(), options);
  const auto read = read_unanswered(network(), RecordData(records), options);
  if (!read->empty_before.empty()) {
    fail("record {}: is empty; expected at least a step", read->empty_before.front());
  }
  return predictions_of(contents_->networks, *read, guide.options());
}

Predicted Model::predict(const std::string& path,
                         const std::function<void(const Prediction* prediction, std::size_t line)>& use,
                         const PredictOptions& options) const {
  const ThreadLimit limit(options.threads);
  const Network& first = *contents_->networks.front();
  const SearchGuide guide(first, options);
  Predicted predicted;
  std::size_t line = 0;
  const auto answer = [&](const InputFile& file, const SourceLayout& layout) {
    const auto records = read_unanswered(first, {file, layout}, options, true);
    std::vector<Prediction> predictions = predictions_of(contents_->networks, *records, guide.options());
    const bool apart = !has_empty_lines(first, file, layout);
    std::size_t empty = 0;
    for (std::size_t i = 0; i <= predictions.size(); ++i) {
      for (; empty < records->empty_before.size() && records->empty_before[empty] == i; ++empty) use(nullptr, ++line);
      if (i == predictions.size()) break;
      use(&predictions[i], ++line);
      const auto* tags = std::get_if<TagsPrediction>(&predictions[i]);
      if (apart && tags != nullptr && !tags->words.empty()) use(nullptr, line);
    }
    note_outside(first, *records, predicted);
    predicted.notes.insert(predicted.notes.end(), records->notes.begin(), records->notes.end());
    predicted.records += records->size();
    predicted.cut += records->cut;
    predicted.skipped += records->skipped;
    if (!records->bad.empty()) throw CutShort(records->bad, predicted);
  };
  LineBlocks blocks(path);
  SourceLayout layout = asked_layout(first, options.layout);
  if (!reads_by_line(first, blocks.peek(), layout) && !(path == "-" && reads_by_record(first, blocks, layout))) {
    answer(*blocks.all(), layout);
    return predicted;
  }
  while (const auto lines = blocks.next()) answer(*lines, layout);
  return predicted;
}

void Model::surprise(const std::string& path, const std::function<void(const Surprise&)>& use,
                     const DataLayout& layout) const {
  if (endless_text(network().fields()) != nullptr) {
    line_surprises(network(), Corpus(path, tokenizer_of(network())), use);
    return;
  }
  const SeriesField* series = series_field(network().fields());
  if (series == nullptr) {
    fail("--surprise: expected a language model, or a model of the task forecast, got one of the task {}", task());
  }
  const InputFile file(path);
  number_surprises(network(), *series->steps({file, layout}), use);
}

void Model::generate(const Generation& options, const std::function<void(std::string_view)>& write,
                     std::string_view condition) const {
  check_writes(network());
  Author author(network(), stepper(), condition, options);
  recur::generate(author, write);
}

void Model::generate(const Generation& options, std::size_t count, const std::function<void(std::string&&)>& use,
                     std::string_view condition) const {
  check_writes(network());
  Author author(network(), stepper(), condition, options);
  recur::generate(author, count, use);
}

std::string Model::generate(const Generation& options, std::string_view condition) const {
  std::string text;
  generate(
      options, [&](std::string_view piece) { text += piece; }, condition);
  return text;
}

void Model::draw(std::size_t count, std::uint64_t seed, const std::function<void(Drawing&&)>& use) const {
  const auto* head = dynamic_cast<const DrawHead*>(&network().head());
  if (head == nullptr) fail("a model of the task {} draws no pictures; expected one of the task draw", task());
  head->draw(network().parameters(), count, seed, use);
}

std::size_t Model::vocabulary() const {
  const TextField* line = line_field(network());
  return line != nullptr ? line->vocabulary() : static_cast<std::size_t>(tokenizer_of(network()).vocabulary().size());
}

std::vector<int> Model::encode(std::string_view text) const {
  const TextField* line = line_field(network());
  if (line == nullptr) return tokenizer_of(network()).encode_prompt(text);
  std::vector<int> tokens = line->codec().encode(text);
  tokens.insert(tokens.begin(), line->codec().begin());
  return tokens;
}

std::string Model::decode(int token) const {
  if (token < 0 || static_cast<std::size_t>(token) >= vocabulary()) {
    fail("token {}: expected an id from 0 to {}", token, vocabulary() - 1);
  }
  const TextField* line = line_field(network());
  return line != nullptr ? line->codec().decode(std::span(&token, 1)) : tokenizer_of(network()).decode(token);
}

std::optional<int> Model::end() const {
  const TextField* line = line_field(network());
  return line == nullptr ? std::nullopt : std::optional(line->codec().end());
}

std::vector<KnobRange> Model::knobs() const {
  std::vector<KnobRange> ranges;
  for (const KnobField* knob : contents_->networks.front()->knobs()) ranges.push_back(knob->range());
  return ranges;
}

Stream Model::stream(const StreamOptions& options) const {
  if (network().conditions() != nullptr)
    fail("a stream has no label to start from; a conditioned model has generate()");
  return Stream(stepper(), options);
}

}  // namespace recur
