#include "data/safetensors_header.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"

namespace recur::safetensors {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::string_view kDtypeField = "dtype";
constexpr std::string_view kShapeField = "shape";
constexpr std::string_view kOffsetsField = "data_offsets";

struct DtypeEntry {
  Dtype dtype;
  std::string_view name;
  std::size_t size;
};
constexpr std::array kDtypes = {DtypeEntry{Dtype::kF32, "F32", 4}, DtypeEntry{Dtype::kI64, "I64", 8},
                                DtypeEntry{Dtype::kU64, "U64", 8}, DtypeEntry{Dtype::kU8, "U8", 1}};

const DtypeEntry& entry_of(Dtype dtype) { return *std::ranges::find(kDtypes, dtype, &DtypeEntry::dtype); }

// The number of bytes of a tensor; nothing where a size is negative, or where the sizes other than 0 multiply to more
// than std::int64_t holds (a 0 among them does not excuse that: callers multiply some of the sizes, too).
std::optional<std::size_t> bytes_of(Dtype dtype, std::span<const std::int64_t> shape) {
  auto product = static_cast<std::int64_t>(value_size(dtype));
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return {};
    if (size == 0) {
      empty = true;
    } else if (product > std::numeric_limits<std::int64_t>::max() / size) {
      return {};
    } else {
      product *= size;
    }
  }
  return empty ? 0 : static_cast<std::size_t>(product);
}

// Takes the JSON value by value as it is read, so that neither its depth nor its size costs more memory than what is
// kept of it. Knows at each moment where it stands, and refuses at once whatever does not belong there.
class HeaderReader final : public nlohmann::json_sax<json> {
 public:
  HeaderReader(const std::string& file, std::span<const std::byte> data) : file_(file), data_(data) {}

  Header header;

  bool null() override { wrong("null"); }
  bool boolean(bool value) override { wrong(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { wrong(fmt::format("{}", value)); }
  bool number_float(double, const std::string& text) override { wrong(in_quotes(text)); }
  bool binary(json::binary_t&) override { wrong("bytes"); }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ == Place::kShape && value <= std::numeric_limits<std::int64_t>::max()) {
      tensor_.shape.push_back(static_cast<std::int64_t>(value));
    } else if (place_ == Place::kOffsets && offsets_.size() < 2) {
      offsets_.push_back(value);
    } else {
      wrong(fmt::format("{}", value));
    }
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::kMetadata) {
      header.metadata[key_] = std::move(value);
    } else if (place_ == Place::kTensor && key_ == kDtypeField) {
      const auto entry = std::ranges::find(kDtypes, value, &DtypeEntry::name);
      if (entry == kDtypes.end()) wrong(in_quotes(value));
      tensor_.dtype = entry->dtype;
    } else {
      wrong(in_quotes(value));
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kOutside) {
      place_ = Place::kNames;
    } else if (place_ != Place::kNames) {
      wrong("an object");
    } else if (key_ == kMetadataKey) {
      if (std::exchange(has_metadata_, true)) refuse("{} stands there twice", kMetadataKey);
      place_ = Place::kMetadata;
    } else {
      tensor_ = {.name = key_, .dtype = {}, .shape = {}, .bytes = {}};
      offsets_.clear();
      fields_.clear();
      place_ = Place::kTensor;
    }
    return true;
  }

  bool key(std::string& value) override {
    key_ = std::move(value);
    if (place_ == Place::kMetadata && header.metadata.contains(key_)) {
      refuse("{}: {} stands there twice", kMetadataKey, in_quotes(key_));
    }
    if (place_ == Place::kTensor) {
      if (key_ != kDtypeField && key_ != kShapeField && key_ != kOffsetsField)
        refuse_tensor("unknown field {}", in_quotes(key_));
      if (!fields_.insert(key_).second) refuse_tensor("{} stands there twice", key_);
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) finish_tensor();
    place_ = place_ == Place::kNames ? Place::kOutside : Place::kNames;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::kTensor && key_ == kShapeField) {
      place_ = Place::kShape;
    } else if (place_ == Place::kTensor && key_ == kOffsetsField) {
      place_ = Place::kOffsets;
    } else {
      wrong("a list");
    }
    return true;
  }

  bool end_array() override {
    if (place_ == Place::kOffsets && offsets_.size() != 2) wrong("fewer");
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    refuse("the header is not JSON in UTF-8 at its byte {}; the file is damaged: copy it again", position);
  }

 private:
  enum class Place { kOutside, kNames, kMetadata, kTensor, kShape, kOffsets };

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: not a valid model file: {}", file_, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  [[noreturn]] void refuse_tensor(fmt::format_string<Args...> format, Args&&... args) const {
    refuse("tensor {}: {}", in_quotes(tensor_.name), fmt::format(format, std::forward<Args>(args)...));
  }

  // The header holds `found` where it may not.
  [[noreturn]] void wrong(std::string_view found) const {
    if (place_ == Place::kOutside) refuse("the header must be an object, found {}", found);
    if (place_ == Place::kMetadata) refuse("{}: {} must be a text, found {}", kMetadataKey, in_quotes(key_), found);
    if (place_ == Place::kNames && key_ == kMetadataKey) refuse("{} must be an object, found {}", kMetadataKey, found);
    if (place_ == Place::kNames) {
      refuse("tensor {}: must be an object of dtype, shape and data_offsets, found {}", in_quotes(key_), found);
    }
    if (key_ == kShapeField) refuse_tensor("shape must be a list of whole numbers from 0 to 2^63 - 1, found {}", found);
    if (key_ == kOffsetsField)
      refuse_tensor("data_offsets must be two whole numbers from 0 to 2^64 - 1, found {}", found);
    refuse_tensor("dtype must be F32, I64, U64 or U8, found {}; save the tensor as one of these", found);
  }

  void finish_tensor() {
    for (const auto field : {kDtypeField, kShapeField, kOffsetsField}) {
      if (!fields_.contains(field)) refuse_tensor("{} is missing", field);
    }
    const std::uint64_t begin = offsets_[0], end = offsets_[1];
    if (begin > end) refuse_tensor("data_offsets [{}, {}] run backwards", begin, end);
    if (end > data_.size()) {
      refuse_tensor("its values end at byte {} of {}; the file is cut short: copy it again", end, data_.size());
    }
    const auto size = bytes_of(tensor_.dtype, tensor_.shape);
    if (!size) refuse_tensor("{} is larger than any file", dtype_and_shape(tensor_.dtype, tensor_.shape));
    if (*size != end - begin) {
      refuse_tensor("{} takes {} bytes, data_offsets give {}", dtype_and_shape(tensor_.dtype, tensor_.shape), *size,
                    end - begin);
    }
    tensor_.bytes = data_.subspan(begin, *size);
    header.tensors.push_back(std::move(tensor_));
  }

  const std::string& file_;
  std::span<const std::byte> data_;
  Place place_ = Place::kOutside;
  std::string key_;  // the last one read
  bool has_metadata_ = false;
  TensorView tensor_;                          // the one being read,
  std::vector<std::uint64_t> offsets_;         // its begin and end,
  std::set<std::string, std::less<>> fields_;  // and what the header has told of it
};

}  // namespace

