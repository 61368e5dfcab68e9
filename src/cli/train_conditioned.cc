#include "cli/train_conditioned.h"

#include "cli/flags.h"
#include "cli/network_flags.h"

namespace recur {
namespace {

constexpr const char* kGroup = "With --conditioned";

ConditionedOptions& options_of(TaskJob& job) { return std::get<ConditionedOptions>(job.task); }

void add_condition_flags(CLI::App& parser, ConditionedOptions& o) {
  add_count(parser, "--condition-size", o.condition_size, 1, "Width of the labels' embedding", 1'000'000)
      ->group(kGroup);
  add_switch(parser, "--feed-condition", o.feed_condition, "The label's embedding is also beside every input")
      ->group(kGroup);
}

}  // namespace

TrainConditioned::TrainConditioned(CLI::App& parser)
    : given_(parser), records_(parser_, ConditionedOptions(), "token", "") {
  add_switch(parser, "--conditioned", conditioned_, "Records are lines of label<TAB>text")->group("Files");
  shown_.task = ConditionedOptions();
  add_condition_flags(parser, options_of(shown_));
  add_subwords_flag(parser, options_of(shown_).text, "--")->group(kGroup);
  add_length_flags(parser, shown_, kGroup);

  ConditionedOptions& o = options_of(records_.job());
  add_condition_flags(parser_, o);
  add_text_codec_flags(parser_, o.text);
  add_recurrent_flags(parser_, o.network);
  add_count(parser_, "--embedding", o.embedding, 0, "", 1'000'000);
  add_real(parser_, "--embedding-dropout", o.embedding_dropout, kShare, "");
}

bool TrainConditioned::is_meant(const std::string& model, bool resume) const {
  if (conditioned_) return true;
  if (resume && task_of_model(checkpoint_path(model)) == task_name(ConditionedOptions())) return true;
  for (const CLI::Option* option : given_.get_options()) {
    if (option->get_group() == kGroup && option->count() > 0) {
      throw CLI::ValidationError(option->get_name(), "only goes with --conditioned");
    }
  }
  return false;
}

int TrainConditioned::run() {
  // --config has been read by now.
  for (const CLI::Option* given : given_.get_options()) {
    const std::string name = given->get_name();
    if (given->count() == 0 || name == "--conditioned" || name == "--config") continue;
    CLI::Option* option = parser_.get_option_no_throw(name);
    if (option == nullptr) throw CLI::ValidationError(name, "does not go with --conditioned");
    option->add_result(given->results());
    option->run_callback();
  }
  return records_.run();
}

}  // namespace recur
