// The options of include/recur/tasks.h and of language models.
#pragma once

#include "recur/language_model.h"
#include "recur/options.h"
#include "recur/tasks.h"

namespace recur {

void list_options(OptionList& list, ClassifyOptions& options);
void list_options(OptionList& list, TagOptions& options);
void list_options(OptionList& list, TranslateOptions& options);
void list_options(OptionList& list, ConditionedOptions& options);
void list_options(OptionList& list, LanguageModelOptions& options);

inline constexpr const char* kDecodeGroup = "Translation";
// How outputs are searched for; how many of them there are, and what of each.
void list_search(OptionList& list, DecodeOptions& options);
void list_options(OptionList& list, DecodeOptions& options);

}  // namespace recur
