#include <algorithm>
#include <vector>

#include "base/error.h"
#include "nn/inputs/inputs.h"

namespace recur {

MatchInput::MatchInput(const MatchSpec& spec, const Fields& fields)
    : field_(field_named(fields, spec.field, "match")),
      other_field_(field_named(fields, spec.other, "match")),
      text_(field_as<TextField>(fields, spec.field, "match")),
      other_(field_as<TextField>(fields, spec.other, "match")) {
  if (text_.vocabulary() != other_.vocabulary()) fail_wrong_field(spec.other, "match");
}

Sequence MatchInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch &text = batch.fields[field_], &other = batch.fields[other_field_];
  std::vector<std::vector<int>> of_record(batch.size());
  for (std::size_t t = 0; t < other.steps.length(); ++t) {
    for (std::size_t row = 0; row < other.steps.rows(t); ++row) {
      const int token = other.ids[other.steps.offset(t) + row];
      if (token != other_.codec().unknown()) of_record[other.of[row]].push_back(token);
    }
  }
  for (std::vector<int>& tokens : of_record) std::ranges::sort(tokens);
  const Var x = run.tape.add(text.steps.total(), 1);
  float* to = run.tape.value(x).data;
  for (std::size_t t = 0; t < text.steps.length(); ++t) {
    for (std::size_t row = 0; row < text.steps.rows(t); ++row) {
      const int token = text.ids[text.steps.offset(t) + row];
      *to++ = std::ranges::binary_search(of_record[text.of[row]], token) ? 1.0F : 0.0F;
    }
  }
  return {x, {}, &text.steps};
}

}  // namespace recur
