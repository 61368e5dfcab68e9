#include "cli/decode_options.h"

#include <fmt/format.h>

#include <variant>

#include "autograd/forecast_loss.h"
#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/terminal.h"
#include "tasks/network.h"
#include "tasks/recipe_options.h"

namespace recur {

void say_cut_outputs(const std::string& data, std::size_t count, const DecodeOptions& options) {
  if (count == 0) return;
  complain(fmt::format("{}: {} outputs were cut before they had ended{}; --max-output N lets them be longer",
                       shown_name(data), with_thousands(count),
                       options.contain.empty() ? "" : " or had all that --contain asks for"));
}

void list_with(OptionList& list, std::vector<std::string>& files) {
  list.texts("with", files, "MODEL",
             "Another model, which predicts together with the first: the mean of their probabilities; may be given "
             "several times");
}

Model load_together(const std::string& model, const std::vector<std::string>& with) {
  const Model first = Model::load(model);
  std::vector<Model> others;
  for (const std::string& file : with) {
    const Model& other = others.emplace_back(Model::load(file));
    try {
      first.with(std::span(&other, 1));
    } catch (const Error& error) {
      fail("--with {}: {}", file, error.what());
    }
  }
  return first.with(others);
}

namespace {

// Outputs are searched for or drawn.
void check_sampling(const OptionList& list, const Given& given, bool samples) {
  for (const Option& option : list.all()) {
    const std::string_view name = option.name, group = option.group;
    if (!given.has(name) || name == "sample") continue;
    if (!samples && group == kSampleGroup) fail("--{}: is about outputs that are drawn; give --sample, too", name);
    if (samples && (name == "beam" || name == "coverage-penalty" || name == "contain")) {
      fail("--{}: outputs are drawn, not searched for; leave it or --sample out", name);
    }
  }
}

}  // namespace

HeadSpec head_spec(const Model& model) { return model.options().make_recipe(InputKind::text).head; }

void check_decode_options(const OptionList& list, const Given& given, const Model& model,
                          const DecodeOptions& options) {
  const HeadSpec head = head_spec(model);
  const bool decodes = std::holds_alternative<DecoderSpec>(head);
  if (std::holds_alternative<TagHeadSpec>(head)) return refuse_decode_options(list, given, model.task(), "n-best");
  if (!decodes && text_along_steps(head) == nullptr) return refuse_decode_options(list, given, model.task());
  for (const Option& option : list.all()) {
    const std::string_view group = option.group;
    const bool of_decoder = group == kDecoderGroup || group == kSampleGroup;
    if (!(decodes ? group == kStepsGroup : of_decoder) || !given.has(option.name)) continue;
    fail("--{}: only a model whose texts are written by {} has a use for it; this one's are by {}", option.name,
         decodes ? "CTC or a transducer" : "a decoder",
         decodes                                 ? "a decoder"
         : std::holds_alternative<CtcSpec>(head) ? "CTC"
                                                 : "a transducer");
  }
  list.check_needs([&](std::string_view name) { return given.has(name); });
  if (decodes) check_sampling(list, given, options.sample);
  if (decodes && options.beam == 1 && given.has("coverage-penalty")) {
    fail("--coverage-penalty: chooses between the outputs of a beam, and --beam is 1");
  }
}

void refuse_decode_options(const OptionList& list, const Given& given, const std::string& task,
                           std::string_view except) {
  refuse_groups(list, given, {kSearchGroup, kDecoderGroup, kSampleGroup, kStepsGroup}, {except},
                fmt::format("only a model that writes texts has a use for it; this one's task is {}", task));
}

void check_drawing_options(const Given& given, const Model& model, const DecodeOptions& options) {
  const HeadSpec head = head_spec(model);
  const auto* forecast = std::get_if<ForecastSpec>(&head);
  const bool draws = forecast != nullptr && ForecastKind{forecast->loss}.is_distribution();
  const std::string own = forecast != nullptr ? fmt::format("this model's --loss is {}", to_string(forecast->loss))
                                              : "this model's task is " + model.task();
  if (given.has("samples") && !draws) fail("--samples: only a forecaster of distributions has a use for it; {}", own);
  if (given.has("seed") && !draws && !options.sample) {
    fail("--seed: only a forecaster of distributions, or a decoder with --sample, has a use for it; {}", own);
  }
}

void check_max_length(const Given& given, const Model& model) {
  if (!given.has("max-length")) return;
  const HeadSpec head = head_spec(model);
  if (std::holds_alternative<ForecastSpec>(head)) {
    fail("--max-length: a series is read whole, and --context says how much of it is looked at; leave it out");
  }
  if (std::holds_alternative<SignalSpec>(head)) {
    fail("--max-length: an effect is as long as the sound; leave it out");
  }
}

void check_whole_text(const Given& given, const Model& model) {
  if (!reads_text(model.options())) return;
  for (const char* name : {"format", "columns", "max-length"}) {
    if (given.has(name)) fail("--{}: a text is read as it stands; leave it out", name);
  }
}

void check_tag_options(const Given& given, const Model& model) {
  if (!given.has("probabilities") || std::holds_alternative<TagHeadSpec>(head_spec(model))) return;
  fail("--probabilities: only a tagger has a use for it; this model's task is {}", model.task());
}

}  // namespace recur
