// Models of every task (recur/types/task.h): train one on a data file, score it, let it predict or write, run it step
// by step. Everything throws recur::Error on a user's mistake.
//
//   recur::Job job{.data = "train.tsv", .validation = "valid.tsv", .model = "m.safetensors"};
//   job.task = recur::ClassifyOptions{};
//   const recur::Model model = recur::Model::train(job);
//   const std::vector<recur::Record> records = {{{"text", "Where is it?"}}};
//   for (const recur::Prediction& p : model.predict(records)) std::cout << std::get<LabelPrediction>(p).label();
//
// A Model is immutable and a handle: copies share one network, and what was made of it (streams) keeps that. Any number
// of threads may use one Model at once. Functions that are passed in are called on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/stream.h"
#include "recur/types/drawing.h"
#include "recur/types/generation.h"
#include "recur/types/prediction.h"
#include "recur/types/record.h"
#include "recur/types/task.h"
#include "recur/types/tasks.h"
#include "recur/types/training.h"

namespace recur {

// A whole training: from a data file to a model file.
struct Job {
  std::string data;  // records, or the text of a language model; - is standard input
  // Another; when empty, one record in 20 is held out, drawn by the seed, and of each label its share; of a text the
  // last 5 %.
  std::string validation = {};
  // Instead of files, records that a program has or makes, but of a text or of series: those of an epoch, counted from
  // 0, the same whenever they are asked for, and as many in every epoch, so many of each length that epochs have as
  // many batches. `data` then is what they are called. The fields learn from epoch 0. Validation: a file, or these, or
  // one in 20 of epoch 0, whose places are not trained on in any: every epoch's record i must then be of the same i.
  std::function<std::vector<Record>(std::uint64_t epoch)> records = {};
  std::vector<Record> validation_records = {};
  double valid_share = 0.1;                 // of series: the last part of each, where there is no other file
  std::string model = "model.safetensors";  // the best model so far; the checkpoint is beside it (checkpoint_path())
  bool resume = false;                      // go on from the checkpoint
  TaskOptions task = LanguageModelOptions();
  std::vector<std::string> asked = {};  // names of the task's options that must be of use for such data
  // Of records: where files have what; where the frames of sounds and pictures stay for other trainings; a batch has at
  // most so many tokens, and at most training.batch records; sequences of more tokens are cut, or left out.
  DataLayout layout = {};
  std::string validation_columns = {};  // of the validation file; empty: layout.columns
  std::string feature_cache = {};       // a folder; empty: none
  std::size_t batch_tokens = 16'384;
  std::size_t max_length = 10'000;
  bool drop_long = false;
  TrainingOptions training = {};
  StartOptions start = {};
  std::size_t threads = 0;  // as in PredictOptions
  std::string preset = {};  // whose options these began as (recur/types/presets.h), for the record
};

// The job that a checkpoint came from, ready to be resumed.
Job read_job(const std::string& model);
// The task of a model file: "classify", "language model", ..
std::string task_of_model(const std::string& path);

// What there is to say before training begins.
struct JobSummary {
  std::uint64_t training = 0, validation = 0;                // records; of a language model tokens
  std::uint64_t unseen = 0;                                  // tokens of its validation text that are left out
  std::uint64_t cut = 0, dropped = 0;                        // training records over max_length,
  std::uint64_t validation_cut = 0, validation_dropped = 0;  // and those for validation
  std::uint64_t unlearnable = 0;                             // training records that nothing is learned from
  std::string unlearnable_why;                               // of the first
  std::size_t parameters = 0;
  std::string network, input;  // "lstm 1 x 128 in both directions", "10,034 words, embedding 128"
  std::string started_from;    // of init_from: what was taken from it and what not; empty without one
  std::string vectors;         // of a file of word vectors: "v.txt: vectors for 9512 of 10034 words"; empty without one
  std::vector<std::string> notes;  // what else there is to say of the data, a line each
};

// How well a model does.
struct Evaluation {
  std::string metrics;                  // all there is to say, as a JSON object
  std::uint64_t predictions = 0;        // of which the loss is a mean: tokens, records, ..
  double nats = 0;                      // the loss of a prediction
  std::uint64_t unseen = 0;             // tokens of a text that the model has never seen, left out
  std::uint64_t cut_outputs = 0;        // outputs that had not ended at their longest
  std::uint64_t skipped = 0;            // records that PredictOptions::skip_bad was told of
  std::vector<std::string> notes = {};  // what else there is to say of the data, a line each
};

// What there is to say of a file that was predicted.
struct Predicted {
  std::size_t records = 0, cut = 0;  // cut: sequences over max_length
  std::size_t skipped = 0;           // records that PredictOptions::skip_bad was told of
  std::size_t outside = 0;           // records that have a knob where the training data has it not
  std::vector<std::string> notes;    // what else there is to say of the data, a line each
  std::string outside_what;          // "record 3: the knob "gain" stands at 1.5, and ..", of the first of them
};

// A record of a file cannot be read, and those before it have been predicted: what there is to say of these.
class CutShort : public Error {
 public:
  CutShort(const std::string& problem, Predicted predicted) : Error(problem), before(std::move(predicted)) {}
  Predicted before;
};

class Network;
class NetworkStepper;
class Listener;        // recur/listener.h
class Conversation;    // api/conversation.h
struct GradientReach;  // recur/inspect.h
struct UnitGroup;
struct UnitTrace;
struct States;  // recur/states.h
struct StatesOptions;
struct PenStep;  // recur/strokes.h
struct Sketching;

class Model {
 public:
  static Model load(const std::string& path);
  // The same of a file's bytes, which need not stay.
  static Model from_bytes(std::span<const std::byte> bytes);
  // Trains from scratch, or resumes; returns the best model, which is also in the file; where it was interrupted before
  // its first validation, the model as it is, which is in the checkpoint alone.
  static Model train(const Job& job, const TrainingHooks& hooks = {},
                     const std::function<void(const JobSummary&)>& begin = {}, TrainingResult* result = nullptr);
  // A language model as it is before training, for a vocabulary of so many tokens.
  static Model untrained(const LanguageModelOptions& options, std::size_t vocabulary);

