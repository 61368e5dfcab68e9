// The data of a job that is about series: windows of their first part are trained on, those into the last validate.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/job_data.h"
#include "base/error.h"
#include "data/series_field.h"
#include "io/network_file.h"
#include "tasks/records_task.h"

namespace recur {
namespace {

class SeriesJob : public JobData {
 public:
  SeriesJob(const Job& job, const ModelFile* checkpoint)
      : JobData(job),
        file_(job.data),
        data_(file_, job.layout),
        held_out_(job.validation.empty() ? job.valid_share : 0) {
    if (job.validation.empty() && job.valid_share == 0)
      fail("--valid-share: expected a share above 0, or --valid FILE");
    if (!job.validation.empty() && std::ranges::find(job.asked, "valid-share") != job.asked.end())
      fail("--valid-share: --valid has what is for validation; leave it out");
    make_network(checkpoint, [&](const Network*) { return learn_task(job.task, data_, held_out_); });
    const SeriesField& field = *series_field(network_->fields());
    training_ = field.windows(data_, RecordPart::training, held_out_);
    if (!job.validation.empty()) {
      other_file_.emplace(job.validation);
      validation_ = field.windows({*other_file_, job.layout}, RecordPart::all, 0);
    } else {
      validation_ = field.windows(data_, RecordPart::held_out, held_out_);
    }
  }

  void tell(TrainingRun& run) const override {
    run.set_data({{"windows for training", training_->size()}, {"windows for validation", validation_->size()}},
                 about(file_), other_file_ ? std::optional(about(*other_file_)) : std::nullopt);
  }
  JobSummary summary() const override {
    JobSummary summary = common_summary();
    summary.training = training_->size();
    summary.validation = validation_->size();
    summary.notes = training_->notes;
    if (other_file_) summary.notes.insert(summary.notes.end(), validation_->notes.begin(), validation_->notes.end());
    return summary;
  }
  nlohmann::json provenance(const Progress& progress) const override {
    const std::string part = fmt::format("the last {:g} % of each series", 100 * held_out_);
    nlohmann::json provenance = common_provenance(progress, part.c_str());
    provenance["windows"] = training_->size();
    provenance["valid_loss"] = progress.best_loss;
    return provenance;
  }
  std::unique_ptr<Task> task() override {
    const TrainingOptions& o = job_.training;
    return std::make_unique<RecordsTask>(*network_, *training_, *validation_, BatchLimits{o.batch, 0}, o);
  }

 private:
  static TrainingRun::Data about(const InputFile& file) { return {file.name(), file.content_hash()}; }

  InputFile file_;
  RecordData data_;
  double held_out_;
  std::optional<InputFile> other_file_;
  std::unique_ptr<Records> training_, validation_;
};

}  // namespace

std::unique_ptr<JobData> read_series_job(const Job& job, const ModelFile* checkpoint) {
  return std::make_unique<SeriesJob>(job, checkpoint);
}

}  // namespace recur
