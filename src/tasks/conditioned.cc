// The task conditioned lm: one to many.
#include "base/error.h"
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, ConditionedOptions& o) {
  list_options(list, static_cast<LinesOptions&>(o));
  list.group("Network");
  list.count("condition-size", o.condition_size, {1, 1'000'000}, "Width of the labels' embedding");
  list.flag("feed-condition", o.feed_condition, "The label's embedding is also beside every input");
}

Recipe recipe(const ConditionedOptions& o) {
  Recipe r = recipe(static_cast<const LinesOptions&>(o));
  r.fields.insert(r.fields.begin(), {"label", LabelSpec{}});
  r.condition = ConditionSpec{"label", o.condition_size, o.feed_condition};
  return r;
}

// `recur train lm --conditioned` says what it does.
TaskHelp conditioned_help() { return {.name = "conditioned lm", .unit = "token", .command = "lm"}; }

}  // namespace recur
