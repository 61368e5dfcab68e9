// The network of a task, put together from the parts of its recipe: fields of records, what the layers read, the
// layers, and the head that makes something of their output.
//
// Parameters: those of the inputs (embedding.weight, letters.*), the layers' as rnn.*; of an encoder all of these begin
// with "encoder."; of a condition its own (nn/condition.h) and start.LAYER.STATE.weight and .bias, of which tanh(W e +
// b) is that state before the first step; then the head's.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/label_field.h"
#include "data/read_records.h"
#include "nn/condition.h"
#include "nn/head.h"
#include "recur/types/task.h"
#include "recur/types/tasks.h"
#include "recur/types/training.h"

namespace recur {

// A task whose fields know data.
struct LearnedTask {
  TaskOptions options;
  Recipe recipe;
  Fields fields;
};
class Network;
// Throws Error naming the first of the options asked for whose value changes nothing of what reads such data, but would
// of what reads other data.
void check_used(TaskOptions options, const RecordData& data, std::span<const std::string> asked);
// Of its records, or its one text. `pretrained`: what it starts from, whose vocabularies the fields then begin with, or
// null.
LearnedTask learn_task(TaskOptions options, const RecordData& data, const ReadOptions& reading,
                       const Network* pretrained);
LearnedTask learn_task(TaskOptions options, const InputFile& text, const Network* pretrained);
// Of series, but for their last share.
LearnedTask learn_task(TaskOptions options, const RecordData& series, double held_out);
// A language model of words, as it is before it has seen a text, for a vocabulary of so many.
LearnedTask blank_language_model(const LanguageModelOptions& options, std::size_t vocabulary);
// Whether the task is about one text, and not about records.
bool reads_text(const TaskOptions& options);
// Whether it is about windows of series.
bool reads_series(const TaskOptions& options);
// Whether its records may have paths of sounds or pictures.
bool reads_frames(const TaskOptions& options);
// Fields that know nothing, for what they ask of data: whether it has numbers is looked up there.
Fields blank_fields(const TaskOptions& options, const RecordData& data);

class Network {
 public:
  // Declares the parameters; parameters().allocate() gives them memory. Throws Error naming the flag of an option that
  // makes no sense.
  explicit Network(LearnedTask task);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Gives the parameters their initial values; and those that word vectors have for them, if the task says so.
  void start(const TrainingOptions& training);
  void load_vectors();
  // As configuration() wrote it, its parameters not yet allocated. Throws Error for whatever that cannot have written.
  static std::unique_ptr<Network> load(std::string_view task, const nlohmann::json& configuration);
  // Options, and what fields and head have learned: what it takes to make the network again.
  nlohmann::json configuration() const;

  const std::string& task() const { return options_.task(); }
  const TaskOptions& options() const { return options_; }
  const Recipe& recipe() const { return recipe_; }
  const Fields& fields() const { return fields_; }
  const Head& head() const { return *head_; }
  Head& head() { return *head_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  // The recurrent layers between input and head; all layers by name.
  const RecurrentStack& layers() const { return *layers_; }
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const;
  // What the layers read, where it is one thing, beside which there may be knobs; null for several side by side.
  const Input* only_input() const;
  std::span<const KnobField* const> knobs() const { return inputs_.back()->knobs(); }
  // The table of the input's embedding, if it has one.
  std::optional<Parameters::Id> table() const { return inputs_.front()->table(); }
  // For people: a word or two and what there is to say of it; of the word vectors that a new network has started from.
  std::vector<std::pair<std::string, std::string>> describe() const;
  const std::string& vectors() const { return vectors_; }

  // Shows the head what is to be trained on; says which parameters are to be trained, and throws Error for what makes
  // no sense there; before each epoch, counted from 0 and of `steps` steps; which are trained in this one, see
  // Task::trained().
  void learn(const Records& training) { head_->learn(training); }
  void train_as(const StartOptions& start);
  void begin_epoch(std::uint64_t epoch, std::uint64_t steps);
  std::span<const TrainedRange> trained() const { return trained_; }

  // What the layers say of a batch, which must outlive the tape's contents; from `state`, and leaves that after it, or
  // from the beginning.
  Encoding encode(const Run& run, const Batch& batch, StackState& state, const RunOptions& how = {}) const;
  Encoding encode(const Run& run, const Batch& batch) const;
  // The loss of a batch, see Head::loss().
  LossSum loss(const Run& run, const Batch& batch, StackState& state) const {
    return head_->loss(run, encode(run, batch, state), batch);
  }
  LossSum loss(const Run& run, const Batch& batch) const { return head_->loss(run, encode(run, batch), batch); }

  // Of a condition, to run step by step: its labels; makes a state of a batch of one what it is before a text under a
  // label; what every input has beside it there, empty for nothing.
  const LabelField* conditions() const { return condition_ ? condition_->labels() : nullptr; }
  void begin_text(int label, StackState& state) const;
  std::span<const float> fed(int label) const;

 private:
  void declare();
  void check_every_step() const;
  void check_windows() const;
  Sequence read(const Run& run, const Batch& batch) const;
  Encoding run_layers(const Run& run, const Batch& batch, Sequence x, StackState& state, RunOptions how) const;
  // What is known of each record, [records, width], beside every step of x.
  Sequence feed(const Run& run, const Sequence& x, Var known) const;

  TaskOptions options_;
  Recipe recipe_;
  Fields fields_;
  Parameters parameters_;
  std::optional<Condition> condition_;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::optional<RecurrentStack> layers_;
  Parameters::Id first_head_ = 0;  // whose parameters are declared from here on
  std::unique_ptr<Head> head_;
  std::string vectors_;
  StartOptions start_;
  std::vector<TrainedRange> trained_;
};

}  // namespace recur
