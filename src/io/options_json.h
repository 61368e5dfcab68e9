// Options as JSON, for the model file: every field under the name of its flag, checked when read.
#pragma once

#include <nlohmann/json.hpp>

#include "recur/language_model.h"
#include "train/loop.h"

namespace recur {

nlohmann::json to_json(const LanguageModelOptions& options);
nlohmann::json to_json(const LanguageModelJob& job);
nlohmann::json to_json(const Progress& progress);

// Throw Error naming the field that is missing or of the wrong type.
LanguageModelOptions language_model_options(const nlohmann::json& json);
LanguageModelJob language_model_job(const nlohmann::json& json);
Progress progress(const nlohmann::json& json);

}  // namespace recur
