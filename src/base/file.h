// Files: positioned reads, whole-file reads, memory maps, and replacement that is atomic. Every failure throws
// recur::Error with the path and the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/content_hash.h"

namespace recur {

// A file open for reading at any position; never loads the whole. "-" reads standard input, which is first copied
// to an unnamed temporary file so that it, too, can be read at any position and more than once. One thread at a time.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  // Bytes of a file of that name, behind so many of its lines.
  InputFile(std::string_view bytes, std::string name, std::uint64_t lines_before);
  // `first`, and what a descriptor has behind it, of a file of that name: kept on disk.
  InputFile(std::string_view first, int descriptor, std::string name);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Fills `out` from byte `offset`; returns the number of bytes read, less than out.size() only at the end.
  std::size_t read(std::uint64_t offset, std::span<char> out) const;
  std::uint64_t size() const { return size_; }
  // A hash of all its bytes. What was read from front to end is hashed on the way; only the rest is read for it.
  std::uint64_t content_hash() const;
  // For messages: the path as the user gave it, or "standard input".
  const std::string& name() const { return name_; }
  // How many lines of the file of that name stand before the first of these.
  std::uint64_t lines_before() const { return lines_before_; }

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0, lines_before_ = 0;
  std::string name_;
  mutable ContentHash hash_;  // of the bytes before hash_.size()
};

// What a file that is read is called in messages: as the user gave it, or "standard input" for "-".
std::string shown_name(const std::string& path);
// The path of a file that another names: in the folder of that one, unless it begins at the root.
std::string beside(const InputFile& file, std::string_view path);

// A read-only memory map of a whole file; valid while the object lives.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Writes beside `path` and renames over it on commit(): whatever happens before, a full disk included, the file that
// was there stays whole. Without commit() the destructor removes the temporary file; of a writer that was killed the
// next writer of the same path removes it. A second writer that is alive keeps its own, and the last to commit counts.
class OutputFile {
 public:
  // disk: what was committed outlives a power failure. memory: it need not, and what a killed writer left stays; for
  // thousands of small files that can be made anew, each of which would wait for the disk.
  enum class Safety { disk, memory };

  explicit OutputFile(std::string path, Safety safety = Safety::disk);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
  void commit();

 private:
  std::string path_, temporary_;
  Safety safety_;
  int descriptor_ = -1;
};

// A whole file, written so.
void replace_file(const std::string& path, std::span<const std::byte> bytes);
inline void replace_file(const std::string& path, std::string_view text) {
  replace_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace recur
