#include "base/json_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/error.h"

namespace recur {
namespace {

using nlohmann::json;

[[noreturn]] void wrong(const char* name, const char* expected) {
  fail("its configuration's '{}' is not {}", name, expected);
}

template <class T>
T number(const char* name, const json& value) {
  if (!value.is_number() && !value.is_null()) wrong(name, "a number");
  return value.is_null() ? std::numeric_limits<T>::infinity() : value.get<T>();
}

template <class T>
T whole(const char* name, const json& value) {
  if (!value.is_number_unsigned()) wrong(name, "a whole number of at least 0");
  return value.get<T>();
}

template <class T, class IsItem>
std::vector<T> list(const char* name, const json& value, const char* expected, const IsItem& is_item) {
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_item)) wrong(name, expected);
  return value.get<std::vector<T>>();
}

template <class T>
std::vector<T> numbers(const char* name, const json& value) {
  return list<T>(name, value, "a list of numbers", [](const json& item) { return item.is_number(); });
}

// A number beyond those of double; one that is next to 0 is none.
bool is_too_large(std::string_view word) {
  double number = 0;
  const std::errc error = std::from_chars(word.data(), word.data() + word.size(), number).ec;
  return error == std::errc::result_out_of_range && json::parse(word, nullptr, false).is_discarded();
}

}  // namespace

json parse_json(std::string_view text) {
  constexpr int kDeepest = 64;
  int deepest = 0;
  const auto watch = [&](int depth, json::parse_event_t, const json&) {
    deepest = std::max(deepest, depth);
    return depth <= kDeepest;  // what lies deeper is not kept
  };
  json value = json::parse(text, watch, false);
  return deepest <= kDeepest ? value : json(json::value_t::discarded);
}

std::string json_problem(std::string_view text) {
  constexpr std::string_view kWord = "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {  // to its end
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
      continue;
    }
    const std::string_view word = text.substr(i, std::min(text.find_first_not_of(kWord, i), text.size()) - i);
    if (word.empty()) continue;
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") {
      return fmt::format("JSON has no {}; write null where a number is missing", word);
    }
    if (is_too_large(word)) {
      return fmt::format("the number {} is too large; expected one below 1.8e308", word.substr(0, 40));
    }
    i += word.size() - 1;
  }
  return "";
}

void WriteFields::operator()(const char* name, bool field) const { object[name] = field; }
void WriteFields::operator()(const char* name, std::uint64_t field) const { object[name] = field; }
void WriteFields::operator()(const char* name, double field) const {
  object[name] = std::isfinite(field) ? json(field) : json(nullptr);
}
void WriteFields::operator()(const char* name, const std::string& field) const { object[name] = field; }
void WriteFields::operator()(const char* name, const std::vector<std::string>& field) const { object[name] = field; }
void WriteFields::operator()(const char* name, const std::vector<double>& field) const { object[name] = field; }

void ReadFields::operator()(const char* name, bool& field) const {
  const json& value = at(name);
  if (!value.is_boolean()) wrong(name, "true or false");
  field = value.get<bool>();
}
void ReadFields::operator()(const char* name, std::uint64_t& field) const {
  field = whole<std::uint64_t>(name, at(name));
}
void ReadFields::operator()(const char* name, int& field) const { field = whole<int>(name, at(name)); }
void ReadFields::operator()(const char* name, double& field) const { field = number<double>(name, at(name)); }
void ReadFields::operator()(const char* name, float& field) const { field = number<float>(name, at(name)); }
void ReadFields::operator()(const char* name, std::string& field) const {
  const json& value = at(name);
  if (!value.is_string()) wrong(name, "a text");
  field = value.get<std::string>();
}
void ReadFields::operator()(const char* name, std::vector<std::string>& field) const {
  const auto is_text = [](const json& item) { return item.is_string(); };
  field = list<std::string>(name, at(name), "a list of texts", is_text);
}
void ReadFields::operator()(const char* name, std::vector<double>& field) const {
  field = numbers<double>(name, at(name));
}
void ReadFields::operator()(const char* name, std::vector<float>& field) const {
  field = numbers<float>(name, at(name));
}
void ReadFields::operator()(const char* name, std::vector<std::uint64_t>& field) const {
  const auto is_whole = [](const json& item) { return item.is_number_unsigned(); };
  field = list<std::uint64_t>(name, at(name), "a list of whole numbers", is_whole);
}

const json& ReadFields::object_at(const char* name) const {
  const json& value = at(name);
  if (!value.is_object()) wrong(name, "an object");
  return value;
}

const json& ReadFields::at(const char* name) const {
  if (!object.is_object() || !object.contains(name)) fail("its configuration has no '{}'", name);
  return object[name];
}

}  // namespace recur
