#include "api/job_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "api/describe.h"
#include "base/error.h"
#include "base/show.h"
#include "data/endless_text_field.h"
#include "data/held_out.h"
#include "io/network_file.h"
#include "tasks/evaluate.h"
#include "tasks/records_task.h"
#include "tasks/transfer.h"
#include "tasks/windows_task.h"

namespace recur {
namespace {

// One endless text: which of its tokens are for training and which for validation.
class TextData : public JobData {
 public:
  TextData(const Job& job, const ModelFile* checkpoint) : JobData(job) {
    const auto file = std::make_shared<const InputFile>(job.data);
    make_network(checkpoint, [&](const Network* from) { return learn_task(job.task, *file, from); });
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
                 data_of(*data_), validation_ ? std::optional(data_of(*validation_)) : std::nullopt);
  }
  JobSummary summary() const override {
    JobSummary summary = common_summary();
    summary.training = training_range_.size();
    summary.validation = validation_range_.size();
    summary.unseen = validation_ ? validation_->unseen() : 0;
    return summary;
  }
  nlohmann::json provenance(const Progress& progress) const override {
    nlohmann::json provenance = common_provenance(progress, "the last 5 % of the data");
    provenance["tokens"] = training_range_.size();
    provenance["valid_nats_per_token"] = progress.best_loss;
    return provenance;
  }
  std::unique_ptr<Task> task() override {
    const TrainingOptions& o = job_.training;
    return std::make_unique<WindowsTask>(*network_, training_range_, validation_range_, o.batch, o.unroll, o.seed);
  }

 private:
  static TrainingRun::Data data_of(const Corpus& corpus) { return {corpus.name(), corpus.file().content_hash()}; }
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

// How much faster and slower sounds are heard, if any.
double speed_change(const Recipe& recipe) {
  for (const InputSpec& spec : recipe.input) {
    const auto* numbers = std::get_if<NumbersInputSpec>(&spec);
    if (numbers != nullptr && numbers->frames.speed > 0) return static_cast<double>(numbers->frames.speed);
  }
  return 0;
}

// Where the records of a job come from, and what they come from must outlive these.
struct JobRecords {
  explicit JobRecords(const std::string& path, const SourceLayout& layout)
      : file(std::in_place, path), data(std::in_place, *file, layout) {}
  explicit JobRecords(std::vector<Record> made, const std::string& name)
      : records(std::move(made)), data(std::in_place, std::span(records), name) {}

  TrainingRun::Data about() const { return {data->name(), data->content_hash()}; }

  std::optional<InputFile> file;
  std::vector<Record> records;
  std::optional<RecordData> data;
};

class RecordsData : public JobData {
 public:
  RecordsData(const Job& job, const ModelFile* checkpoint)
      : JobData(job), hold_out_(job.validation.empty() && job.validation_records.empty()) {
    if (!job.validation.empty() && !job.validation_records.empty()) {
      fail("{}: does not go with validation records, which are given, too", job.validation);
    }
    if (job.records) {
      source_.emplace(job.records(0), name());
    } else {
      source_.emplace(job.data, job.layout);
    }
    if (!job.feature_cache.empty()) check_frames();
    if (!job.validation_columns.empty() && job.validation.empty()) fail("--valid-columns: only goes with --valid");
    const auto store = std::make_shared<FrameStore>(job.feature_cache);
    source_->data->keep_frames(store);
    reading_ = {.length = {most_steps(job), job.drop_long}, .keep_text = false};
    if (hold_out_) {
      reading_.part = RecordPart::training;
      reading_.held_out = draw_held_out(requests_of(blank_fields(job.task, data())), data(), job.training.seed);
    } else if (!job.validation.empty()) {
      other_.emplace(job.validation, validation_layout());
      check_validation_columns();
    } else {
      other_.emplace(job.validation_records, "validation records");
    }
    if (other_ && !job.feature_cache.empty()) other_->data->keep_frames(store);
    if (checkpoint == nullptr) check_used(job.task, data(), job.asked);
    make_network(checkpoint, [&](const Network* from) { return learn_task(job_.task, data(), reading_, from); });
    reading_.speed = speed_change(network_->recipe());
    training_ = read_records(network_->fields(), data(), reading_);
    ReadOptions reading = reading_;
    reading.part = hold_out_ ? RecordPart::held_out : RecordPart::all;
    reading.keep_text = true;
    reading.speed = 0;
    validation_ = read_records(network_->fields(), hold_out_ ? data() : *other_->data, reading);
    source_->data->keep_frames(nullptr);
    if (other_) other_->data->keep_frames(nullptr);
    unlearnable_ = unlearnable(*network_, *training_);
    check(reading.length);
    if (checkpoint == nullptr) network_->learn(*training_);
  }

  void tell(TrainingRun& run) const override {
    run.set_data({{"records for training", training_->originals()},
                  {hold_out_ ? "records drawn for validation" : "records for validation", validation_->size()}},
                 source_->about(), other_ ? std::optional(other_->about()) : std::nullopt);
  }
  JobSummary summary() const override {
    JobSummary summary = common_summary();
    summary.training = training_->originals();
    summary.validation = validation_->size();
    summary.cut = training_->cut;
    summary.dropped = training_->dropped;
    summary.validation_cut = validation_->cut;
    summary.validation_dropped = validation_->dropped;
    summary.unlearnable = unlearnable_.count;
    summary.unlearnable_why = unlearnable_.why;
    return summary;
  }
  nlohmann::json provenance(const Progress& progress) const override {
    const std::string drawn = fmt::format("one record in {}, drawn by the seed", kHeldOut);
    nlohmann::json provenance = common_provenance(progress, drawn.c_str());
    provenance["records"] = training_->originals();
    provenance["valid_nats"] = progress.best_loss;
    if (std::isfinite(progress.best_measure)) provenance["valid_measure"] = progress.best_measure;
    return provenance;
  }
  std::unique_ptr<Task> task() override {
    const TrainingOptions& o = job_.training;
    const BatchLimits limits{o.batch, network_->recipe().windows ? 0 : job_.batch_tokens};
    auto task = std::make_unique<RecordsTask>(*network_, *training_, *validation_, limits, o);
    if (job_.records) task->draw_with([this](std::uint64_t epoch) { return draw(epoch); });
    return task;
  }

