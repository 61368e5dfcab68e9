// What commands say of how outputs that are texts are searched for.
#pragma once

#include <string>

#include "cli/command.h"
#include "recur/model.h"

namespace recur {

// On standard error; nothing for none.
void say_cut_outputs(const std::string& data, std::size_t count);
// What a model makes of what it reads.
HeadSpec head_spec(const Model& model);
// Throws Error when a flag of DecodeOptions was given that the model has no use for.
void check_decode_options(const OptionList& list, const Given& given, const Model& model);
// Throws Error when a flag was given that draws from a forecast's distribution, and the model is no forecaster.
void check_forecast_options(const Given& given, const Model& model);
// The same of what writes no texts, a model of such a task.
void refuse_decode_options(const OptionList& list, const Given& given, const std::string& task);

}  // namespace recur
