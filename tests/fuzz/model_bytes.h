// For the fuzz targets: a model file in memory, of whatever configuration.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/safetensors_header.h"
#include "io/model_file.h"

namespace recur {

// The bytes of a safetensors file of 4-byte values.
inline std::string safetensors_bytes(const std::map<std::string, std::string>& metadata,
                                     const std::vector<TensorView>& tensors) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::string header = safetensors::format_header("fuzz", metadata, order);
  header.append((8 - header.size() % 8) % 8, ' ');
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += header;
  for (const TensorView& t : tensors) bytes.append(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
  return bytes;
}

// The model file of parameters that have been declared.
inline std::string model_bytes(const std::string& task, const std::map<std::string, nlohmann::json>& parts,
                               const Parameters& parameters) {
  std::map<std::string, std::string> metadata = {
      {"recur", nlohmann::json{{"format", ModelFile::kFormat}, {"task", task}}.dump()}, {"provenance", "{}"}};
  for (const auto& [name, part] : parts) metadata[name] = part.dump();
  std::vector<TensorView> tensors;
  for (const auto& d : parameters.declarations()) {
    tensors.push_back(tensor_view<float>(d.name, d.shape, parameters.values().subspan(d.offset, d.size)));
  }
  return safetensors_bytes(metadata, tensors);
}

// So many parameters need a file of that size; what a short text can describe must not take memory before that.
inline bool fits_small_file(const Parameters& parameters) {
  constexpr std::size_t kMost = 100'000;
  const auto& last = parameters.declarations().back();
  return last.offset + last.size <= kMost;
}

}  // namespace recur
