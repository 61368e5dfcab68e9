// ArrayReader: the records of an array of NumPy's .npy format (versions 1 to 3) or of LeCun's IDX, one at a time; the
// first axis is the record. Numbers of 1 to 8 bytes, booleans and, of NumPy, texts (<U).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_stream.h"

namespace recur {

enum class ElementKind { boolean, whole, natural, real, text };

struct ArrayForm {
  ElementKind kind = ElementKind::real;
  std::size_t bytes = 0;  // of an element
  bool big_endian = false;
  std::vector<std::uint64_t> shape;
};

bool is_idx(std::string_view begin);  // four bytes are enough

class ArrayReader {
 public:
  // Throws Error naming the file, or the member of an archive, for a header that is none, has what is not read, or has
  // not as many elements as the file.
  explicit ArrayReader(const InputFile& file);
  explicit ArrayReader(ByteStream bytes);

  const std::string& name() const { return bytes_.name(); }
  bool is_text() const { return form_.kind == ElementKind::text; }
  std::uint64_t records() const { return form_.shape.front(); }
  std::size_t dimensions() const { return form_.shape.size(); }
  std::uint64_t axis(std::size_t i) const { return i < form_.shape.size() ? form_.shape[i] : 1; }
  std::size_t elements() const { return elements_; }  // of a record

  // Those of the next record, as many as elements(), into `values`; not of texts.
  void read(std::vector<double>& values);
  // The next record, of one element, as a text: 3, 0.5, true, or what it says. Throws Error for a text that is none.
  std::string read_text();

 private:
  const char* read_elements(std::size_t count);

  ByteStream bytes_;
  ArrayForm form_;
  std::size_t elements_ = 0;
  std::vector<char> buffer_;
};

}  // namespace recur
