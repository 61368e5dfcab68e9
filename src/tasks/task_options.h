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

}  // namespace recur
