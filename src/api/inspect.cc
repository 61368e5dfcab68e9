// What include/recur/inspect.h promises, put together from the floors below.
#include "recur/inspect.h"

#include "base/error.h"
#include "data/endless_text_field.h"
#include "infer/gradient_reach.h"
#include "infer/unit_trace.h"

namespace recur {
namespace {

Corpus corpus_of(const Network& network, const std::string& path) {
  const EndlessTextField* text = endless_text(network.fields());
  if (text == nullptr)
    fail("a model of the task {} reads records; expected a language model of one text", network.task());
  return {path, text->tokenizer()};
}

}  // namespace

GradientReach measure_gradients(const Model& model, const std::string& path, std::size_t steps) {
  return measure_gradients(model.network(), corpus_of(model.network(), path), steps);
}

std::vector<UnitGroup> unit_groups(const Model& model) { return unit_groups(model.network().layers()); }

UnitTrace trace_units(const Model& model, const std::string& path, std::size_t length) {
  return trace_units(model.network(), corpus_of(model.network(), path), length);
}

}  // namespace recur