Header parse_header(const std::string& file, std::string_view text, std::span<const std::byte> data) {
  // The JSON reader would skip a byte order mark, and take a zero byte for the end.
  if (!text.starts_with('{') || text.find('\0') != text.npos) {
    fail("{}: not a valid model file: the header is not a JSON object; give a safetensors file", file);
  }
  HeaderReader reader(file, data);
  json::sax_parse(text.begin(), text.end(), &reader);
  return std::move(reader.header);
}

std::string format_header(const std::string& file, const std::map<std::string, std::string>& metadata,
                          std::span<const TensorView* const> tensors) {
  const auto json_text = [&](const std::string& value, const std::string& what) {
    try {
      return json(value).dump();
    } catch (const json::exception&) {
      fail("{}: cannot save: {} is not UTF-8", file, what);
    }
  };
  std::vector<std::string> entries;
  if (!metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [key, value] : metadata) {
      const std::string name = "metadata " + in_quotes(key);
      texts.push_back(fmt::format("{}:{}", json_text(key, "the key of " + name), json_text(value, name)));
    }
    entries.push_back(fmt::format("\"{}\":{{{}}}", kMetadataKey, fmt::join(texts, ",")));
  }
  std::set<std::string_view> names = {kMetadataKey};
  std::size_t begin = 0;
  for (const TensorView* tensor : tensors) {
    const std::string name = "tensor " + in_quotes(tensor->name);
    if (!names.insert(tensor->name).second) fail("{}: cannot save: {}: the name is taken", file, name);
    if (bytes_of(tensor->dtype, tensor->shape) != tensor->bytes.size()) {
      fail("{}: cannot save: {}: {} bytes are not {}", file, name, tensor->bytes.size(),
           dtype_and_shape(tensor->dtype, tensor->shape));
    }
    const std::size_t end = begin + tensor->bytes.size();
    entries.push_back(fmt::format(
        R"({}:{{"{}":"{}","{}":[{}],"{}":[{},{}]}})", json_text(tensor->name, "the name of " + name), kDtypeField,
        entry_of(tensor->dtype).name, kShapeField, fmt::join(tensor->shape, ","), kOffsetsField, begin, end));
    begin = end;
  }
  std::string header = fmt::format("{{{}}}", fmt::join(entries, ","));
  if (header.size() > kLargestHeader) {
    fail("{}: cannot save: the names and metadata take {} bytes, at most {} fit", file, header.size(), kLargestHeader);
  }
  return header;
}

std::size_t value_size(Dtype dtype) { return entry_of(dtype).size; }

std::string dtype_and_shape(Dtype dtype, std::span<const std::int64_t> shape) {
  constexpr std::size_t kMostShown = 8;
  return fmt::format("{} [{}{}]", entry_of(dtype).name,
                     fmt::join(shape.first(std::min(shape.size(), kMostShown)), ", "),
                     shape.size() > kMostShown ? ", ..." : "");
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMostShown = 60;
  const json shown = std::string(text.substr(0, kMostShown));
  const std::string escaped = shown.dump(-1, ' ', true, json::error_handler_t::ignore);
  return fmt::format("'{}{}'", std::string_view(escaped).substr(1, escaped.size() - 2),
                     text.size() > kMostShown ? "..." : "");
}

}  // namespace recur::safetensors
