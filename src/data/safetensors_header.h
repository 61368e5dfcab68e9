// The JSON header of a safetensors file, read and written; for safetensors.cc, which knows the file around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/safetensors.h"

namespace recur::safetensors {

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;  // in the order of the header; each view lies inside `data`
};

inline constexpr std::uint64_t kLargestHeader = 100'000'000;  // bytes, as in the format's reference implementation

// Reads the header `text` of the file called `file`, whose tensors lie in `data`. Throws recur::Error where anything
// about one entry is wrong; whether the tensors together fill `data` is left to the caller.
Header parse_header(const std::string& file, std::string_view text, std::span<const std::byte> data);

// The header of tensors whose values follow each other in this order. Throws recur::Error, with `file` in the message,
// for a text that is not UTF-8, a name that is taken, values that do not fit the shape, or a header that is too large.
std::string format_header(const std::string& file, const std::map<std::string, std::string>& metadata,
                          std::span<const TensorView* const> tensors);

// Bytes of one value.
std::size_t value_size(Dtype dtype);

// "F32 [4, 3]"
std::string dtype_and_shape(Dtype dtype, std::span<const std::int64_t> shape);

// Text of a file as it may stand in a message: in quotes, short, on one line.
std::string in_quotes(std::string_view text);

}  // namespace recur::safetensors
