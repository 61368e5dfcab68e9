// Options of a language model as JSON, for the model file: every field under the name of its flag, checked when read.
#pragma once

#include <nlohmann/json.hpp>

#include "recur/language_model.h"

namespace recur {

nlohmann::json to_json(const LanguageModelOptions& options);
nlohmann::json to_json(const LanguageModelJob& job);

// Throw Error naming the field that is missing or of the wrong type.
LanguageModelOptions language_model_options(const nlohmann::json& json);
LanguageModelJob language_model_job(const nlohmann::json& json);

}  // namespace recur
