// The golden files of tests/golden; their README.md describes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/safetensors.h"
#include "support/paths.h"

namespace recur {

inline std::string golden_folder() { return source_folder() + "/tests/golden"; }

// The names, without ".safetensors", that begin with `prefix`, in order.
inline std::set<std::string> golden_names(const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".safetensors" && name.starts_with(prefix)) names.insert(name);
  }
  return names;
}

class GoldenFile {
 public:
  explicit GoldenFile(const std::string& name)
      : file_(golden_folder() + "/" + name + ".safetensors"),
        generated_(nlohmann::json::parse(file_.metadata().at("generated"))) {}

  const std::string& text(const std::string& key) const { return file_.metadata().at(key); }
  std::size_t number(const std::string& key) const { return std::stoul(text(key)); }
  bool has(const std::string& tensor) const { return generated_.contains(tensor) || file_.find(tensor) != nullptr; }

  // A tensor by formula, or one that is stored, row-major.
  std::vector<double> values(const std::string& tensor) const {
    if (generated_.contains(tensor)) return by_formula(generated_.at(tensor));
    const auto stored = file_.floats(tensor, file_.find(tensor)->shape);
    return {stored.begin(), stored.end()};
  }
  std::vector<std::size_t> integers(const std::string& tensor) const {
    const auto stored = file_.values<std::int64_t>(tensor, file_.find(tensor)->shape);
    return {stored.begin(), stored.end()};
  }
  // Those elements of a whole tensor that the file stores under a name: all, or every stride-th.
  std::vector<double> sample(const std::string& tensor, const std::vector<double>& whole) const {
    const auto stride = file_.metadata().find("stride:" + tensor);
    if (stride == file_.metadata().end()) return whole;
    std::vector<double> sample;
    for (std::size_t k = 0; k < whole.size(); k += std::stoul(stride->second)) sample.push_back(whole[k]);
    return sample;
  }

 private:
  static std::vector<double> by_formula(const nlohmann::json& rule) {
    const auto shape = rule.at("shape").get<std::vector<std::size_t>>();
    std::vector<double> values(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()));
    for (std::size_t k = 0; k < values.size(); ++k) {
      std::uint64_t z = (rule.at("seed").get<std::uint64_t>() << 32) + k + 0x9E3779B97F4A7C15U;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
      z = z ^ (z >> 31);
      values[k] = (static_cast<double>(z >> 40) / 0x1p23 - 1) * rule.at("scale").get<double>();
    }
    return values;
  }

  SafetensorsFile file_;
  nlohmann::json generated_;
};

}  // namespace recur
