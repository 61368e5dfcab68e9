#include "api/search_guide.h"

#include "base/check_options.h"
#include "base/error.h"
#include "data/endless_text_field.h"
#include "data/text_field.h"
#include "io/network_file.h"
#include "tasks/recipe_options.h"

namespace recur {

SearchGuide::SearchGuide(const Network& network, const PredictOptions& options) : options_(options) {
  const DecodeOptions& decode = options.decode;
  check_options_of(decode);
  if (decode.language_model.empty() && decode.lexicon.empty() && decode.insertion_bonus == 0) return;
  const std::string* field = text_along_steps(network.recipe().head);
  if (field == nullptr)
    fail("--lm, --lexicon, --insertion-bonus: a model of the task {} has no use for them", network.task());
  TextGuide::Options how;
  how.weight = decode.lm_weight;
  how.bonus = decode.insertion_bonus;
  if (!decode.lexicon.empty()) how.lexicon = read_lexicon(decode.lexicon);
  if (!decode.language_model.empty()) {
    language_ = read_language_model(decode.language_model);
    how.tokenizer = &endless_text(language_->fields())->tokenizer();
    how.stepper = std::make_shared<const NetworkStepper>(step_network(*language_));
  }
  guide_.emplace(field_as<TextField>(network.fields(), *field, "search").codec(), std::move(how));
  options_.scorer = &*guide_;
}

}  // namespace recur
