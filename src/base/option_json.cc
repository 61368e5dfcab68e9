#include "base/option_json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

using nlohmann::json;

struct ToJson {
  json operator()(std::monostate) const { return nullptr; }
  json operator()(const auto& x) const { return x; }
};

}  // namespace

json to_json(const OptionValue& value) { return std::visit(ToJson(), value); }

OptionValue option_value(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  return std::monostate();
}

json to_json(const OptionList& list) {
  json object = json::object();
  for (const Option& option : list.all()) object[option.name] = to_json(option.get());
  return object;
}

void check_is_text(const json& options) {
  for (const auto& [name, value] : options.items()) {
    try {
      static_cast<void>(value.dump());
    } catch (const json::type_error&) {
      fail("--{}: expected UTF-8, got {}", name, quote(value.get<std::string>()));
    }
  }
}

void read_options(const OptionList& list, const json& object) {
  if (!object.is_object()) fail("its configuration is no object");
  for (const Option& option : list.all()) {
    const auto value = object.find(option.name);
    if (value == object.end()) continue;
    const std::string expected = option.set(option_value(*value));
    if (!expected.empty()) {
      fail("its configuration's '{}': expected {}, got {}", option.name, expected, value->dump().substr(0, 40));
    }
  }
}

}  // namespace recur
