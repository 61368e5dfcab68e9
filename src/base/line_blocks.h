// The lines of a file, or of standard input as they come, in blocks of whole lines: whoever uses one block after the
// other needs memory for one, and has what a pipe says before it says more.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/file.h"

namespace recur {

class LineBlocks {
 public:
  // "-" is standard input. Throws Error for what is no file.
  explicit LineBlocks(const std::string& path);

  // The next lines: those that are there, some megabytes at most, but at least one, of which no more than 32 MiB are
  // kept. Null at the end. Throws Error where reading fails.
  std::unique_ptr<InputFile> next();
  // The same without moving on.
  const InputFile* peek();
  // All of it, where next() was not called.
  std::unique_ptr<InputFile> all();

 private:
  // Appends what is there to the buffer, and waits if that is nothing.
  void read_more();
  std::size_t read(std::span<char> to);
  // Whether a block may become larger.
  bool wants_more() const;

  std::string path_;
  std::unique_ptr<InputFile> file_;  // null: standard input
  std::uint64_t offset_ = 0;         // of the file, behind the buffer
  std::string buffer_;
  std::size_t whole_ = 0;                  // bytes of it that are whole lines
  std::uint64_t lines_ = 0;                // before the buffer
  bool ended_ = false, skipping_ = false;  // skipping_: the end of a line that was not kept
  std::unique_ptr<InputFile> peeked_;
};

}  // namespace recur
