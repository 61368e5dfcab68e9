// Structs as JSON objects: a struct lists its fields once, visit(name, field), and WriteFields and ReadFields visit
// them. JSON has no infinity, so null stands for it.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"

namespace recur {

// JSON of a file: discarded() where the text is none, or is nested so deeply that whoever copies it runs out of stack.
inline nlohmann::json parse_json(std::string_view text) {
  constexpr int kDeepest = 64;
  int deepest = 0;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    deepest = std::max(deepest, depth);
    return depth <= kDeepest;  // what lies deeper is not kept
  };
  nlohmann::json value = nlohmann::json::parse(text, watch, false);
  return deepest <= kDeepest ? value : nlohmann::json(nlohmann::json::value_t::discarded);
}

struct WriteFields {
  nlohmann::json& object;

  template <class T>
  void operator()(const char* name, const T& field) const {
    if constexpr (std::is_floating_point_v<T>) {
      object[name] = std::isfinite(field) ? nlohmann::json(field) : nlohmann::json(nullptr);
    } else {
      object[name] = field;
    }
  }
};

// Throws Error naming the field that is missing or of the wrong type.
struct ReadFields {
  const nlohmann::json& object;

  template <class T>
  void operator()(const char* name, T& field) const {
    const nlohmann::json& value = at(name);
    if constexpr (std::is_same_v<T, bool>) {
      if (!value.is_boolean()) wrong(name, "true or false");
      field = value.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      if (!value.is_number_unsigned()) wrong(name, "a whole number of at least 0");
      field = value.get<T>();
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!value.is_number() && !value.is_null()) wrong(name, "a number");
      field = value.is_null() ? std::numeric_limits<T>::infinity() : value.get<T>();
    } else {
      if (!value.is_string()) wrong(name, "a text");
      field = value.get<std::string>();
    }
  }
  void operator()(const char* name, std::vector<std::string>& field) const {
    read_list(name, field, "a list of texts", [](const nlohmann::json& item) { return item.is_string(); });
  }
  template <std::floating_point T>
  void operator()(const char* name, std::vector<T>& field) const {
    read_list(name, field, "a list of numbers", [](const nlohmann::json& item) { return item.is_number(); });
  }
  void operator()(const char* name, std::vector<std::size_t>& field) const {
    read_list(name, field, "a list of whole numbers",
              [](const nlohmann::json& item) { return item.is_number_unsigned(); });
  }
  const nlohmann::json& object_at(const char* name) const {
    const nlohmann::json& value = at(name);
    if (!value.is_object()) wrong(name, "an object");
    return value;
  }

 private:
  const nlohmann::json& at(const char* name) const {
    if (!object.is_object() || !object.contains(name)) fail("its configuration has no '{}'", name);
    return object[name];
  }
  template <class T, class IsItem>
  void read_list(const char* name, std::vector<T>& field, const char* expected, const IsItem& is_item) const {
    const nlohmann::json& value = at(name);
    if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_item)) wrong(name, expected);
    field = value.get<std::vector<T>>();
  }
  [[noreturn]] static void wrong(const char* name, const char* expected) {
    fail("its configuration's '{}' is not {}", name, expected);
  }
};

}  // namespace recur
