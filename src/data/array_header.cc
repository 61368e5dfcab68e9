#include "data/array_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kStart = 4;  // bytes that tell which format it is
constexpr std::size_t kMostHeader = std::size_t{1} << 16;

std::uint64_t unsigned_at(std::string_view bytes, bool big_endian) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[big_endian ? i : bytes.size() - 1 - i]);
  }
  return number;
}

[[noreturn]] void fail_without_header(const ByteStream& bytes) {
  fail("{}: expected an array of NumPy (.npy) or an IDX file, got neither", bytes.name());
}

std::string read_bytes(ByteStream& bytes, std::size_t size) {
  if (size > bytes.left()) fail("{}: expected a header, got the end of the file", bytes.name());
  std::string read(size, '\0');
  bytes.read(read);
  return read;
}

// The dictionary of a header, {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }, as Python writes it.
class Dictionary {
 public:
  Dictionary(std::string_view text, const std::string& name) : text_(text), rest_(text), name_(name) {}

  void read() {
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        if (take('[')) fail("{}: an array of records of several fields; expected numbers, booleans or texts", name_);
        descr = quoted();
      } else if (key == "fortran_order") {
        fortran = boolean();
      } else if (key == "shape") {
        shape = numbers();
      } else {
        fail_here();
      }
      if (!take(',') && !peeks('}')) fail_here();
    }
    if (!descr || !fortran || !shape) fail_here();
  }

  std::optional<std::string_view> descr;
  std::optional<bool> fortran;
  std::optional<std::vector<std::uint64_t>> shape;

 private:
  [[noreturn]] void fail_here() const {
    fail("{}: expected NumPy's header {{'descr': .., 'fortran_order': .., 'shape': ..}}, got {}", name_, quote(text_));
  }
  bool peeks(char c) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    return rest_.starts_with(c);
  }
  bool take(char c) {
    if (!peeks(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail_here();
  }
  std::string_view quoted() {
    const char mark = take('"') ? '"' : '\'';
    if (mark == '\'') expect(mark);
    const std::size_t end = rest_.find(mark);
    if (end == rest_.npos) fail_here();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    peeks(' ');
    for (const std::string_view word : {"True", "False"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    fail_here();
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> list;
    expect('(');
    while (!take(')')) {
      const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
      const auto number = parse_number<std::uint64_t>(rest_.substr(0, end));
      if (!number) fail_here();
      rest_.remove_prefix(end);
      list.push_back(*number);
      if (!take(',') && !peeks(')')) fail_here();
    }
    return list;
  }

  std::string_view text_, rest_;
  const std::string& name_;
};

// "<f8", ">i2", "|b1", "<U12".
void read_element_type(std::string_view descr, const std::string& name, ArrayForm& form) {
  constexpr std::string_view kKinds = "biufU";  // as ElementKind
  constexpr std::array<std::string_view, 5> kSizes = {"1", "1248", "1248", "48", ""};
  constexpr std::size_t kMostLetters = std::size_t{1} << 22;  // 16 MiB of them
  const std::size_t kind = descr.size() > 2 ? kKinds.find(descr[1]) : kKinds.npos;
  const std::string_view digits = descr.substr(std::min<std::size_t>(2, descr.size()));
  const std::size_t size = parse_number<std::size_t>(digits).value_or(0);
  const bool is_text = kind == 4;
  const bool sized = is_text ? size > 0 && size <= kMostLetters
                             : kind < 4 && digits.size() == 1 && kSizes[kind].find(digits) != kKinds.npos;
  const bool ordered = descr.starts_with('<') || descr.starts_with('>') || (descr.starts_with('|') && size == 1);
  if (!sized || !ordered) {
    fail(
        "{}: expected an array of numbers, booleans or texts (float32, int64, bool, <U9 ..), got {}; save it with "
        "astype(..)",
        name, quote(descr));
  }
  form.kind = static_cast<ElementKind>(kind);
  form.bytes = is_text ? size * 4 : size;
  form.big_endian = descr.starts_with('>');
}

ArrayForm read_npy_header(ByteStream& bytes) {
  const std::string start = read_bytes(bytes, kMagic.size() - kStart + 2);
  if (!start.starts_with(kMagic.substr(kStart))) fail_without_header(bytes);
  const char version = start[kMagic.size() - kStart];
  if (version < 1 || version > 3) {
    fail("{}: expected version 1, 2 or 3 of NumPy's format, got {}", bytes.name(), static_cast<unsigned char>(version));
  }
  const std::uint64_t size = unsigned_at(read_bytes(bytes, version == 1 ? 2 : 4), false);
  if (size > kMostHeader) fail("{}: expected a header of at most 64 KiB, got {} bytes", bytes.name(), size);
  const std::string text = read_bytes(bytes, static_cast<std::size_t>(size));
  Dictionary dictionary(text, bytes.name());
  dictionary.read();
  ArrayForm form;
  read_element_type(*dictionary.descr, bytes.name(), form);
  form.shape = std::move(*dictionary.shape);
  if (*dictionary.fortran && form.shape.size() > 1) {
    fail("{}: expected the order of C, record after record, got that of Fortran; save numpy.ascontiguousarray(..)",
         bytes.name());
  }
  return form;
}

struct IdxType {
  char code;
  ElementKind kind;
  std::size_t bytes;
};
constexpr std::array kIdxTypes = {IdxType{0x08, ElementKind::natural, 1}, IdxType{0x09, ElementKind::whole, 1},
                                  IdxType{0x0B, ElementKind::whole, 2},   IdxType{0x0C, ElementKind::whole, 4},
                                  IdxType{0x0D, ElementKind::real, 4},    IdxType{0x0E, ElementKind::real, 8}};

const IdxType* idx_type(char code) {
  for (const IdxType& type : kIdxTypes) {
    if (type.code == code) return &type;
  }
  return nullptr;
}

ArrayForm read_idx_header(ByteStream& bytes, std::string_view start) {
  const IdxType& type = *idx_type(start[2]);
  ArrayForm form{type.kind, type.bytes, true, {}};
  for (char i = 0; i < start[3]; ++i) form.shape.push_back(unsigned_at(read_bytes(bytes, 4), true));
  return form;
}

}  // namespace

bool is_idx(std::string_view begin) {
  return begin.size() >= 4 && begin[0] == 0 && begin[1] == 0 && idx_type(begin[2]) != nullptr && begin[3] > 0;
}

ArrayForm read_array_header(ByteStream& bytes) {
  const std::string start = read_bytes(bytes, kStart);
  if (kMagic.starts_with(start)) return read_npy_header(bytes);
  if (is_idx(start)) return read_idx_header(bytes, start);
  fail_without_header(bytes);
}

void write_npy(OutputFile& file, std::initializer_list<std::size_t> shape, std::span<const float> elements) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::size_t kBefore = 10, kAligned = 64;
  std::string text =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}", fmt::join(shape, ", "));
  text.append((kAligned - (kBefore + text.size() + 1) % kAligned) % kAligned, ' ');
  text += '\n';
  std::string header = std::string(kMagic) + '\x01' + '\0';  // the version
  header += static_cast<char>(text.size() & 0xFFU);
  header += static_cast<char>(text.size() >> 8U);
  file.write(header + text);
  file.write(std::as_bytes(elements));
}

}  // namespace recur
