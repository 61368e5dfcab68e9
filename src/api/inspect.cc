// What include/recur/inspect.h promises, put together from the floors below.
#include "recur/inspect.h"

#include "infer/gradient_reach.h"
#include "infer/unit_trace.h"

namespace recur {

GradientReach measure_gradients(const LanguageModel& model, const std::string& path, std::size_t steps) {
  return measure_gradients(*model.network_, Corpus(path, model.network_->tokenizer()), steps);
}

std::vector<UnitGroup> unit_groups(const LanguageModel& model) { return unit_groups(model.network_->stack()); }

UnitTrace trace_units(const LanguageModel& model, const std::string& path, std::size_t length) {
  return trace_units(*model.network_, Corpus(path, model.network_->tokenizer()), length);
}

}  // namespace recur
