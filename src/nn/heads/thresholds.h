// From which probability on a record has a label, where it may have any number of them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

inline constexpr float kEven = 0.5F;            // where nothing is known
inline constexpr std::size_t kFewRecords = 10;  // that have a label: too few to say for themselves

// Of each label the threshold with the best F1 on records of which `right` says what they have, both [records, labels]:
// halfway between the least probable one that is chosen and the next. A label that fewer than kFewRecords have takes
// the threshold with the best F1 of all labels together (micro F1); kEven where no record has any.
std::vector<float> best_thresholds(std::span<const float> probabilities, std::span<const float> right,
                                   std::size_t labels);

}  // namespace recur
