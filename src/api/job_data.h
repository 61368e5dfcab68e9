// The data of a job: read, found right, and made a task for the training loop.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "api/training_run.h"
#include "data/corpus.h"
#include "io/model_file.h"
#include "recur/model.h"
#include "tasks/network.h"
#include "tasks/task.h"

namespace recur {

class JobData {
 public:
  virtual ~JobData() = default;

  // Reads a job's data for the network of a checkpoint or, without one, for a new one. Throws Error of what is wrong.
  static std::unique_ptr<JobData> read(const Job& job, const ModelFile* checkpoint);

  Network& network() { return *network_; }
  std::unique_ptr<Network> take_network() { return std::move(network_); }
  // What was counted, and the files: a resumed run must find the same.
  virtual void tell(TrainingRun& run) const = 0;
  virtual JobSummary summary() const = 0;
  virtual nlohmann::json provenance(const Progress& progress) const = 0;
  // What trains the network; this must outlive it.
  virtual std::unique_ptr<Task> task() = 0;

 protected:
  explicit JobData(const Job& job) : job_(job) {}
  // Makes network_: the checkpoint's, or a new one of what learn() learned, which starts from another if the job says
  // so.
  void make_network(const ModelFile* checkpoint, const std::function<LearnedTask(const Network* pretrained)>& learn);
  // What every summary and provenance has.
  JobSummary common_summary() const;
  nlohmann::json common_provenance(const Progress& progress, const char* drawn) const;

  const Job& job_;
  std::unique_ptr<Network> network_;
  std::string started_from_;
};

// Of windows of series.
std::unique_ptr<JobData> read_series_job(const Job& job, const ModelFile* checkpoint);

}  // namespace recur
