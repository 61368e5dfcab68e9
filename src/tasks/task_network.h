// A model of one kind of task on records: its network, its vocabularies, and what it does with records. A task is a
// class derived from TaskNetworkOf<its records> and a line in task_table.cc.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/noise.h"
#include "base/file.h"
#include "nn/recurrent_stack.h"
#include "recur/tasks.h"
#include "tasks/records.h"
#include "tasks/task.h"

namespace recur {

// How well a network does on records.
struct RecordsScore {
  LossSum loss;
  std::optional<Measure> measure;  // which the task goes by, if that is not the loss
  nlohmann::ordered_json metrics;  // all of them, by name
};

class TaskNetwork {
 public:
  TaskNetwork() = default;
  TaskNetwork(const TaskNetwork&) = delete;
  TaskNetwork& operator=(const TaskNetwork&) = delete;
  virtual ~TaskNetwork() = default;

  // As in `recur train TASK`.
  virtual std::string_view task() const = 0;
  // Options and vocabularies: what it takes to make the network again.
  virtual nlohmann::json configuration() const = 0;
  // For people: a word or two and what there is to say of it.
  virtual std::vector<std::pair<std::string, std::string>> description() const = 0;
  // Its recurrent layers by name.
  virtual std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const = 0;
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  // What there is to say of the word vectors that a new network has started from; empty where there are none.
  const std::string& vectors() const { return vectors_; }

  // What its records look like, for messages: "lines of label<TAB>text".
  virtual const char* format() const = 0;
  // Throws Error naming the file and the line of what is wrong. There may be no records.
  virtual std::unique_ptr<Records> read(const InputFile& file, const ReadOptions& options) const = 0;

  // The loss of a batch of records, longest first. On a recording tape the gradient of its mean over predictions is
  // ready to flow back. What else it needs the tape keeps, so that many threads may use one network at once.
  virtual LossSum loss(Tape& tape, const Records& records, std::span<const std::size_t> batch,
                       const NoiseSource& noise) const = 0;
  // Before the first batch of each epoch, counted from 0.
  virtual void begin_epoch(std::uint64_t /*epoch*/) {}
  // So many parameters, the first ones, are not trained in this epoch.
  virtual std::size_t frozen() const { return 0; }

  virtual RecordsScore evaluate(const Records& records, const DecodeOptions& decode) const = 0;
  // The same while training, which may leave out what it does not go by.
  virtual RecordsScore validate_on(const Records& records) const = 0;
  // Calls write() with the prediction for each record in order, with its line ends. Returns how many of them were cut
  // before they had ended.
  virtual std::size_t predict(const Records& records, const PredictOptions& options, const WriteText& write) const = 0;

 protected:
  Parameters parameters_;
  std::string vectors_;
};

// What a task derives from: R are its records.
template <class R>
class TaskNetworkOf : public TaskNetwork {
 public:
  LossSum loss(Tape& tape, const Records& records, std::span<const std::size_t> batch,
               const NoiseSource& noise) const final {
    return batch_loss(tape, static_cast<const R&>(records), batch, noise);
  }
  RecordsScore evaluate(const Records& records, const DecodeOptions& decode) const final {
    return score(static_cast<const R&>(records), decode);
  }
  RecordsScore validate_on(const Records& records) const final { return validate(static_cast<const R&>(records)); }
  std::size_t predict(const Records& records, const PredictOptions& options, const WriteText& write) const final {
    return write_predictions(static_cast<const R&>(records), options, write);
  }

 protected:
  virtual LossSum batch_loss(Tape& tape, const R& records, std::span<const std::size_t> batch,
                             const NoiseSource& noise) const = 0;
  virtual RecordsScore score(const R& records, const DecodeOptions& decode) const = 0;
  virtual RecordsScore validate(const R& records) const { return score(records, {}); }
  virtual std::size_t write_predictions(const R& records, const PredictOptions& options,
                                        const WriteText& write) const = 0;
};

}  // namespace recur
