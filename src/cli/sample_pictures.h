// What `recur sample` does with a model that draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/command.h"
#include "recur/model.h"

namespace recur {

inline constexpr const char* kPicturesGroup = "Pictures";

struct PictureOptions {
  std::size_t count = 64;
  std::string out, canvas;  // files; empty: none
};
void list_pictures(OptionList& list, PictureOptions& options);

int sample_pictures(const Model& model, const PictureOptions& options, std::uint64_t seed);

}  // namespace recur
