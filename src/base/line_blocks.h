// The lines of a file, or of standard input as they come, in blocks of whole lines: whoever uses one block after the
// other needs memory for one, and has what a pipe says before it says more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"

namespace recur {

// Where records end that are not a line each.
struct RecordEnds {
  // How many bytes of whole lines are whole records.
  std::function<std::size_t(std::string_view lines)> whole;
  // How many bytes at the beginning of the first records, which are whole, are a header; null: none.
  std::function<std::size_t(std::string_view lines)> header = {};
};

class LineBlocks {
 public:
  // "-" is standard input. Throws Error for what is no file.
  explicit LineBlocks(const std::string& path);

  // The next lines: those that are there, some megabytes at most, but at least one, of which no more than 32 MiB are
  // kept. Null at the end. Throws Error where reading fails.
  std::unique_ptr<InputFile> next();
  // The same without moving on.
  const InputFile* peek();
  // From now on blocks are of whole records, and each begins with the header. Where next() was not called.
  void end_with(RecordEnds ends);
  // All of it, where next() was not called.
  std::unique_ptr<InputFile> all();

 private:
  // Takes back what peek() read.
  void take_back();
  std::unique_ptr<InputFile> next_records();
  std::unique_ptr<InputFile> block_of(std::size_t size);
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
  RecordEnds ends_;     // of lines where they are null
  std::string header_;  // before each block but the first
};

}  // namespace recur
