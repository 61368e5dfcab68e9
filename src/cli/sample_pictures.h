// What `recur sample` does with a model that draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/command.h"
#include "recur/model.h"

namespace recur {

struct PictureOptions {
  std::size_t count = 64;
  std::string out, canvas;  // files; empty: none
};
void list_pictures(OptionList& list, PictureOptions& options);

// Throws Error naming a flag that was given and is about the other kind of model: texts, where it draws; pictures,
// where it writes.
void refuse_for_pictures(const Given& given, const std::string& model);
void refuse_pictures(const Given& given, const std::string& task);

int sample_pictures(const Model& model, const PictureOptions& options, std::uint64_t seed);

}  // namespace recur
