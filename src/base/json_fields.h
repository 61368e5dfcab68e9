// Structs as JSON objects: a struct lists its fields once, visit(name, field), and WriteFields and ReadFields visit
// them. JSON has no infinity, so null stands for it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// JSON of a file: discarded() where the text is none, or is nested so deeply that whoever copies it runs out of stack.
nlohmann::json parse_json(std::string_view text);
// For messages, what a text that is no JSON has that others write into it: NaN, Infinity, or a number beyond those of
// double. Empty where it is something else.
std::string json_problem(std::string_view text);

struct WriteFields {
  nlohmann::json& object;

  void operator()(const char* name, bool field) const;
  void operator()(const char* name, std::uint64_t field) const;
  void operator()(const char* name, double field) const;
  void operator()(const char* name, const std::string& field) const;
  void operator()(const char* name, const std::vector<std::string>& field) const;
  void operator()(const char* name, const std::vector<double>& field) const;
};

// Throws Error naming the field that is missing or of the wrong type.
struct ReadFields {
  const nlohmann::json& object;

  void operator()(const char* name, bool& field) const;
  void operator()(const char* name, std::uint64_t& field) const;
  void operator()(const char* name, int& field) const;
  void operator()(const char* name, double& field) const;
  void operator()(const char* name, float& field) const;
  void operator()(const char* name, std::string& field) const;
  void operator()(const char* name, std::vector<std::string>& field) const;
  void operator()(const char* name, std::vector<double>& field) const;
  void operator()(const char* name, std::vector<float>& field) const;
  void operator()(const char* name, std::vector<std::uint64_t>& field) const;
  const nlohmann::json& object_at(const char* name) const;

 private:
  const nlohmann::json& at(const char* name) const;
};

}  // namespace recur
