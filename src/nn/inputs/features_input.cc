#include "autograd/operations.h"
#include "nn/inputs/inputs.h"

namespace recur {

FeaturesInput::FeaturesInput(const FeatureInputSpec& spec, const Fields& fields, Parameters& parameters,
                             const std::string& prefix)
    : spec_(spec),
      field_(field_named(fields, spec.field, "features")),
      values_(field_as<FeatureField>(fields, spec.field, "features")),
      table_(parameters.declare(prefix + spec.field + ".weight", values_.vocabulary(), spec.embedding,
                                InitialValues::within(0.1F))) {
  parameters.name_rows(table_, spec.field);
}

Sequence FeaturesInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& values = batch.fields[field_];
  return {embedding(run.tape, run[table_], values.ids, 0, run.noise), {}, &values.steps};
}

std::pair<std::string, std::string> FeaturesInput::describe() const {
  return {spec_.field, describe_tokens(values_.describe(), spec_.embedding)};
}

}  // namespace recur
