// What commands say of how outputs that are texts are searched for.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "recur/model.h"

namespace recur {

// On standard error; nothing for none.
void say_cut_outputs(const std::string& data, std::size_t count, const DecodeOptions& options);
// --with: models that predict together with the first; adds the flag, and makes one of all.
void list_with(OptionList& list, std::vector<std::string>& files);
Model load_together(const std::string& model, const std::vector<std::string>& with);
// What a model makes of what it reads.
HeadSpec head_spec(const Model& model);
// Throws Error when a flag of DecodeOptions was given that the model has no use for.
void check_decode_options(const OptionList& list, const Given& given, const Model& model, const DecodeOptions& options);
// Throws Error when a flag was given that is about what is drawn, and nothing is.
void check_drawing_options(const Given& given, const Model& model, const DecodeOptions& options);
// The same of --max-length, of what is as long as it is.
void check_max_length(const Given& given, const Model& model);
// The same of a flag about records, of a model of one text, which is read as it stands.
void check_whole_text(const Given& given, const Model& model);
// The same of a flag that is about tags.
void check_tag_options(const Given& given, const Model& model);
// The same of what writes no texts, a model of such a task, which may have a use for one of these flags.
void refuse_decode_options(const OptionList& list, const Given& given, const std::string& task,
                           std::string_view except = "");

}  // namespace recur
