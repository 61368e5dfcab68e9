// Of labels: one a record, candidates that are ranked, or any number a record.
#pragma once

#include <memory>

#include "measures/measures.h"

namespace recur {

// The fields must outlive them.
std::unique_ptr<Measures> make_label_measures(const LabelHeadSpec& spec, const Fields& fields);
std::unique_ptr<Measures> make_label_measures(const LabelsHeadSpec& spec, const Fields& fields);

}  // namespace recur
