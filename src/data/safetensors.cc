#include "data/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "data/safetensors_header.h"

namespace recur {
namespace {

static_assert(std::endian::native == std::endian::little, "values go between file and memory as they are");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kDataAlignment = 64;

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& path) : name_(path), mapping_(std::make_unique<MappedFile>(path)) {
  read(mapping_->bytes());
}

SafetensorsFile::SafetensorsFile(std::span<const std::byte> bytes, std::string name) : name_(std::move(name)) {
  read(bytes);
}

void SafetensorsFile::read(std::span<const std::byte> bytes) {
  const std::string refused = name_ + ": not a valid model file";
  if (bytes.size() < kLengthBytes) {
    fail("{}: {} bytes are too few for one; the file is cut short: copy it again", refused, bytes.size());
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  bytes = bytes.subspan(kLengthBytes);
  if (length == 0 || length > safetensors::kLargestHeader) {
    fail("{}: a header of {} bytes, expected 1 to {}; give a safetensors file", refused, length,
         safetensors::kLargestHeader);
  }
  if (length > bytes.size()) {
    fail("{}: a header of {} bytes in {}; the file is cut short: copy it again", refused, length, bytes.size());
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), length);
  const auto data = bytes.subspan(length);
  safetensors::Header header = safetensors::parse_header(name_, text, data);
  metadata_ = std::move(header.metadata);
  tensors_ = std::move(header.tensors);

  std::ranges::stable_sort(tensors_, {},
                           [](const TensorView& t) { return std::tuple(t.bytes.data(), t.bytes.size()); });
  const std::byte* end = data.data();  // of the tensors so far
  for (TensorView& tensor : tensors_) {
    const std::string subject = refused + ": tensor " + safetensors::in_quotes(tensor.name);
    if (!by_name_.emplace(tensor.name, &tensor).second) fail("{}: stands there twice", subject);
    const std::byte* begin = tensor.bytes.data();
    if (begin < end) fail("{}: its first {} bytes are also another tensor's", subject, end - begin);
    if (begin > end) fail("{}: the {} bytes before its values belong to no tensor", subject, begin - end);
    end += tensor.bytes.size();
    // In the file of another program, values of 4 or 8 bytes may lie anywhere: the format demands no alignment. Those
    // out of line are copied, so that such a file is read like any other. What recur writes is aligned.
    if (reinterpret_cast<std::uintptr_t>(begin) % safetensors::value_size(tensor.dtype) != 0) {
      auto& copy = aligned_copies_.emplace_back(std::make_unique<std::byte[]>(tensor.bytes.size()));
      std::ranges::copy(tensor.bytes, copy.get());
      tensor.bytes = {copy.get(), tensor.bytes.size()};
    }
  }
  if (const auto rest = data.data() + data.size() - end; rest != 0) {
    fail("{}: the last {} bytes belong to no tensor; the file is damaged: copy it again", refused, rest);
  }
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::span<const std::byte> SafetensorsFile::checked_bytes(std::string_view name, Dtype dtype,
                                                          std::span<const std::int64_t> shape) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr || tensor->dtype != dtype || !std::ranges::equal(tensor->shape, shape)) {
    fail("{}: tensor {}: expected {}, found {}; give a file of the same kind of model", name_,
         safetensors::in_quotes(name), safetensors::dtype_and_shape(dtype, shape),
         tensor == nullptr ? "none" : safetensors::dtype_and_shape(tensor->dtype, tensor->shape));
  }
  return tensor->bytes;
}

void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       std::span<const TensorView> tensors) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::ranges::stable_sort(order, std::greater(),
                           [](const TensorView* t) { return safetensors::value_size(t->dtype); });

  std::string header = safetensors::format_header(path, metadata, order);
  const std::size_t unpadded = kLengthBytes + header.size();
  header.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');
  const std::uint64_t length = header.size();

  OutputFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const TensorView* tensor : order) file.write(tensor->bytes);
  file.commit();
}

}  // namespace recur
