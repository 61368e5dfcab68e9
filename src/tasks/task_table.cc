#include "tasks/task_table.h"

#include "base/error.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "tasks/classifier.h"
#include "tasks/classifier_data.h"
#include "tasks/conditioned_model.h"
#include "tasks/held_out.h"
#include "tasks/labels.h"
#include "tasks/tagger.h"
#include "tasks/tagger_data.h"
#include "tasks/translator.h"

namespace recur {
namespace {

using nlohmann::json;

// A task: its options and its network. One that starts from another model's parameters is told so.
template <class O, class N>
struct TaskEntry {
  using Options = O;
  using Network = N;
};
using Classify = TaskEntry<ClassifyOptions, Classifier>;
using Tag = TaskEntry<TagOptions, Tagger>;
using Translate = TaskEntry<TranslateOptions, Translator>;
using Conditioned = TaskEntry<ConditionedOptions, ConditionedModel>;

// Calls visit(TaskEntry()) for the task of that name.
template <class Visit>
auto visit_task(std::string_view name, const Visit& visit) {
  if (name == Classifier::kTask) return visit(Classify());
  if (name == Tagger::kTask) return visit(Tag());
  if (name == Translator::kTask) return visit(Translate());
  if (name == ConditionedModel::kTask) return visit(Conditioned());
  fail("unknown task {}; this recur knows classify, tag, translate and conditioned lm", quote(name));
}

}  // namespace

std::string_view task_name(const TaskOptions& options) {
  constexpr std::string_view kNames[] = {Classifier::kTask, Tagger::kTask, Translator::kTask, ConditionedModel::kTask};
  return kNames[options.index()];
}

std::unique_ptr<TaskNetwork> build_task_network(const TaskJob& job, const InputFile& data, const ReadOptions& reading,
                                                const LanguageNetwork* pretrained) {
  if (const auto* classify = std::get_if<ClassifyOptions>(&job.task)) {
    auto network = Classifier::build(*classify, data, reading, pretrained);
    network->start(job.training, pretrained);
    return network;
  }
  const auto started = [&](auto network) -> std::unique_ptr<TaskNetwork> {
    network->start(job.training);
    return network;
  };
  if (const auto* tag = std::get_if<TagOptions>(&job.task)) return started(Tagger::build(*tag, data, reading));
  if (const auto* conditioned = std::get_if<ConditionedOptions>(&job.task)) {
    return started(ConditionedModel::build(*conditioned, data, reading));
  }
  return started(Translator::build(std::get<TranslateOptions>(job.task), data, reading));
}

std::vector<bool> draw_held_out(const TaskJob& job, const InputFile& data) {
  HeldOutDraw draw;
  if (std::holds_alternative<TagOptions>(job.task)) {
    TagRecords ignored;
    read_sentences(data, {}, ignored, [&](const Sentence&) { draw.add(""); });
  } else if (std::holds_alternative<ClassifyOptions>(job.task)) {
    for_classify_labels(data, [&](const std::string& label) { draw.add(label); });
  } else {
    const bool labelled = std::holds_alternative<ConditionedOptions>(job.task);
    for (LineReader lines(data); lines.next();) {
      draw.add(labelled ? std::string(split_label(lines.line()).label.value_or("")) : "");
    }
  }
  return draw.draw(job.training.seed);
}

std::unique_ptr<TaskNetwork> load_task_network(std::string_view task, const json& configuration) {
  return visit_task(
      task, [&](auto entry) -> std::unique_ptr<TaskNetwork> { return decltype(entry)::Network::load(configuration); });
}

TaskOptions standard_options(std::string_view task) {
  return visit_task(task, [](auto entry) -> TaskOptions { return typename decltype(entry)::Options(); });
}

std::string pretrained_model(const TaskOptions& options) {
  const auto* classify = std::get_if<ClassifyOptions>(&options);
  return classify == nullptr ? "" : classify->init_from;
}

}  // namespace recur
