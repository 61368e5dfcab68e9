// Options as JSON: every one under its name.
#pragma once

#include <nlohmann/json.hpp>

#include "recur/types/options.h"

namespace recur {

nlohmann::json to_json(const OptionValue& value);
nlohmann::json to_json(const OptionList& list);
// Throws Error naming the option whose text is not UTF-8. A model file says as JSON what it was trained with, so that
// every word of it must be text: a path, too.
void check_is_text(const nlohmann::json& options);
// A list or an object is no value of an option: nothing.
OptionValue option_value(const nlohmann::json& json);
// Sets them; those that are missing stay as they are. Throws Error naming the one that is of the wrong type or out of
// range.
void read_options(const OptionList& list, const nlohmann::json& object);

// The same of a struct whose options list_options() lists.
template <class Options>
auto options_json(Options options) {
  OptionList list;
  list_options(list, options);
  return to_json(list);
}
template <class Options>
void read_options_of(Options& options, const nlohmann::json& object) {
  OptionList list;
  list_options(list, options);
  read_options(list, object);
}

}  // namespace recur
