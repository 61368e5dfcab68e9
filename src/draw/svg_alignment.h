// What a decoder looked at, as one SVG image: a row for each token of the output, a column for each of the source, the
// darker the more it was looked at. Of longer sequences the first 200 tokens.
#pragma once

#include <string>

#include "recur/types/prediction.h"

namespace recur {

std::string svg_alignment(const Alignment& alignment);

}  // namespace recur
