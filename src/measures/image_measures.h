// How probable pictures are to a model that draws them.
#pragma once

#include <memory>

#include "data/image_field.h"
#include "measures/measures.h"

namespace recur {

std::unique_ptr<Measures> make_image_measures(const ImageField& image);

}  // namespace recur
