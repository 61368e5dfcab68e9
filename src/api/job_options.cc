#include "api/job_options.h"

#include "data/text_options.h"
#include "tasks/task_options.h"
#include "train/training_options.h"

namespace recur {
namespace {

void list_files(OptionList& list, std::string& data, const char* data_help, std::string& validation,
                const char* validation_help, std::string& model) {
  list.group("Files");
  list.text("data", data, "FILE", data_help);
  list.text("valid", validation, "FILE", validation_help);
  list.text("out", model, "MODEL", "The model file").change = Change::silent;
}

}  // namespace

void list_options(OptionList& list, LanguageModelJob& job) {
  list_files(list, job.data, "The text; - is standard input", job.validation,
             "Text for validation [the last 5 % of --data]", job.model);
  list.group("Tokens");
  list.choice("tokenizer", job.tokenizer, "What is predicted",
              {TokenizerKind::byte, TokenizerKind::character, TokenizerKind::word, TokenizerKind::token});
  list_options(list, job.words);
  list_options(list, job.network);
  list_options(list, job.training);
  list_unroll(list, job.training);
}

void list_options(OptionList& list, TaskJob& job) {
  list_files(list, job.data, "The records; - is standard input", job.validation,
             "Records for validation [one in 20 of --data, drawn by --seed]", job.model);
  std::visit([&](auto& task) { list_options(list, task); }, job.task);
  list_options(list, job.training);
  list.group("Batches and gradients");
  list.count("batch-tokens", job.batch_tokens, {}, "Tokens of a batch at most; 0: no limit");
  list.count("max-length", job.max_length, {1}, "Longer sequences are cut");
  list.flag("drop-long", job.drop_long, "Longer sequences are left out instead");
}

}  // namespace recur
