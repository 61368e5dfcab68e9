// ByteStream: the bytes of a part of a file, from the first to the last, as they stand there or as they are when the
// part is unpacked; in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"

struct z_stream_s;

namespace recur {

struct FilePart {
  std::uint64_t begin = 0, bytes = 0;  // where it stands in the file
  std::uint64_t size = 0;              // of the content
  bool deflated = false;
  std::optional<std::uint32_t> crc = std::nullopt;  // of the content
};

class ByteStream {
 public:
  // `file` must outlive this; `name` is for messages.
  ByteStream(const InputFile& file, const FilePart& part, std::string name);
  ~ByteStream();
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) = delete;

  // Fills `out`. Throws Error when the file has not so many bytes, or what was packed is damaged, of which a sum over
  // all bytes tells when the last is read.
  void read(std::span<char> out);
  std::uint64_t size() const { return part_.size; }  // of all
  std::uint64_t left() const { return part_.size - given_; }
  const std::string& name() const { return name_; }

 private:
  void unpack(std::span<char> out);
  void copy(std::span<char> out);
  bool refill();
  [[noreturn]] void fail_damaged() const;

  const InputFile* file_;
  FilePart part_;
  std::string name_;
  std::vector<char> buffer_;
  std::span<const char> unread_;  // of the buffer
  std::uint64_t next_ = 0;        // byte of the part, behind the buffer
  std::uint64_t given_ = 0;       // bytes of the content
  std::unique_ptr<z_stream_s> inflater_;
  std::uint32_t sum_ = 0;
};

}  // namespace recur
