// Models of the tasks on records (recur/tasks.h): train one on a data file, score it on another, let it predict.
// Everything throws recur::Error on a user's mistake.
//
//   recur::TaskJob job{.data = "train.tsv", .validation = "valid.tsv", .model = "m.safetensors"};
//   job.task = recur::ClassifyOptions{};
//   const recur::TaskModel model = recur::TaskModel::train(job);
//   model.predict("new.tsv", [](std::string_view line) { std::cout << line; });
//
// Any number of threads may use one TaskModel at once: after load() or train() nothing in it changes. Functions that
// are passed in are called on the calling thread. Names that are returned as a std::string_view live as long as the
// program.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "recur/language_model.h"
#include "recur/tasks.h"
#include "recur/training.h"

namespace recur {

using TaskOptions = std::variant<ClassifyOptions, TagOptions, TranslateOptions, ConditionedOptions>;

// A whole training: from a data file to a model file.
struct TaskJob {
  std::string data;                         // - is standard input
  std::string validation;                   // another file; when empty, one record in 20 is held out, drawn by the
                                            // seed, and of each label its share
  std::string model = "model.safetensors";  // the best model so far; the checkpoint is beside it
  bool resume = false;                      // go on from the checkpoint
  TaskOptions task;
  std::size_t batch_tokens = 16'384;  // a batch has at most so many, and at most training.batch records
  std::size_t max_length = 10'000;    // sequences of more tokens are cut,
  bool drop_long = false;             // or left out
  TrainingOptions training;
};

// As in model files and, but for "conditioned lm", in `recur train TASK`.
std::string_view task_name(const TaskOptions& options);
// The job that a checkpoint came from, ready to be resumed.
TaskJob read_task_job(const std::string& model);
// The task of a model file: "classify", .. or "language model".
std::string task_of_model(const std::string& path);

// What there is to say before training begins.
struct TaskSummary {
  std::size_t training_records = 0, validation_records = 0;
  std::size_t cut = 0, dropped = 0;  // training records over max_length
  std::size_t parameters = 0;
  std::string network, input;  // "lstm 1 x 128 in both directions", "10,034 words, embedding 128"
  std::string vectors;         // of a file of word vectors: "v.txt: vectors for 9512 of 10034 words"; empty without one
};

class TaskNetwork;

// What there is to say of predictions.
struct Predicted {
  std::size_t cut = 0;          // sequences over max_length
  std::size_t cut_outputs = 0;  // outputs that had not ended at their longest
};

class TaskModel {
 public:
  static TaskModel load(const std::string& path);
  // Trains from scratch, or resumes; returns the best model, which is also in the file.
  static TaskModel train(const TaskJob& job, const TrainingHooks& hooks = {},
                         const std::function<void(const TaskSummary&)>& begin = {}, TrainingResult* result = nullptr);
  ~TaskModel();
  TaskModel(TaskModel&&) noexcept;
  TaskModel& operator=(TaskModel&&) noexcept;

  std::string_view task() const;
  std::size_t parameters() const;
  // A JSON object: configuration, tensors, provenance and the kernel of each layer.
  std::string describe() const;

  // How well it does on a data file: a JSON object of the task's metrics.
  std::string evaluate(const std::string& path, const PredictOptions& options = {}) const;
  // Calls write() with each record's prediction in order, a line each (a block of lines for the task tag); what was to
  // be predicted need not be in the file.
  Predicted predict(const std::string& path, const std::function<void(std::string_view)>& write,
                    const PredictOptions& options = {}) const;

  // The task conditioned lm: writes a text for a label, piece by piece, until the model ends it or it has
  // options.length tokens after the prompt.
  void sample(std::string_view condition, const Generation& options,
              const std::function<void(std::string_view)>& write) const;
  std::string sample(std::string_view condition, const Generation& options) const;

 private:
  TaskModel(std::unique_ptr<const TaskNetwork> network, std::string provenance);
  std::unique_ptr<const TaskNetwork> network_;
  std::string provenance_;
};

}  // namespace recur
