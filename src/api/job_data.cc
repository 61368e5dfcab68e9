#include "api/job_data.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "api/describe.h"
#include "base/error.h"
#include "base/show.h"
#include "data/endless_text_field.h"
#include "data/held_out.h"
#include "io/network_file.h"
#include "tasks/records_task.h"
#include "tasks/windows_task.h"

namespace recur {
namespace {

// One endless text: which of its tokens are for training and which for validation.
class TextData : public JobData {
 public:
  TextData(const Job& job, const ModelFile* checkpoint) : JobData(job) {
    const auto file = std::make_shared<const InputFile>(job.data);
    if (checkpoint != nullptr) {
      network_ = read_network(*checkpoint);
    } else {
      network_ = std::make_unique<Network>(learn_task(job.task, *file));
      network_->start(job.training);
    }
    const Tokenizer& tokenizer = endless_text(network_->fields())->tokenizer();
    data_ = std::make_unique<Corpus>(file, tokenizer);
    if (job.validation.empty()) {
      hold_out();
    } else {
      validation_ = std::make_unique<Corpus>(job.validation, tokenizer);
      training_range_ = {data_.get(), 0, data_->size()};
      validation_range_ = {validation_.get(), 0, validation_->size()};
    }
  }

  void tell(TrainingRun& run) const override {
    run.set_data({{"tokens for training", training_range_.size()}, {"tokens for validation", validation_range_.size()}},
                 data_->file(), validation_ ? &validation_->file() : nullptr);
  }
  JobSummary summary() const override {
    JobSummary summary = common_summary();
    summary.training = training_range_.size();
    summary.validation = validation_range_.size();
    summary.unseen = validation_ ? validation_->unseen() : 0;
    return summary;
  }
  Provenance provenance(const Progress& progress) const override {
    Provenance provenance = common_provenance(progress, "the last 5 % of the data");
    provenance["tokens"] = training_range_.size();
    provenance["valid_nats_per_token"] = progress.best_loss;
    return provenance;
  }
  std::unique_ptr<Task> task() override {
    const TrainingOptions& o = job_.training;
    return std::make_unique<WindowsTask>(*network_, training_range_, validation_range_, o.batch, o.unroll, o.seed);
  }

 private:
  void hold_out() {
    const std::uint64_t last = data_->size() - data_->size() / kHeldOut;
    training_range_ = {data_.get(), 0, last};
    validation_range_ = {data_.get(), last, data_->size()};
    if (data_->size() - last < 2) {
      fail("{}: {} tokens are too few to hold out one in {} for validation; give more text, or --valid FILE",
           data_->name(), data_->size(), kHeldOut);
    }
  }

  std::unique_ptr<Corpus> data_, validation_;  // validation_: null when part of the data is held out
  CorpusRange training_range_, validation_range_;
};

class RecordsData : public JobData {
 public:
  RecordsData(const Job& job, const ModelFile* checkpoint)
      : JobData(job), file_(job.data), data_(file_, job.layout), hold_out_(job.validation.empty()) {
    ReadOptions reading{{job.max_length, job.drop_long}, true, RecordPart::all, false};
    if (hold_out_) {
      reading.part = RecordPart::training;
      reading.held_out = draw_held_out(requests_of(blank_fields(job.task, data_)), data_, job.training.seed);
    } else {
      other_.emplace(other_file_.emplace(job.validation), job.layout);
    }
    make_network(checkpoint, reading);
    training_ = read_records(network_->fields(), data_, reading);
    reading.part = hold_out_ ? RecordPart::held_out : RecordPart::all;
    reading.keep_text = true;
    validation_ = read_records(network_->fields(), hold_out_ ? data_ : *other_, reading);
    check(reading.length);
    if (checkpoint == nullptr) network_->learn(*training_);
  }

  void tell(TrainingRun& run) const override {
    run.set_data({{"records for training", training_->size()},
                  {hold_out_ ? "records drawn for validation" : "records for validation", validation_->size()}},
                 file_, other_file_ ? &*other_file_ : nullptr);
  }
  JobSummary summary() const override {
    JobSummary summary = common_summary();
    summary.training = training_->size();
    summary.validation = validation_->size();
    summary.cut = training_->cut;
    summary.dropped = training_->dropped;
    return summary;
  }
  Provenance provenance(const Progress& progress) const override {
    const std::string drawn = fmt::format("one record in {}, drawn by the seed", kHeldOut);
    Provenance provenance = common_provenance(progress, drawn.c_str());
    provenance["records"] = training_->size();
    provenance["valid_nats"] = progress.best_loss;
    if (std::isfinite(progress.best_measure)) provenance["valid_measure"] = progress.best_measure;
    return provenance;
  }
  std::unique_ptr<Task> task() override {
    const TrainingOptions& o = job_.training;
    const BatchLimits limits{o.batch, job_.batch_tokens};
    return std::make_unique<RecordsTask>(*network_, *training_, *validation_, limits, o.seed);
  }

 private:
  void make_network(const ModelFile* checkpoint, const ReadOptions& reading) {
    if (checkpoint != nullptr) {
      network_ = read_network(*checkpoint);
      return;
    }
    const std::string from = job_.task.make_recipe(false).init_from;
    std::unique_ptr<Network> pretrained;
    if (!from.empty()) pretrained = read_language_model(from);
    network_ = std::make_unique<Network>(learn_task(job_.task, data_, reading, pretrained.get()));
    network_->start(job_.training, pretrained.get());
  }
  static std::unique_ptr<Network> read_language_model(const std::string& path) {
    auto network = read_network(ModelFile(path));
    if (endless_text(network->fields()) != nullptr) return network;
    fail("{}: a model of task {}, expected a language model", path, quote(network->task()));
  }

  void check(const LengthLimit& limit) const {
    if (training_->size() == 0) fail_empty(data_, *training_, limit);
    if (validation_->size() > 0) return;
    if (!hold_out_) fail_empty(*other_, *validation_, limit);
    fail("{}: {} records are too few to hold out one in {} for validation; give more, or --valid FILE", data_.name(),
         training_->size(), kHeldOut);
  }
  [[noreturn]] void fail_empty(const RecordData& data, const Records& records, const LengthLimit& limit) const {
    if (records.dropped > 0) fail_all_long(data.name(), records, limit);
    fail_without_records(network_->fields(), data);
  }

  InputFile file_;
  RecordData data_;
  bool hold_out_;
  std::optional<InputFile> other_file_;
  std::optional<RecordData> other_;
  std::unique_ptr<Records> training_, validation_;
};

}  // namespace

std::unique_ptr<JobData> JobData::read(const Job& job, const ModelFile* checkpoint) {
  if (reads_text(job.task)) return std::make_unique<TextData>(job, checkpoint);
  if (reads_series(job.task)) return read_series_job(job, checkpoint);
  return std::make_unique<RecordsData>(job, checkpoint);
}

JobSummary JobData::common_summary() const {
  JobSummary summary;
  summary.parameters = network_->parameters().count();
  summary.network = layers_text(*network_);
  summary.input = network_->describe().front().second;
  summary.vectors = network_->vectors();
  return summary;
}

Provenance JobData::common_provenance(const Progress& progress, const char* drawn) const {
  return {{"recur", RECUR_VERSION},
          {"data", job_.data},
          {"validation", job_.validation.empty() ? drawn : job_.validation},
          {"step", progress.step},
          {"epoch", progress.best_epoch},
          {"seed", job_.training.seed}};
}

}  // namespace recur
