// The container of the model file: named tensors and a table of texts, in the public safetensors format. A file is
//   8 bytes  N, the length of the header (unsigned, little-endian)
//   N bytes  the header, a JSON object in UTF-8, padded with spaces at its end:
//            {"__metadata__": {text: text}, "name": {"dtype": "F32", "shape": [4, 3], "data_offsets": [begin, end]}}
//   the rest the values of all tensors, row-major and little-endian, without holes; offsets count from here.
//
// A file is untrusted: everything the header says is checked once, when it is opened, and what cannot be right
// throws recur::Error with one line that names the file and the tensor. After that every view lies inside the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"

namespace recur {

// The types of value that recur stores, of the format's longer list.
enum class Dtype { kF32, kI64, kU64, kU8 };

template <class T>
inline constexpr Dtype kDtypeOf = [] {
  static_assert(sizeof(T) == 0, "float, std::int64_t, std::uint64_t or std::uint8_t");
  return Dtype{};
}();
template <>
inline constexpr Dtype kDtypeOf<float> = Dtype::kF32;
template <>
inline constexpr Dtype kDtypeOf<std::int64_t> = Dtype::kI64;
template <>
inline constexpr Dtype kDtypeOf<std::uint64_t> = Dtype::kU64;
template <>
inline constexpr Dtype kDtypeOf<std::uint8_t> = Dtype::kU8;

// A tensor whose values lie elsewhere: in a SafetensorsFile, or in the memory that is to be saved.
// In a file that was read, the product of any of the sizes in `shape` fits std::int64_t, and bytes.data() is aligned
// to the size of one value. An empty shape is a single number.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

// tensor_view<float>("weight", {4, 3}, values)
template <class T>
TensorView tensor_view(std::string name, std::vector<std::int64_t> shape, std::span<const T> values) {
  return {std::move(name), kDtypeOf<T>, std::move(shape), std::as_bytes(values)};
}

class SafetensorsFile {
 public:
  // Maps the file: values are read from disk when they are first touched.
  explicit SafetensorsFile(const std::string& path);
  // Reads from memory, which must outlive the object; `name` stands for the path in messages.
  SafetensorsFile(std::span<const std::byte> bytes, std::string name);

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // In the order of their values in the file.
  const std::vector<TensorView>& tensors() const { return tensors_; }
  // nullptr where there is none of that name.
  const TensorView* find(std::string_view name) const;
  // The path, for messages.
  const std::string& name() const { return name_; }

  // The values of one tensor, T one of the types of kDtypeOf. Throws where it is missing or of another type or shape.
  template <class T>
  std::span<const T> values(std::string_view name, std::span<const std::int64_t> shape) const {
    const auto bytes = checked_bytes(name, kDtypeOf<T>, shape);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  std::span<const float> floats(std::string_view name, std::span<const std::int64_t> shape) const {
    return values<float>(name, shape);
  }

 private:
  void read(std::span<const std::byte> bytes);
  std::span<const std::byte> checked_bytes(std::string_view name, Dtype dtype,
                                           std::span<const std::int64_t> shape) const;

  std::string name_;
  std::unique_ptr<MappedFile> mapping_;
  std::map<std::string, std::string> metadata_;
  std::vector<TensorView> tensors_;
  std::map<std::string_view, const TensorView*> by_name_;
  std::vector<std::unique_ptr<std::byte[]>> aligned_copies_;
};

// Saves the tensors, replacing the file at `path` only once the new one is whole on disk (see OutputFile). Tensors
// stand in the given order, those of 8-byte values first and those of single bytes last: the format has no room for
// padding between tensors, and in this order every one is aligned. The values start at a multiple of 64 bytes.
// The same input gives the same bytes. Throws where the file cannot be written, two tensors have one name, a text is
// not UTF-8, or the values of a tensor are not as many as its shape says; the file that was there stays as it was.
void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       std::span<const TensorView> tensors);

}  // namespace recur
