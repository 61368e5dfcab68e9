// A small model and a file put together by hand, for the tests of the model file.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "data/safetensors.h"

namespace recur {

// The format, put together by hand: the length of the header, the header, the values.
inline std::string safetensors_bytes(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file + header + data;
}

// A small model: two matrices, a counter, three bytes, and a tensor without values.
struct SampleModel {
  std::vector<float> weight = {1.5F, -2, 0, 3e-38F, 5, 6};
  std::vector<float> bias = {7};
  std::vector<std::uint64_t> position = {~std::uint64_t{0}};
  std::vector<std::uint8_t> flags = {1, 2, 255};
  std::map<std::string, std::string> metadata = {{"format", "1"}, {"vocabulary", "[\"\\n\", \"\n\", \"я\", \"\x7f\"]"}};
  std::vector<TensorView> tensors = {
      tensor_view<float>("weight", {2, 3}, weight), tensor_view<std::uint8_t>("flags", {3}, flags),
      tensor_view<float>("bias \"я\"\n", {1}, bias), tensor_view<std::uint64_t>("position", {}, position),
      tensor_view<float>("none", {0, 4}, {})};

  std::string bytes() const {
    const TempFolder folder;
    write_safetensors(folder.file("model"), metadata, tensors);
    return folder.read("model");
  }
};

}  // namespace recur