 private:
  // What is trained in windows may have any length.
  static std::size_t most_steps(const Job& job) {
    const bool windows = job.task.make_recipe(InputKind::text).windows;
    return windows ? std::numeric_limits<std::uint32_t>::max() : job.max_length;
  }
  std::string name() const { return job_.data.empty() ? "records" : job_.data; }
  const RecordData& data() const { return *source_->data; }
  std::unique_ptr<Records> draw(std::uint64_t epoch) const {
    const JobRecords drawn(job_.records(epoch), fmt::format("{}, epoch {}", name(), epoch));
    return read_records(network_->fields(), *drawn.data, reading_);
  }
  SourceLayout validation_layout() const {
    SourceLayout layout = job_.layout;
    if (!job_.validation_columns.empty()) layout.columns = job_.validation_columns;
    layout.columns_flag = "--valid-columns";
    return layout;
  }
  // Of arrays in one folder a column would be the training data's for both.
  void check_validation_columns() const {
    const std::string& columns = job_.layout.columns;
    if (columns.empty() || !job_.validation_columns.empty() || job_.validation == job_.data || !source_->file) return;
    const bool one_folder = beside(*source_->file, "") == beside(*other_->file, "");
    if (!one_folder || !columns_are_files(*other_->file, job_.layout)) return;
    fail("--columns {}: is what belongs to {}; say what belongs to {}: --valid-columns", columns, name(),
         other_->file->name());
  }
  void check_frames() const {
    const std::vector<FieldRequest> fields = requests_of(blank_fields(job_.task, data()));
    if (std::ranges::find(fields, CellKind::frames, &FieldRequest::kind) != fields.end()) return;
    fail("--feature-cache: is of sounds and pictures, and {} has none; leave it out", data().name());
  }
  void check(const LengthLimit& limit) const {
    if (training_->size() == 0) fail_empty(data(), *training_, limit);
    if (unlearnable_.count == training_->originals()) {
      fail("{}: nothing can be learned: {}", data().name(), unlearnable_.why);
    }
    if (validation_->size() > 0) return;
    if (!hold_out_) fail_empty(*other_->data, *validation_, limit);
    if (training_->originals() >= kHeldOut) {
      fail("{}: none of the {} records can be held out for validation, as each label has only one; give --valid FILE",
           data().name(), training_->originals());
    }
    fail("{}: {} records are too few to hold out one in {} for validation; give more, or --valid FILE", data().name(),
         training_->originals(), kHeldOut);
  }
  [[noreturn]] void fail_empty(const RecordData& data, const Records& records, const LengthLimit& limit) const {
    if (records.dropped > 0) fail_all_long(data.name(), records, limit);
    fail_without_records(network_->fields(), data);
  }

  bool hold_out_;
  std::optional<JobRecords> source_, other_;
  ReadOptions reading_;  // of the training data
  std::unique_ptr<Records> training_, validation_;
  Unlearnable unlearnable_;
};

}  // namespace

std::unique_ptr<JobData> JobData::read(const Job& job, const ModelFile* checkpoint) {
  const bool made = job.records || !job.validation_records.empty();
  if (made && (reads_text(job.task) || reads_series(job.task))) {
    fail("records: a job of the task {} reads files; give data and validation", job.task.task());
  }
  if (reads_text(job.task)) return std::make_unique<TextData>(job, checkpoint);
  if (reads_series(job.task)) return read_series_job(job, checkpoint);
  return std::make_unique<RecordsData>(job, checkpoint);
}

void JobData::make_network(const ModelFile* checkpoint,
                           const std::function<LearnedTask(const Network* pretrained)>& learn) {
  if (checkpoint != nullptr) {
    network_ = read_network(*checkpoint);
  } else {
    const std::string& from = job_.start.init_from;
    const auto pretrained = from.empty() ? nullptr : read_network(ModelFile(from));
    network_ = std::make_unique<Network>(learn(pretrained.get()));
    network_->start(job_.training);
    if (pretrained) started_from_ = take_parameters(*network_, *pretrained, from);
    network_->load_vectors();
  }
  network_->train_as(job_.start);
}

JobSummary JobData::common_summary() const {
  JobSummary summary;
  summary.parameters = network_->parameters().count();
  summary.network = layers_text(*network_);
  summary.input = network_->describe().front().second;
  summary.vectors = network_->vectors();
  summary.started_from = started_from_;
  return summary;
}

nlohmann::json JobData::common_provenance(const Progress& progress, const char* drawn) const {
  nlohmann::json provenance = {{"recur", RECUR_VERSION},
                               {"data", job_.data},
                               {"validation", !job_.validation.empty()          ? job_.validation
                                              : job_.validation_records.empty() ? drawn
                                                                                : "given in memory"},
                               {"step", progress.step},
                               {"epoch", progress.best_epoch},
                               {"seed", job_.training.seed}};
  if (!job_.preset.empty()) provenance["preset"] = job_.preset;
  return provenance;
}

}  // namespace recur