  void save(const std::string& path) const;

  const std::string& task() const;
  const TaskOptions& options() const&;
  TaskOptions options() &&;
  std::size_t parameters() const;
  // A JSON object: configuration, tensors, provenance and the kernel of each layer.
  std::string describe() const;

  // How well it does on a data file, or on records in memory.
  Evaluation evaluate(const std::string& path, const PredictOptions& options = {}) const;
  Evaluation evaluate(std::span<const Record> records, const PredictOptions& options = {}) const;
  // A prediction for each record, none of which can be skipped; what is to be predicted need not be there.
  std::vector<Prediction> predict(std::span<const Record> records, const PredictOptions& options = {}) const;
  // The same of a data file: calls use() with the prediction for each of its lines in order, null for an empty one, for
  // a record that is skipped, and behind a tagged sentence of data whose sentences no empty line ends, as CoNLL's does.
  // Throws CutShort at a record that cannot be read, once it has done so for those before it.
  Predicted predict(const std::string& path,
                    const std::function<void(const Prediction* prediction, std::size_t line)>& use,
                    const PredictOptions& options = {}) const;

  // How surprising the numbers of series are to a model that forecasts distributions: of each that is known, from the
  // second of a series on; the lines of a text to a language model, its state carried from one to the next.
  void surprise(const std::string& path, const std::function<void(const Surprise&)>& use,
                const DataLayout& layout = {}) const;

  // A language model continues the prompt, piece by piece and never with a part of a character; a conditioned one
  // writes a text for a label, until it ends that or it has options.length tokens after the prompt.
  void generate(const Generation& options, const std::function<void(std::string_view)>& write,
                std::string_view condition = {}) const;
  std::string generate(const Generation& options, std::string_view condition = {}) const;
  // So many texts at once, step by step together: the first as above, each other one from a seed of its own. Calls
  // use() with each, in order.
  void generate(const Generation& options, std::size_t count, const std::function<void(std::string&&)>& use,
                std::string_view condition = {}) const;

  // This model and others that were trained for the same with the same vocabularies, as one: predictions are made of
  // the mean of what they say. Throws Error naming what differs.
  Model with(std::span<const Model> others) const;

  // A model of the task draw draws so many pictures from nothing, of which each follows from the seed and its number
  // alone. Throws Error for other models.
  void draw(std::size_t count, std::uint64_t seed, const std::function<void(Drawing&&)>& use) const;

  // A language model, token by token: its vocabulary, token ids of a text and back. Of lines, encode() begins with the
  // token that begins a line, and end() is the one that ends it; nothing where a text has no end.
  std::size_t vocabulary() const;
  std::vector<int> encode(std::string_view text) const;
  std::string decode(int token) const;
  std::optional<int> end() const;
  // Runs it step by step from its first states, where what it says at a step follows from those so far
  // (recur/stream.h). Throws Error for a model that reads in both directions, or whole sequences. The stream keeps what
  // it needs of the model.
  Stream stream(const StreamOptions& options = {}) const;
  // Of an effect with knobs: these, in their order.
  std::vector<KnobRange> knobs() const;

 private:
  friend class Listener;
  friend class Conversation;
  friend GradientReach measure_gradients(const Model& model, const std::string& path, std::size_t steps);
  friend std::vector<UnitGroup> unit_groups(const Model& model);
  friend States states_of(const Model& model, const std::string& path, const StatesOptions& options);
  friend UnitTrace trace_units(const Model& model, const std::string& path, std::size_t length);
  friend std::vector<std::vector<PenStep>> sketch(const Model& model, const Sketching& how);
  struct Contents;
  explicit Model(std::unique_ptr<const Network> network, std::string provenance);
  const Network& network() const;
  std::shared_ptr<const NetworkStepper> stepper() const;

  std::shared_ptr<const Contents> contents_;
};

}  // namespace recur
