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

void check_decode_options(const OptionList& list, const Given& given, const Model& model) {
  const HeadSpec head = model.options().make_recipe(InputKind::text).head;
  const bool decodes = std::holds_alternative<DecoderSpec>(head), aligns = std::holds_alternative<CtcSpec>(head);
  if (!decodes && !aligns) return check_decode_options(list, given, model.task());
  for (const Option& option : list.all()) {
    if (std::string_view(option.group) != kDecodeGroup || !given.has(option.name)) continue;
    const std::string_view name = option.name;
    const bool of_decoders = name == "length-penalty" || name == "max-output";
    const bool of_ctc = name == "lm" || name == "lm-weight" || name == "insertion-bonus" || name == "lexicon";
    if ((decodes && !of_ctc) || (aligns && !of_decoders)) continue;
    fail("--{}: only a model whose texts are written by {} has a use for it; this one's are by {}", name,
         of_ctc ? "CTC" : "a decoder", of_ctc ? "a decoder" : "CTC");
  }
}

void check_decode_options(const OptionList& list, const Given& given, const std::string& task) {
  for (const Option& option : list.all()) {
    if (std::string_view(option.group) != kDecodeGroup || !given.has(option.name)) continue;
    fail("--{}: only a model that writes texts has a use for it; this one's task is {}", option.name, task);
  }
}

void check_forecast_options(const Given& given, const Model& model) {
  if (model.options().as<ForecastOptions>() != nullptr) return;
  for (const char* name : {"samples", "seed"}) {
    if (given.has(name)) fail("--{}: only a forecaster has a use for it; this model's task is {}", name, model.task());
  }
}

}  // namespace recur
