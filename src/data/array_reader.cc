#include "data/array_reader.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "data/array_header.h"

namespace recur {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 24;  // of a record, which is held in memory whole
constexpr std::size_t kElementsAtOnce = std::size_t{1} << 14;

template <class T>
T element_at(const char* bytes, bool big_endian) {
  std::array<char, sizeof(T)> copy;
  std::memcpy(copy.data(), bytes, sizeof(T));
  if (big_endian == (std::endian::native == std::endian::little)) std::ranges::reverse(copy);
  return std::bit_cast<T>(copy);
}

// Calls use(T()) with the type of the elements, which are no texts.
template <class Use>
void visit_type(const ArrayForm& form, const Use& use) {
  const auto by_size = [&](auto one, auto two, auto four, auto eight) {
    switch (form.bytes) {
      case 1:
        return use(one);
      case 2:
        return use(two);
      case 4:
        return use(four);
      default:
        return use(eight);
    }
  };
  switch (form.kind) {
    case ElementKind::whole:
      return by_size(std::int8_t(), std::int16_t(), std::int32_t(), std::int64_t());
    case ElementKind::real:
      return form.bytes == 4 ? use(float()) : use(double());
    default:
      return by_size(std::uint8_t(), std::uint16_t(), std::uint32_t(), std::uint64_t());
  }
}

// UTF-32, which ends with its last letter that is not 0, as UTF-8; empty for what is no text.
std::optional<std::string> utf8_of(const char* bytes, const ArrayForm& form) {
  std::size_t letters = form.bytes / 4;
  const auto letter = [&](std::size_t i) { return element_at<std::uint32_t>(bytes + 4 * i, form.big_endian); };
  while (letters > 0 && letter(letters - 1) == 0) --letters;
  std::string text;
  for (std::size_t i = 0; i < letters; ++i) {
    std::array<utf8proc_uint8_t, 4> encoded;
    const std::uint32_t code = letter(i);
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return std::nullopt;
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), encoded.data());
    text.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

ArrayReader::ArrayReader(const InputFile& file)
    : ArrayReader(ByteStream(file, {0, file.size(), file.size()}, file.name())) {}

ArrayReader::ArrayReader(ByteStream bytes) : bytes_(std::move(bytes)), form_(read_array_header(bytes_)) {
  if (form_.shape.empty()) fail("{}: a single number; expected an array whose first axis is the record", name());
  std::uint64_t elements = 1, all = form_.bytes;
  bool overflow = false;
  for (std::size_t i = 1; i < form_.shape.size(); ++i) {
    overflow |= __builtin_mul_overflow(elements, form_.shape[i], &elements);
  }
  overflow |= __builtin_mul_overflow(all, elements, &all) || __builtin_mul_overflow(all, records(), &all);
  if (overflow || all != bytes_.left()) {
    fail("{}: its header says {} of elements, but it has {} bytes; expected a file that is whole", name(),
         overflow ? "more than 2^64 bytes" : fmt::format("{} bytes", all), bytes_.left());
  }
  if (elements > kMostElements) {
    fail("{}: {} elements in a record; expected at most {}", name(), elements, kMostElements);
  }
  elements_ = static_cast<std::size_t>(elements);
}

const char* ArrayReader::read_elements(std::size_t count) {
  buffer_.resize(count * form_.bytes);
  bytes_.read(buffer_);
  return buffer_.data();
}

void ArrayReader::read(std::vector<double>& values) {
  values.resize(elements_);
  for (std::size_t begin = 0; begin < elements_; begin += kElementsAtOnce) {
    const std::size_t count = std::min(kElementsAtOnce, elements_ - begin);
    const char* bytes = read_elements(count);
    visit_type(form_, [&]<class T>(T) {
      for (std::size_t i = 0; i < count; ++i) {
        const T element = element_at<T>(bytes + i * sizeof(T), form_.big_endian);
        values[begin + i] = static_cast<double>(element);
      }
    });
    if (form_.kind != ElementKind::boolean) continue;
    for (std::size_t i = 0; i < count; ++i) values[begin + i] = values[begin + i] == 0 ? 0 : 1;
  }
}

std::string ArrayReader::read_text() {
  const char* bytes = read_elements(1);
  if (is_text()) {
    std::optional<std::string> text = utf8_of(bytes, form_);
    if (!text) fail("{}: expected texts of Unicode letters, got what is none", name());
    return std::move(*text);
  }
  if (form_.kind == ElementKind::boolean) return *bytes == 0 ? "false" : "true";
  std::string text;
  visit_type(form_, [&]<class T>(T) { text = fmt::format("{}", +element_at<T>(bytes, form_.big_endian)); });
  return text;
}

}  // namespace recur
