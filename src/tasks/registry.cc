#include <algorithm>

#include "base/error.h"
#include "base/show.h"
#include "recur/types/task.h"
#include "recur/types/tasks.h"
#include "tasks/recipes.h"

namespace recur {
namespace {

// Those that come with recur, a line each; programs add theirs behind them.
std::deque<RegisteredTask>& table() {
  static std::deque<RegisteredTask> tasks = {
      {language_help(), LanguageModelOptions(), &typeid(LanguageModelOptions)},
      {classify_help(), ClassifyOptions(), &typeid(ClassifyOptions)},
      {tag_help(), TagOptions(), &typeid(TagOptions)},
      {translate_help(), TranslateOptions(), &typeid(TranslateOptions)},
      {summarize_help(), SummarizeOptions(), &typeid(SummarizeOptions)},
      {caption_help(), CaptionOptions(), &typeid(CaptionOptions)},
      {draw_help(), DrawOptions(), &typeid(DrawOptions)},
      {transcribe_help(), TranscribeOptions(), &typeid(TranscribeOptions)},
      {regress_help(), RegressOptions(), &typeid(RegressOptions)},
      {answer_help(), AnswerOptions(), &typeid(AnswerOptions)},
      {effect_help(), EffectOptions(), &typeid(EffectOptions)},
      {lines_help(), LinesOptions(), &typeid(LinesOptions)},
      {forecast_help(), ForecastOptions(), &typeid(ForecastOptions)},
      {chords_help(), ChordsOptions(), &typeid(ChordsOptions)},
      {strokes_help(), StrokesOptions(), &typeid(StrokesOptions)},
      {conditioned_help(), ConditionedOptions(), &typeid(ConditionedOptions)},
  };
  return tasks;
}

}  // namespace

TrainingOptions standard_training() {
  TrainingOptions training;
  training.schedule.learning_rate = 1e-3F;
  training.clipping.limit = 1;
  return training;
}

void register_task(TaskHelp help, const TaskOptions& standard, const std::type_info& type) {
  const bool taken = std::ranges::any_of(table(), [&](const auto& task) { return task.help.name == help.name; });
  if (help.name.empty()) fail("register_task: expected a name, got none");
  // Names of `recur train` that are no task's.
  if (taken || help.name == "lm" || help.name == "embed") {
    fail("register_task: there is a task {} already; give another name", quote(help.name));
  }
  table().push_back({std::move(help), standard, &type});
}

const std::deque<RegisteredTask>& all_tasks() { return table(); }

const RegisteredTask& find_task(std::string_view name) {
  std::string names;
  for (const RegisteredTask& task : table()) {
    if (task.help.name == name) return task;
    names += (names.empty() ? "" : ", ") + task.help.name;
  }
  fail("unknown task {}; this program knows {}", quote(name), names);
}

const std::string& TaskOptions::task() const {
  for (const RegisteredTask& task : table()) {
    if (*task.type == options_->type()) return task.help.name;
  }
  fail("options of a task that was not registered; call register_task() first");
}

}  // namespace recur
