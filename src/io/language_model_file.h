// Language models in model files.
#pragma once

#include <memory>

#include "io/model_file.h"
#include "tasks/language_model.h"

namespace recur {

inline constexpr const char* kLanguageModelTask = "language model";

ModelHead head_of(const LanguageNetwork& network);
// Throws Error naming the file and what is wrong.
std::unique_ptr<LanguageNetwork> read_language_network(const ModelFile& file);

}  // namespace recur
