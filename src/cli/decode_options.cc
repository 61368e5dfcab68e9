#include "cli/decode_options.h"

#include <fmt/format.h>

#include <variant>

#include "base/error.h"
#include "base/show.h"
#include "cli/terminal.h"
#include "tasks/recipe_options.h"

namespace recur {

void say_cut_outputs(const std::string& data, std::size_t count) {
  if (count == 0) return;
  complain(fmt::format("{}: {} outputs were cut before they had ended; --max-output N lets them be longer", data,
                       with_thousands(count)));
}

HeadSpec head_spec(const Model& model) { return model.options().make_recipe(InputKind::text).head; }

void check_decode_options(const OptionList& list, const Given& given, const Model& model) {
  const HeadSpec head = head_spec(model);
  const bool decodes = std::holds_alternative<DecoderSpec>(head), aligns = std::holds_alternative<CtcSpec>(head);
  if (!decodes && !aligns) return refuse_decode_options(list, given, model.task());
  const std::string_view others = decodes ? kCtcGroup : kDecoderGroup;
  for (const Option& option : list.all()) {
    if (option.group != others || !given.has(option.name)) continue;
    fail("--{}: only a model whose texts are written by {} has a use for it; this one's are by {}", option.name,
         decodes ? "CTC" : "a decoder", decodes ? "a decoder" : "CTC");
  }
}

void refuse_decode_options(const OptionList& list, const Given& given, const std::string& task) {
  for (const Option& option : list.all()) {
    const std::string_view group = option.group;
    const bool searches = group == kSearchGroup || group == kDecoderGroup || group == kCtcGroup;
    if (!searches || !given.has(option.name)) continue;
    fail("--{}: only a model that writes texts has a use for it; this one's task is {}", option.name, task);
  }
}

void check_forecast_options(const Given& given, const Model& model) {
  if (std::holds_alternative<ForecastSpec>(head_spec(model))) return;
  for (const char* name : {"samples", "seed"}) {
    if (given.has(name)) fail("--{}: only a forecaster has a use for it; this model's task is {}", name, model.task());
  }
}

}  // namespace recur
