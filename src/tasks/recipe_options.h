// What the options of several tasks have in common.
#pragma once

#include <string>

#include "recur/tasks.h"

namespace recur {

inline constexpr const char* kEmbeddingHelp = "Width of the input's embedding; 0: one-hot";

void list_vectors(OptionList& list, std::string& file);
void list_softmax(OptionList& list, Softmax& kind, std::size_t& samples, std::vector<Softmax> of);

// Where a data file has what is asked for.
void list_options(OptionList& list, DataLayout& layout);

inline constexpr const char* kDecodeGroup = "Search";
// How forecasts are drawn from distributions.
void list_forecast_options(OptionList& list, PredictOptions& options);

// How outputs are searched for.
void list_options(OptionList& list, DecodeOptions& options);

}  // namespace recur
