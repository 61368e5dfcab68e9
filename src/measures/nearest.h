// What can be said without a model: what is known of the example that looks most alike.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels/product.h"

namespace recur {

// For each row of `asked` [n, width] the row of `known` [m, width], m > 0, with the highest cosine between the two, the
// mean of the known rows taken off both; of several the first. A row that is that mean has a cosine of 0 with all.
std::vector<std::size_t> nearest_rows(const ConstMatrix& known, const ConstMatrix& asked);

// The captions of these rows; `captions` has one for each known row.
std::vector<std::string> nearest_captions(const ConstMatrix& known, std::span<const std::string> captions,
                                          const ConstMatrix& asked);

}  // namespace recur
