#include "api/job_options.h"

#include "tasks/network.h"
#include "tasks/recipe_options.h"
#include "train/training_options.h"

namespace recur {
namespace {

void list_files(OptionList& list, Job& job, const char* data_help, const char* validation_help) {
  list.group("Files");
  list.text("data", job.data, "FILE", data_help);
  list.text("valid", job.validation, "FILE", validation_help);
  list.text("out", job.model, "MODEL", "The model file").change = Change::silent;
  list.text("preset", job.preset, "NAME", "Begin with the options of a paper's system; recur presets lists them")
      .change = Change::silent;
}

void list_start(OptionList& list, StartOptions& o) {
  list.group("Start");
  list.text(
      "init-from", o.init_from, "MODEL",
      "A model of any task whose vocabularies and parameters this one starts from, and whose options of layers and "
      "tokens it has, of the same task those of the output, too, but for those that are given");
  list.text("freeze", o.freeze, "PATTERNS",
            "Parameters that are not trained: names, * being any text, with commas between; pattern=N: in the first N "
            "epochs");
  list.count("freeze-epochs", o.freeze_epochs, {}, "Epochs in which only what comes behind the layers is trained");
  list.text("lr-of", o.rates_of, "FACTORS",
            "pattern=factor with commas between: their learning rate is multiplied by it");
}

}  // namespace

void list_options(OptionList& list, Job& job) {
  list_start(list, job.start);
  if (reads_text(job.task)) {
    list_files(list, job, "The text; - is standard input", "Text for validation [the last 5 % of --data]");
    list_options(list, job.task);
    list_options(list, job.training);
    list_unroll(list, job.training);
    return;
  }
  if (reads_series(job.task)) {
    list_files(list, job, "The series; - is standard input",
               "Series for validation [the last part of those of --data]");
    list.real("valid-share", job.valid_share, kShare,
              "Without --valid: the last share of each series is for validation");
    list_format(list, job.layout);
    list_options(list, job.task);
    list_options(list, job.training);
    return;
  }
  list_files(list, job, "The records; - is standard input",
             "Records for validation [one in 20 of --data, drawn by --seed]");
  list_options(list, job.layout);
  list.text("valid-columns", job.validation_columns, "COLUMNS", "The same of --valid [as --columns]");
  list_options(list, job.task);
  list_options(list, job.training);
  if (job.task.make_recipe(InputKind::text).windows) return list_unroll(list, job.training);
  if (reads_frames(job.task)) {
    list.group("Files");
    list.text("feature-cache", job.feature_cache, "FOLDER",
              "Keep the frames of sounds and pictures there, for other trainings")
        .change = Change::silent;
  }
  list.group("Batches and gradients");
  list.count("batch-tokens", job.batch_tokens, {}, "Tokens of a batch at most; 0: no limit");
  list.count("max-length", job.max_length, {1}, "Longer sequences are cut");
  list.flag("drop-long", job.drop_long, "Longer sequences are left out instead");
}

}  // namespace recur
