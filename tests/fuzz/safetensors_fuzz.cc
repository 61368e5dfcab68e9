// Any bytes at all as a model file: recur::Error is the only way out but success, and then every value can be read.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "data/safetensors.h"
#include "recur/types/error.h"

namespace {

volatile std::uint8_t last_byte;  // a read that the compiler may not leave out

template <class T>
void read_values(const recur::SafetensorsFile& file, const recur::TensorView& tensor) {
  const auto values = file.values<T>(tensor.name, tensor.shape);
  assert(values.size_bytes() == tensor.bytes.size());
  assert(reinterpret_cast<std::uintptr_t>(values.data()) % alignof(T) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const recur::SafetensorsFile file(std::as_bytes(std::span(data, size)), "fuzz");
    for (const recur::TensorView& tensor : file.tensors()) {
      assert(file.find(tensor.name) == &tensor);
      for (const std::byte byte : tensor.bytes) last_byte = static_cast<std::uint8_t>(byte);
      switch (tensor.dtype) {
        case recur::Dtype::kF32:
          read_values<float>(file, tensor);
          break;
        case recur::Dtype::kI64:
          read_values<std::int64_t>(file, tensor);
          break;
        case recur::Dtype::kU64:
          read_values<std::uint64_t>(file, tensor);
          break;
        case recur::Dtype::kU8:
          read_values<std::uint8_t>(file, tensor);
          break;
      }
    }
  } catch (const recur::Error&) {
  }
  return 0;
}
